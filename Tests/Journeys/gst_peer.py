"""GStreamer's webrtcbin as a WHEP listener or a WHIP publisher. Runs on the system's Python, where its bindings are.

    /usr/bin/python3 gst_peer.py listen URL TOKEN SECONDS FILE.wav
    /usr/bin/python3 gst_peer.py publish URL TOKEN SECONDS HERTZ
"""

import os
import sys
import urllib.error
import urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

OPUS = "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2"


def fail(text):
    """Ends the process from wherever it is: an exception in a callback would only be printed."""
    print(f"gst_peer: {text}", file=sys.stderr, flush=True)
    os._exit(1)


class Peer:
    """One session by one HTTP exchange, once all candidates are gathered."""

    def __init__(self, url, token, seconds):
        self.url, self.token, self.seconds = url, token, seconds
        self.loop = GLib.MainLoop()
        self.pipe = Gst.Pipeline.new()
        self.bin = Gst.ElementFactory.make("webrtcbin") or fail("no webrtcbin: gstreamer1.0-plugins-bad is missing")
        self.bin.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.pipe.add(self.bin)
        self.bin.connect("notify::ice-gathering-state", self.on_gathering)
        self.bin.connect("notify::connection-state", self.on_connection)
        self.is_asked = self.is_connected = False
        bus = self.pipe.get_bus()
        bus.add_signal_watch()
        bus.connect("message::error", lambda _, message: fail(message.parse_error()))
        bus.connect("message::eos", lambda *_: self.loop.quit())

    def run(self):
        self.pipe.set_state(Gst.State.PLAYING)
        GLib.timeout_add_seconds(30, lambda: self.is_connected or fail("no connection within 30 seconds"))
        GLib.idle_add(self.offer)
        self.loop.run()
        self.pipe.set_state(Gst.State.NULL)

    def offer(self):
        def on_offer(promise, *_):
            promise.wait()
            reply = promise.get_reply()
            offer = reply.get_value("offer")
            taken = Gst.Promise.new()
            self.bin.emit("set-local-description", offer, taken)
            taken.interrupt()

        self.bin.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer))
        return False

    def on_gathering(self, *_):
        done = self.bin.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if done and not self.is_asked:
            self.is_asked = True
            GLib.idle_add(self.ask)

    def ask(self):
        local = self.bin.get_property("local-description")
        request = urllib.request.Request(self.url, data=local.sdp.as_text().encode(), method="POST")
        request.add_header("Content-Type", "application/sdp")
        request.add_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                text = answer.read().decode()
        except urllib.error.HTTPError as error:
            fail(f"{error.code} {error.read().decode()}")
        _, message = GstSdp.SDPMessage.new_from_text(text)
        answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.bin.emit("set-remote-description", answer, Gst.Promise.new())
        return False

    def on_connection(self, *_):
        state = self.bin.get_property("connection-state")
        if state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED and not self.is_connected:
            self.is_connected = True
            print("connected", flush=True)
            GLib.timeout_add(int(self.seconds * 1000), self.end)
        if state == GstWebRTC.WebRTCPeerConnectionState.FAILED:
            fail("the connection failed")

    def end(self):
        self.loop.quit()
        return False


class Listener(Peer):
    """Writes what the first voice plays as a WAV file."""

    def __init__(self, url, token, seconds, file):
        super().__init__(url, token, seconds)
        self.sink = None
        self.file = file
        for _ in range(3):
            caps = Gst.Caps.from_string(OPUS)
            self.bin.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, caps)
        self.bin.connect("pad-added", self.on_pad)

    def on_pad(self, _, pad):
        if pad.get_direction() != Gst.PadDirection.SRC:
            return
        # The first slot is where a single voice is; the others go nowhere.
        words = "rtpopusdepay ! opusdec plc=true ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,channels=1,rate=48000"
        if self.sink is None:
            words += f" ! wavenc ! filesink name=file sync=false location={self.file}"
        else:
            words += " ! fakesink sync=false"
        player = Gst.parse_bin_from_description(words, True)
        self.sink = self.sink or player
        self.pipe.add(player)
        player.sync_state_with_parent()
        pad.link(player.get_static_pad("sink"))

    def end(self):
        if self.sink is None:
            fail("no sound came")
        # The file's head is written when the sound ends.
        self.sink.get_static_pad("sink").send_event(Gst.Event.new_eos())
        GLib.timeout_add(500, super().end)
        return False


class Publisher(Peer):
    def __init__(self, url, token, seconds, hertz):
        super().__init__(url, token, seconds)
        words = (
            f"audiotestsrc is-live=true wave=sine freq={hertz} volume=0.4 ! audio/x-raw,rate=48000,channels=1"
            f' ! opusenc frame-size=20 ! rtpopuspay pt=111 ! capsfilter caps="{OPUS}"')
        source = Gst.parse_bin_from_description(words, True)
        self.pipe.add(source)
        source.link(self.bin)
        transceiver = self.bin.emit("get-transceiver", 0)
        transceiver.set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)


if __name__ == "__main__":
    Gst.init(None)
    what, address, ticket, length, last = sys.argv[1:]
    peer = Listener(address, ticket, float(length), last) if what == "listen" else Publisher(address, ticket, float(length), last)
    peer.run()
