// Testing sound before the room begins: what the microphone sends comes back from the gateway, seconds later, to nobody
// but this page.

import { Problem } from "./api.js";
import { Line } from "./peer.js";
import { Speaking } from "./speak.js";

/** Long enough to say a sentence and then hear it, so that nobody talks into their own voice. */
export const delaySeconds = 3;

export class Rehearsal {
  /** - onState: hears what the way back does, and once "ended" with a problem or nothing. */
  constructor({ base, room, token, stream, onState, relocate }) {
    this.onState = onState;
    // Made inside the visitor's tap, which is what browsers ask for before they let a page be heard.
    this.context = new AudioContext();
    this.delay = this.context.createDelay(delaySeconds + 1);
    this.delay.delayTime.value = delaySeconds;
    this.delay.connect(this.context.destination);
    this.elements = [];
    this.sending = new Speaking({
      base, room, token, stream, relocate, path: "rehearsal/whip", onState: this.once(),
    });
    this.hearing = new Line({
      url: `${base}/rooms/${room}/rehearsal/whep`,
      token,
      relocate: relocate && (async () => `${await relocate()}/rooms/${room}/rehearsal/whep`),
      prepare: (pc) => this.prepare(pc),
      onState: this.once((state) => this.onState?.(state)),
    });
  }

  /**
   * What hears the states of one line. A line that closes after it stood has most often been replaced by another window
   * with the same pass: coming back by itself would end that one, and so on without end.
   */
  once(tell = () => {}) {
    let stood = false;
    return (state, problem) => {
      if (state === "ended" || (stood && state !== "connected")) {
        this.stop(problem);
        return;
      }
      stood ||= state === "connected";
      tell(state);
    };
  }

  prepare(pc) {
    const { receiver } = pc.addTransceiver("audio", { direction: "recvonly" });
    const back = new MediaStream([receiver.track]);
    // Chromium gives sound of a connection to Web Audio only while some element plays it, be it mute.
    const element = new Audio();
    element.muted = true;
    element.srcObject = back;
    element.play().catch(() => {});
    this.elements.push(element);
    this.context.createMediaStreamSource(back).connect(this.delay);
  }

  async use(stream) {
    await this.sending.use(stream);
  }

  stop(problem = null) {
    if (!this.onState) return;
    const tell = this.onState;
    this.onState = null;
    this.sending.stop();
    this.hearing.end();
    for (const element of this.elements) element.srcObject = null;
    this.context.close();
    tell("ended", problem instanceof Problem ? problem : null);
  }
}
