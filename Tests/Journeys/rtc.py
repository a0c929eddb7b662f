"""aiortc as an independent WHIP publisher and WHEP listener."""

import asyncio
import fractions
import time

import aiohttp
import aioice.ice
import av
import numpy
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription

from sound import RATE, tone_samples

# aioice leaves loopback out of its host candidates; these tests talk to loopback and to nothing else.
aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"] if use_ipv4 else []


class Tone(MediaStreamTrack):
    """An endless tone in frames of 20 ms, in real time."""

    kind = "audio"

    def __init__(self, hertz):
        super().__init__()
        self.samples = tone_samples(hertz, 1.0)
        self.sent = 0
        self.started = None

    async def recv(self):
        if self.started is None:
            self.started = time.monotonic()
        await asyncio.sleep(max(0, self.started + self.sent / RATE - time.monotonic()))
        begin = self.sent % len(self.samples)
        frame = av.AudioFrame.from_ndarray(self.samples[begin : begin + 960].reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.sent, fractions.Fraction(1, RATE)
        self.sent += 960
        return frame


class Refusal(Exception):
    def __init__(self, status, problem):
        self.status, self.problem = status, problem
        super().__init__(f"{status} {problem}")


async def negotiate(connection, url, token):
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with aiohttp.ClientSession() as http:
        async with http.post(url, data=connection.localDescription.sdp, headers=headers) as answer:
            if answer.status != 201:
                raise Refusal(answer.status, await answer.text())
            assert answer.headers["Content-Type"].startswith("application/sdp")
            assert answer.headers["Location"]
            await connection.setRemoteDescription(RTCSessionDescription(await answer.text(), "answer"))


async def publish(house, room, token, hertz, seconds):
    connection = RTCPeerConnection()
    connection.addTransceiver(Tone(hertz), direction="sendonly")
    await negotiate(connection, f"{house.url}/rooms/{room}/whip", token)
    await asyncio.sleep(seconds)
    await connection.close()


async def listen(house, room, token, slots, seconds):
    """Listens for some seconds; returns the decoded samples of each slot, mono."""
    connection = RTCPeerConnection()
    heard = []
    tasks = []

    async def drain(track, samples):
        while True:
            frame = await track.recv()
            block = frame.to_ndarray().reshape(-1, len(frame.layout.channels))
            samples.append(block.mean(axis=1))

    @connection.on("track")
    def on_track(track):
        samples = []
        heard.append(samples)
        tasks.append(asyncio.ensure_future(drain(track, samples)))

    for _ in range(slots):
        connection.addTransceiver("audio", direction="recvonly")
    await negotiate(connection, f"{house.url}/rooms/{room}/whep", token)
    await asyncio.sleep(seconds)
    await connection.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return [numpy.concatenate(samples) if samples else numpy.zeros(0) for samples in heard]


async def recording(house, room, token, is_over):
    """Listens with one slot until `is_over()`; returns (sequence number, time stamp, payload) of each packet in the order
    in which they came, and the decoded samples, mono."""
    connection = RTCPeerConnection()
    connection.addTransceiver("audio", direction="recvonly")
    [transceiver] = connection.getTransceivers()
    arrived, samples, tasks = [], [], []
    handle = transceiver.receiver._handle_rtp_packet

    async def note(packet, arrival_time_ms):
        arrived.append((packet.sequence_number, packet.timestamp, bytes(packet.payload)))
        await handle(packet, arrival_time_ms)

    transceiver.receiver._handle_rtp_packet = note

    @connection.on("track")
    def on_track(track):
        async def drain():
            while True:
                frame = await track.recv()
                samples.append(frame.to_ndarray().reshape(-1, len(frame.layout.channels)).mean(axis=1))

        tasks.append(asyncio.ensure_future(drain()))

    await negotiate(connection, f"{house.url}/rooms/{room}/whep", token)
    while not is_over():
        await asyncio.sleep(0.1)
    await connection.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return arrived, numpy.concatenate(samples) if samples else numpy.zeros(0)
