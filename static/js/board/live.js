// The socket that tells the board to look again. It carries hints, never the truth: that is fetched.

const SILENCE_MEANS_LOST = 12_000;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 8_000;

export class Live {
  #socket = null;
  #failures = 0;
  #lastBeat = performance.now();
  #retry = null;

  constructor(path, { onBeat, onHint, onClosed }) {
    this.url = new URL(path, location.href.replace(/^http/, "ws"));
    this.handlers = { beat: onBeat, hint: onHint };
    this.onClosed = onClosed;
  }

  /** Whether the server has said anything yet. */
  heard = false;

  /** Whether the server has been silent for too long. */
  get lost() {
    return performance.now() - this.#lastBeat > SILENCE_MEANS_LOST;
  }

  connect() {
    clearTimeout(this.#retry);
    this.#drop();
    const socket = new WebSocket(this.url);
    socket.addEventListener("message", (event) => this.#hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => this.#closed(socket));
    this.#socket = socket;
  }

  /** A socket can look open long after the cable is out; start over when it has been silent. */
  checkUp() {
    if (this.lost && this.#socket?.readyState === WebSocket.OPEN) this.connect();
  }

  #hear(message) {
    this.#failures = 0;
    this.#lastBeat = performance.now();
    this.heard = true;
    this.handlers[message.type]?.(message);
  }

  #drop() {
    const old = this.#socket;
    this.#socket = null;
    old?.close();
  }

  #closed(socket) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.onClosed();
    // Jitter, so that a hundred boards do not all come back in the same instant after a restart.
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#failures) * (0.5 + Math.random() / 2);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.connect(), wait);
  }
}
