// "12 min" grows old while nobody reloads: ages are said anew from the server's clock, not this computer's.

let ahead = 0; // how far the server's clock is ahead of ours, in milliseconds

/** Learn what time the server has. */
export function setClock(iso) {
  ahead = Date.parse(iso) - Date.now();
}

/** Say every age within `root` anew; safehome/ui/templatetags/ui.py says the same. */
export function sayAges(root, words) {
  const now = Date.now() + ahead;
  for (const time of root.querySelectorAll("time[data-at]")) {
    const text = inWords(now - Date.parse(time.dataset.at), words);
    if (time.textContent !== text) time.textContent = text;
  }
}

function inWords(milliseconds, words) {
  const total = Math.max(0, Math.floor(milliseconds / 60000));
  const minutes = total % 60;
  const hours = Math.floor(total / 60);
  if (total < 1) return words.ageNow;
  if (hours < 1) return fill(words.ageMinutes, { minutes });
  if (hours < 24) return fill(words.ageHours, { hours, minutes });
  return fill(words.ageDays, { days: Math.floor(hours / 24), hours: hours % 24 });
}

function fill(pattern, values) {
  return pattern.replace(/%\((\w+)\)d/g, (_match, name) => values[name]);
}
