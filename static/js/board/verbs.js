// Taking an alarm without leaving the board, so that the sound stays on. Without scripts the same forms load a page.

/** Send a verb's form and hand the page that comes back to `show`; `failed` is told when nothing came back. */
export function sendInPlace(root, { show, failed }) {
  root.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-verb]");
    if (!form) return;
    event.preventDefault();
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    try {
      await send(form, show);
    } catch {
      failed();
    } finally {
      form.ariaBusy = "false";
    }
  });
}

async function send(form, show) {
  const response = await fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form)),
    signal: AbortSignal.timeout(10_000),
  });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (page.querySelector("[data-board]")) show(page);
  else location.assign(response.redirected ? response.url : location.href);
}
