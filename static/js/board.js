// The live board: rings, stays up to date, and never looks calm when it is blind.

import { sayAges, setClock } from "./board/ages.js";
import { Live } from "./board/live.js";
import { Sound } from "./board/sound.js";
import { remember, swap } from "./board/swap.js";
import { sendInPlace } from "./board/verbs.js";

const LOOK_EVERY = 15_000;
const BEHIND_MEANS_LOST = 12_000;
const TRY_AGAIN_AFTER = 2_000;
const SAID_FOR = 30_000; // an old line must not be met by whoever reads through the page later

const frame = document.getElementById("board");
const words = frame.dataset;
const board = frame.querySelector("[data-board]");
const announcer = frame.querySelector("[data-announcer]");
const soundButton = frame.querySelector("[data-turn-on-sound]");
const pageTitle = document.title;
const onShift = soundButton !== null;

const sound = new Sound();
const live = new Live(words.socketPath, { onBeat: beat, onHint: look, onClosed: look });

let lastLook = performance.now(); // when the board was last known to be right
let lastTry = lastLook;
let behindSince = null; // since when we know of something that we could not fetch
let looking = false;
let lookAgain = false;
let signedOut = false;
let wakeLock = null;

// --- Staying up to date ------------------------------------------------------------------------------------

function beat({ version, at }) {
  setClock(at);
  if (version !== board.dataset.version) look();
}

/** Fetch the board as it is now; several wishes at once become one more look. */
async function look() {
  behindSince ??= performance.now();
  if (looking) {
    lookAgain = true;
    return;
  }
  looking = true;
  lastTry = performance.now();
  try {
    await fetchBoard();
  } catch {
    showState(); // `behindSince` goes on counting: the board says so when it is long, and tries again
  } finally {
    looking = false;
  }
  if (lookAgain) {
    lookAgain = false;
    look();
  }
}

async function fetchBoard() {
  const response = await fetch(words.fragmentUrl, {
    cache: "no-store",
    redirect: "manual", // a redirect can only lead to the log-in page
    signal: AbortSignal.timeout(8_000),
  });
  signedOut = response.type === "opaqueredirect" || response.status === 401 || response.status === 403;
  if (signedOut) return showState();
  if (!response.ok) throw new Error(`The board answered ${response.status}`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  show(page.querySelector("[data-board]"));
}

function show(fresh) {
  const added = swap(board, fresh);
  lastLook = performance.now();
  behindSince = null;
  setClock(board.dataset.now);
  sayAges(board, words);
  for (const row of added) welcome(row);
  showState();
}

function welcome(row) {
  row.classList.add("alarm--new");
  announce(row.dataset.announce);
}

/** Say it to a screen reader. A line each: what comes at once must not take each other's place. */
function announce(text) {
  const line = document.createElement("span");
  line.textContent = `${text} `;
  announcer.append(line);
  setTimeout(() => line.remove(), SAID_FOR);
}

// --- What the reader sees and hears ------------------------------------------------------------------------

function state() {
  if (signedOut) return "signed-out";
  const behind = behindSince !== null && performance.now() - behindSince > BEHIND_MEANS_LOST;
  if (live.lost || behind || !navigator.onLine) return "lost";
  return live.heard ? "live" : "connecting";
}

function showState() {
  const now = state();
  if (now !== frame.dataset.live) enter(now);
  sound.ring(onShift ? tone(now) : null);
  const open = board.querySelectorAll('[data-ringing="true"]').length;
  const mark = isDead(now) ? "⚠ " : open ? `(${open}) ` : "";
  if (document.title !== mark + pageTitle) document.title = mark + pageTitle;
}

function enter(now) {
  const wasDead = isDead(frame.dataset.live);
  frame.dataset.live = now;
  if (now === "lost") frame.querySelector("[data-lost-words]").textContent = lostWords();
  for (const element of frame.querySelectorAll("[data-when]")) {
    element.hidden = !element.dataset.when.split(" ").includes(now);
  }
  if (now === "lost") announce(lostWords());
  if (now === "signed-out") announce(frame.querySelector('.lost[data-when="signed-out"]').innerText);
  if (now === "live" && wasDead) announce(words.wordsBack);
}

function isDead(name) {
  return name === "lost" || name === "signed-out";
}

function lostWords() {
  const lastContact = new Date(Date.now() - (performance.now() - lastLook));
  return words.wordsLost.replace("{time}", lastContact.toLocaleTimeString("sv-SE"));
}

/** A blind board sounds even when nothing rings; a person in need sounds before a device. */
function tone(now) {
  if (isDead(now)) return "lost";
  if (board.querySelector('[data-ringing="true"][data-category="help"]')) return "help";
  return board.querySelector('[data-ringing="true"]') ? "technical" : null;
}

async function turnOnSound() {
  await sound.unlock();
  showSound();
}

function showSound() {
  frame.dataset.sound = sound.on ? "on" : "off";
  soundButton.hidden = sound.on;
  frame.querySelector("[data-sound-is-on]").hidden = !sound.on;
}

/** Keep the screen awake for as long as the board is looked at; the browser lets go when the tab is hidden. */
async function stayAwake() {
  if (!onShift || !("wakeLock" in navigator) || document.hidden) return;
  if (wakeLock && !wakeLock.released) return;
  // Refused on low battery: the board works as well, only the screen may go dark.
  wakeLock = await navigator.wakeLock.request("screen").catch(() => null);
}

// --- Acting ------------------------------------------------------------------------------------------------

function showAnswer(page) {
  frame.querySelector("[data-messages]").replaceWith(page.querySelector("[data-messages]"));
  show(page.querySelector("[data-board]"));
}

function showNotSaved() {
  const notice = document.createElement("p");
  notice.className = "notice notice--danger";
  notice.setAttribute("role", "alert");
  notice.textContent = words.wordsNotSaved;
  frame.querySelector("[data-messages]").replaceChildren(notice);
}

// --- Start -------------------------------------------------------------------------------------------------

function everySecond() {
  live.checkUp();
  const patience = behindSince === null ? LOOK_EVERY : TRY_AGAIN_AFTER;
  if (!looking && performance.now() - lastTry > patience) look();
  sayAges(board, words);
  showState();
  sound.tick();
}

function wakeUp() {
  if (document.hidden) return;
  stayAwake();
  live.checkUp();
  look();
}

remember(board);
setClock(board.dataset.now);
sendInPlace(frame, { show: showAnswer, failed: showNotSaved });
live.connect();
new Worker(new URL("./board/ticker.js", import.meta.url)).addEventListener("message", everySecond);
document.addEventListener("visibilitychange", wakeUp);
window.addEventListener("pageshow", (event) => event.persisted && wakeUp());
window.addEventListener("online", () => live.connect());
window.addEventListener("offline", showState);
stayAwake();

if (onShift) {
  soundButton.addEventListener("click", turnOnSound);
  showSound();
  if (sound.wanted) {
    turnOnSound();
    document.addEventListener("pointerdown", () => sound.on || turnOnSound());
    document.addEventListener("keydown", () => sound.on || turnOnSound());
  }
}
