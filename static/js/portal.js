// Printing by a button of our own. Without scripts the browser's own menu prints the same page.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.parentElement.querySelector("[data-print-hint]").hidden = true;
  button.addEventListener("click", () => window.print());
}
