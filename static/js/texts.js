// While somebody writes: the figures beside each field follow, counted by the server. Saving shows the same.

const PAUSE = 500;
const form = document.querySelector("[data-measure]");

/** Put the server's blocks in place of those on the page. */
function show(page) {
  for (const block of page.querySelectorAll("[data-figures]")) {
    const here = form.querySelector(`[data-figures="${block.dataset.figures}"]`);
    here?.replaceChildren(...block.childNodes);
  }
}

let asked = 0;

async function measure() {
  const mine = ++asked;
  const answer = await fetch(form.dataset.measure, { method: "POST", body: new FormData(form), credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (mine === asked) show(page);
}

if (form) {
  let waiting;
  let saved = true;
  form.addEventListener("input", () => {
    saved = false;
    clearTimeout(waiting);
    waiting = setTimeout(() => measure().catch(() => {}), PAUSE);
  });
  form.addEventListener("submit", () => { saved = true; });
  addEventListener("beforeunload", (event) => { if (!saved) event.preventDefault(); });
}
