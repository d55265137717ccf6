// An open page about a person loses what may no longer be shown, within a beat of the decision.
//
// An element with data-lives="URL" asks that address for a version every few seconds. When the version changes, or the
// address says no, the page is fetched anew and the element's content replaced; when the page says no too, the content
// is taken away and the page says so. Nothing is hidden silently, and nothing is left to look fresh when it is not.

const BEAT = 5_000; // nothing that may not be shown stays longer than this
const SHORTEST = 3_500; // jitter, so that a hundred pages do not ask in the same instant
const NO_ANSWER = 4_000;
const SILENCE_MEANS_OLD = 12_000;
const NOT_SHOWN = "not shown";

for (const element of document.querySelectorAll("[data-lives]")) watch(element);

function watch(element) {
  let version = element.dataset.livesVersion; // without it the first answer counts
  let heard = performance.now();
  let timer = null;
  let asking = false;

  async function beat() {
    clearTimeout(timer);
    if (asking) return;
    asking = true;
    try {
      const now = await ask(element.dataset.lives);
      if (now !== (version ?? now)) await renew(element);
      version = now;
      heard = performance.now();
      sayOld(element, false);
    } catch {
      if (performance.now() - heard > SILENCE_MEANS_OLD) sayOld(element, true);
    } finally {
      asking = false;
    }
    if (element.dataset.lives) timer = setTimeout(beat, SHORTEST + Math.random() * (BEAT - SHORTEST - 500));
  }

  // A tab that has slept asks before anybody reads it, and so does a page that the browser has kept.
  document.addEventListener("visibilitychange", () => document.hidden || !element.dataset.lives || beat());
  window.addEventListener("pageshow", (event) => event.persisted && element.dataset.lives && beat());
  window.addEventListener("online", () => element.dataset.lives && beat());
  beat();
}

/** The version now, or that nothing is shown; raises when there is no answer. */
async function ask(url) {
  const response = await get(url);
  if (isNo(response)) return NOT_SHOWN;
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  return (await response.json()).version;
}

/** Put what may be shown now in place of what was; raises when there is no answer. */
async function renew(element) {
  const response = await get(location.href);
  if (isNo(response)) return takeAway(element);
  if (!response.ok) throw new Error(`The page answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = element.id ? page.getElementById(element.id) : page.querySelector("[data-lives]");
  if (!fresh) return takeAway(element);
  keepAnswers(element, fresh);
  element.replaceChildren(...fresh.childNodes);
  document.title = page.title;
  if (fresh.dataset.lives) element.dataset.lives = fresh.dataset.lives;
  else delete element.dataset.lives;
}

function takeAway(element) {
  element.replaceChildren(document.getElementById("lives-gone").content.cloneNode(true));
  element.setAttribute("role", "alert");
  document.title = "Safehome";
  delete element.dataset.lives;
}

/** What somebody is writing is theirs. */
function keepAnswers(element, fresh) {
  for (const field of element.querySelectorAll("textarea[name], select[name], input[name]:not([type=hidden])")) {
    const same = fresh.querySelector(`[name="${CSS.escape(field.name)}"][value="${CSS.escape(field.value)}"]`);
    const other = fresh.querySelector(`[name="${CSS.escape(field.name)}"]`);
    if (field.type === "radio" || field.type === "checkbox") {
      if (same) same.checked = field.checked;
    } else if (other) {
      other.value = field.value;
    }
  }
}

function sayOld(element, old) {
  const said = element.previousElementSibling?.matches("[data-lives-old]") ? element.previousElementSibling : null;
  if (old === Boolean(said)) return;
  if (said) return said.remove();
  const words = document.createElement("div");
  words.dataset.livesOld = "";
  words.setAttribute("role", "status");
  words.append(document.getElementById("lives-old").content.cloneNode(true));
  element.before(words);
}

/** A redirect can only lead to the log-in page. */
function get(url) {
  return fetch(url, { cache: "no-store", redirect: "manual", signal: AbortSignal.timeout(NO_ANSWER) });
}

function isNo(response) {
  return response.type === "opaqueredirect" || [401, 403, 404, 410].includes(response.status);
}
