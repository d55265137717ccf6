// The board's voice: tones made in the browser, so that no sound file can fail to load.

const TONES = {
  // [frequency in Hz, start and length in seconds]
  help: { wave: "triangle", volume: 0.5, every: 2, notes: [[880, 0, 0.16], [1175, 0.2, 0.16], [880, 0.4, 0.16], [1175, 0.6, 0.3]] },
  technical: { wave: "sine", volume: 0.3, every: 8, notes: [[523, 0, 0.22], [392, 0.28, 0.34]] },
  lost: { wave: "sawtooth", volume: 0.25, every: 4, notes: [[233, 0, 0.5], [175, 0.55, 0.7]] },
};
const LOUDEST = 0.95;
const LOUDER_EACH_TIME = 0.06;
const REMEMBERED = "safehome.sound";

export class Sound {
  #context = null;
  #kind = null;
  #times = 0;
  #secondsUntilNext = 0;

  /** Whether tones can be heard now, as far as the browser says. */
  get on() {
    return this.#context?.state === "running";
  }

  /** Whether this tab has been told to sound; kept until the tab is closed. */
  get wanted() {
    return sessionStorage.getItem(REMEMBERED) === "on";
  }

  /** Open the sound. Browsers allow it after a press, or when this tab has been pressed in before. */
  async unlock() {
    sessionStorage.setItem(REMEMBERED, "on");
    this.#context ??= new AudioContext();
    // resume() stays pending for ever when the browser says no, hence the race.
    await Promise.race([this.#context.resume(), new Promise((done) => setTimeout(done, 400))]);
    return this.on;
  }

  /** Choose what sounds from now on: "help", "technical", "lost" or null. */
  ring(kind) {
    if (kind === this.#kind) return;
    this.#kind = kind;
    this.#times = 0;
    this.#secondsUntilNext = 0;
  }

  /** Called once a second. A tone comes back, a little louder each time, until somebody acts. */
  tick() {
    if (!this.#kind || !this.on) return;
    if (this.#secondsUntilNext <= 0) {
      this.play(this.#kind, this.#times);
      this.#times += 1;
      this.#secondsUntilNext = TONES[this.#kind].every;
    }
    this.#secondsUntilNext -= 1;
  }

  /** Sound one tone now. */
  play(kind, times = 0) {
    const { wave, volume, notes } = TONES[kind];
    const loudness = Math.min(LOUDEST, volume + times * LOUDER_EACH_TIME);
    for (const note of notes) this.#note(wave, loudness, ...note);
  }

  #note(wave, loudness, frequency, start, length) {
    const begin = this.#context.currentTime + start;
    const oscillator = new OscillatorNode(this.#context, { type: wave, frequency });
    const gain = new GainNode(this.#context, { gain: 0 });
    // A soft beginning and end: a bare switch on and off would click.
    gain.gain.setValueAtTime(0, begin);
    gain.gain.linearRampToValueAtTime(loudness, begin + 0.015);
    gain.gain.setValueAtTime(loudness, begin + length - 0.03);
    gain.gain.linearRampToValueAtTime(0, begin + length);
    oscillator.connect(gain).connect(this.#context.destination);
    oscillator.start(begin);
    oscillator.stop(begin + length);
  }
}
