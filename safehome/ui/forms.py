"""How forms look: label, hint, error and control tied together, and a summary of errors on top.

Every form of the product is written `{{ form }}` (or `{{ form.name.as_field_group }}`) and gets this; Django's
admin draws its own fields and is left alone.
"""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    """Django's widgets inside our own form and field templates (safehome/ui/templates/forms)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
