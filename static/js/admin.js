// Names for the fields that Django admin makes by script: a choice from many is announced with its label and its value.

function nameOf(select) {
  return select.labels[0]?.textContent.replace(/:\s*$/, "").trim() ?? select.getAttribute("aria-label");
}

function nameChoice(select) {
  const combobox = select.parentElement.querySelector(".select2-selection[role=combobox]");
  const chosen = combobox?.querySelector(".select2-selection__rendered");
  if (!chosen) return;
  combobox.id = `${select.id}-combobox`;
  combobox.setAttribute("aria-label", nameOf(select) ?? "");
  combobox.setAttribute("aria-labelledby", `${combobox.id} ${chosen.id}`);
  combobox.setAttribute("aria-controls", `select2-${select.id}-results`);
  chosen.removeAttribute("role");
  chosen.removeAttribute("aria-readonly");
}

function nameChoices() {
  document.querySelectorAll("select.admin-autocomplete[data-select2-id]").forEach(nameChoice);
}

// The choices are dressed when the page has loaded, and again with each row that is added.
new MutationObserver((changes) => {
  const isChoice = (node) => node.nodeType === Node.ELEMENT_NODE && node.matches(".select2-container, tr");
  if (changes.some(({ addedNodes }) => [...addedNodes].some(isChoice))) nameChoices();
}).observe(document.body, { childList: true, subtree: true });
nameChoices();
document.addEventListener("focusin", ({ target }) => {
  if (!target.matches(".select2-search__field")) return;
  const open = document.querySelector(".select2-container--open .select2-selection[aria-label]");
  target.setAttribute("aria-label", open?.getAttribute("aria-label") ?? "");
});
