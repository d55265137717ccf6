// Put a freshly fetched board in place of the old one, touching only what differs: a button that is being
// pressed, the row that has the keyboard's focus and the reader's place on the page stay as they are.

const signatures = new WeakMap();

/** What a piece says, apart from what differs at every rendering: the form token and the ages. */
function signature(element) {
  if (!signatures.has(element)) {
    const copy = element.cloneNode(true);
    for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
    for (const time of copy.querySelectorAll("time[data-at]")) time.textContent = "";
    signatures.set(element, copy.outerHTML);
  }
  return signatures.get(element);
}

/** Remember how the page came from the server, before scripts and readers change it. */
export function remember(board) {
  for (const piece of board.querySelectorAll("[data-region], [data-alarm]")) signature(piece);
}

/** Bring `board` up to date from `fresh`. Returns the rows that were not there before. */
export function swap(board, fresh) {
  const focus = placeOfFocus(board);
  for (const region of fresh.querySelectorAll("[data-region]")) swapRegion(board, region);
  const added = [...fresh.querySelectorAll("[data-list]")].flatMap((list) => swapList(board, list));
  Object.assign(board.dataset, fresh.dataset);
  restoreFocus(board, focus);
  return added;
}

function swapRegion(board, fresh) {
  const old = board.querySelector(`[data-region="${fresh.dataset.region}"]`);
  if (signature(old) === signature(fresh)) return;
  const wasOpen = old.querySelector("details")?.open;
  const details = fresh.querySelector("details");
  if (details && wasOpen !== undefined) details.open = wasOpen;
  old.replaceWith(fresh);
}

function swapList(board, freshList) {
  const list = board.querySelector(`[data-list="${freshList.dataset.list}"]`);
  const old = new Map([...list.children].map((row) => [row.dataset.alarm, row]));
  const rows = [...freshList.children];
  const kept = rows.map((row) => sameOrFresh(old.get(row.dataset.alarm), row));
  for (const row of list.querySelectorAll("[data-alarm]")) if (!kept.includes(row)) row.remove();
  kept.forEach((row, place) => {
    if (list.children[place] !== row) list.insertBefore(row, list.children[place] ?? null);
  });
  return rows.filter((row) => !old.has(row.dataset.alarm));
}

function sameOrFresh(old, fresh) {
  return old && signature(old) === signature(fresh) ? old : fresh;
}

function placeOfFocus(board) {
  const element = document.activeElement;
  if (!board.contains(element)) return null;
  const row = element.closest("[data-alarm]");
  return {
    element,
    alarm: row?.dataset.alarm,
    key: element.dataset.key,
    heading: element.closest("section")?.querySelector("h2")?.id,
  };
}

function restoreFocus(board, focus) {
  if (!focus || board.contains(focus.element)) {
    focus?.element.focus({ preventScroll: true }); // a moved row loses its focus in some browsers
    return;
  }
  const row = focus.alarm && board.querySelector(`[data-alarm="${focus.alarm}"]`);
  const target =
    row?.querySelector(`[data-key="${focus.key}"]`) ??
    row?.querySelector(".alarm-verbs :is(button, a)") ??
    row?.querySelector("a") ??
    document.getElementById(focus.heading);
  target?.focus({ preventScroll: true });
}
