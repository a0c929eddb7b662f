// What happens in a room, as Server-Sent Events. EventSource cannot send a ticket in a header, so the stream is read by
// fetch; a ticket in the address would end up in logs.

import { send } from "./api.js";

// The gateway sends a comment every 15 seconds: after 40 without a byte the line is dead.
const silenceMilliseconds = 40000;

/** Splits a stream of text into events (WHATWG HTML, "Interpreting an event stream"). */
export function eventParser(onEvent) {
  let rest = "";
  let name = "";
  let data = [];
  let id = "";
  return (chunk) => {
    // An event of a room has a few thousand characters; what grows beyond a million is no event stream.
    if (rest.length > 1_000_000) rest = "";
    rest += chunk;
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop();
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) onEvent(name || "message", data.join("\n"), id);
        name = "";
        data = [];
      } else if (line.startsWith("id:")) {
        // Stays for the events behind it, as the standard has it.
        id = line.slice(3).trim();
      } else if (line.startsWith("event:")) {
        name = line.slice(6).trim();
      } else if (line.startsWith("data:")) {
        data.push(line.slice(5).replace(/^ /, ""));
      }
    }
  };
}

/**
 * Follows a room until `stop()` is called or a refusal arrives; with an admission, what ends that one is heard of.
 * A line that broke goes on exactly behind the last event that arrived; where the gateway can't tell any more what was
 * missed, the whole state comes again. Once the admission has ended nothing is left to follow.
 * `where` is {base, room, token, admission, relocate}; its base and token may be replaced, and a line that is opened anew
 * uses those. Without an admission the line looks by `relocate` where the room is, once its gateway does not answer.
 * Handlers: state(value), speaking(value), you(value), ended(value), end(value), warning(value), refused(problem).
 */
export function followRoom(where, handlers) {
  const { room, admission = null } = where;
  const query = admission ? `?admission=${admission}` : "";
  const stopping = new AbortController();
  let waitMilliseconds = 500;
  let seen = "";
  let isOver = false;
  let failures = 0;

  async function once() {
    const line = new AbortController();
    const giveUp = () => line.abort();
    stopping.signal.addEventListener("abort", giveUp);
    let silence = setTimeout(giveUp, silenceMilliseconds);
    try {
      const response = await send("GET", `${where.base}/rooms/${room}/events${query}`, {
        headers: { Accept: "text/event-stream, application/problem+json", ...(seen && { "Last-Event-ID": seen }) },
        bearer: where.token,
        signal: line.signal,
        timeout: 0,
      });
      const parse = eventParser((name, text, id) => {
        if (id) seen = id;
        let value;
        try {
          value = JSON.parse(text);
        } catch {
          return;
        }
        if (name === "ended" && admission && value.admission === admission) isOver = true;
        handlers[name === "reset" ? "state" : name]?.(value);
      });
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        waitMilliseconds = 500;
        failures = 0;
        clearTimeout(silence);
        silence = setTimeout(giveUp, silenceMilliseconds);
        parse(value);
      }
    } finally {
      clearTimeout(silence);
      stopping.signal.removeEventListener("abort", giveUp);
      line.abort();
    }
  }

  async function follow() {
    while (!stopping.signal.aborted) {
      try {
        await once();
      } catch (error) {
        if (stopping.signal.aborted) return;
        const mayBeElsewhere = !admission && where.relocate && failures < 10;
        if (error.status && !error.mayPass && !(mayBeElsewhere && error.code === "room_elsewhere")) {
          handlers.refused?.(error);
          return;
        }
        failures += 1;
        if (mayBeElsewhere && (error.code === "room_elsewhere" || failures % 2 === 0))
          where.base = await where.relocate().catch(() => where.base);
      }
      if (isOver) return;
      await new Promise((resolve) => setTimeout(resolve, waitMilliseconds));
      waitMilliseconds = Math.min(waitMilliseconds * 2, 8000);
    }
  }

  follow();
  return { stop: () => stopping.abort() };
}
