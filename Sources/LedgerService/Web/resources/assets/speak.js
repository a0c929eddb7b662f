// The microphone: its level before anybody hears it, and sending it as Opus.

import { Line } from "./peer.js";

/** Opens the microphone; rejects with one of the reasons denied, missing, insecure, failed. */
export async function openMicrophone(deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("insecure");
  const audio = { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 };
  if (deviceId) audio.deviceId = { exact: deviceId };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio });
  } catch (error) {
    const reasons = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing" };
    throw new Error(reasons[error.name] ?? "failed");
  }
}

export async function microphones() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  return devices.filter((device) => device.kind === "audioinput" && device.deviceId);
}

/** Reports the loudness of a stream ten times a second as 0…100, from -60 dB to full scale. */
export function meter(stream, onLevel) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 2048;
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let sum = 0;
    for (const sample of samples) sum += sample * sample;
    const decibels = 10 * Math.log10(sum / samples.length + 1e-12);
    onLevel(Math.round(Math.max(0, Math.min(100, ((decibels + 60) * 100) / 60))));
  }, 100);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

export class Speaking {
  /** - path: another way than the room's own stage. */
  constructor({ base, room, token, stream, path = "whip", onState, relocate }) {
    this.stream = stream;
    this.sender = null;
    this.line = new Line({
      url: `${base}/rooms/${room}/${path}`,
      token,
      relocate: relocate && (async () => `${await relocate()}/rooms/${room}/${path}`),
      prepare: (pc) => this.prepare(pc),
      onState,
    });
  }

  prepare(pc) {
    const [track] = this.stream.getAudioTracks();
    const transceiver = pc.addTransceiver(track, { direction: "sendonly", streams: [this.stream] });
    this.sender = transceiver.sender;
    const opus = RTCRtpSender.getCapabilities?.("audio")?.codecs.filter((codec) => /opus/i.test(codec.mimeType));
    if (opus?.length) transceiver.setCodecPreferences?.(opus);
  }

  /** Another microphone without a break. */
  async use(stream) {
    const [before] = this.stream.getAudioTracks();
    const [track] = stream.getAudioTracks();
    track.enabled = before.enabled;
    await this.sender?.replaceTrack(track);
    this.stream = stream;
  }

  stop(problem) {
    this.line.end(problem);
  }
}
