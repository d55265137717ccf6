// Small comforts on every page; all of it works without.

import "./lives.js";

/** Close open menus when the reader turns elsewhere or presses Escape. */
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (menu !== except) menu.open = false;
  }
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details[data-menu]")));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details[data-menu][open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

// After a failed form the reader starts at the list of what to put right.
document.querySelector("[data-take-focus]")?.focus();
