"""What every page is made of: layout, components, forms, charts, and the reader's own choices of display."""
