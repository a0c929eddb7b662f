// Listening: three receiving audio slots, as many as a room has voices at once, and one audio element for each.

import { Line } from "./peer.js";

const slots = 3;

export class Listening {
  /** - onBlocked: the browser wants one more tap before it plays. */
  constructor({ base, room, token, onState, onBlocked, parent, relocate }) {
    this.onBlocked = onBlocked;
    // Made inside the visitor's tap, which is what browsers ask for before they let a page be heard.
    this.elements = Array.from({ length: slots }, () => {
      const audio = document.createElement("audio");
      audio.autoplay = true;
      audio.setAttribute("playsinline", "");
      parent.append(audio);
      return audio;
    });
    this.line = new Line({
      url: `${base}/rooms/${room}/whep`,
      token,
      relocate: relocate && (async () => `${await relocate()}/rooms/${room}/whep`),
      prepare: (pc) => this.prepare(pc),
      onState: (state, problem) => {
        if (state === "ended") this.silence();
        onState(state, problem);
      },
    });
  }

  prepare(pc) {
    this.elements.forEach((audio) => {
      const { receiver } = pc.addTransceiver("audio", { direction: "recvonly" });
      audio.srcObject = new MediaStream([receiver.track]);
      audio.play().catch((error) => {
        if (error.name === "NotAllowedError") this.onBlocked();
      });
    });
  }

  /** After the visitor's second tap. */
  unblock() {
    return Promise.all(this.elements.map((audio) => audio.play()));
  }

  /** 0…1. Some phones leave the volume to their buttons and ignore this. */
  setVolume(volume, muted) {
    for (const audio of this.elements) {
      audio.volume = volume;
      audio.muted = muted;
    }
  }

  silence() {
    for (const audio of this.elements) {
      audio.pause();
      audio.srcObject = null;
      audio.remove();
    }
  }

  /** - gone: the gateway has ended it already, so there is nothing to take leave of. */
  stop(problem, gone = false) {
    this.line.end(problem, gone);
  }
}
