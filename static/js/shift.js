// Before a shift: let the sound through, and hear it once.

import { Sound } from "./board/sound.js";

const form = document.querySelector("[data-shift]");
const test = form.querySelector("[data-sound-test]");
const result = test.querySelector("[data-played]");
const sound = new Sound();

function words(name) {
  return test.querySelector(`template[${name}]`).content.textContent;
}

async function play() {
  const heard = await sound.unlock();
  if (heard) sound.play("help");
  result.textContent = words(heard ? "data-played-words" : "data-silent-words");
  form.elements.sound_tested.value = heard ? "1" : "";
}

test.hidden = false;
test.querySelector("[data-play]").addEventListener("click", play);
// The press that starts the shift is a press too: it opens the sound for the board that follows.
form.addEventListener("submit", () => sound.unlock());
