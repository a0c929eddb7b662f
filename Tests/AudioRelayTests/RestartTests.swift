import MediaWire
import Simulation
import Testing

@testable import AudioRelay

/// ICE restarts under sound (RFC 8445, section 9; RFC 9725, section 4.3.3).
@Suite("ICE restart")
struct RestartTests {
    private func fragments(of hall: Hall, _ guest: Guest) throws -> NegotiatedPeer {
        try #require(hall.relay.peerByID[guest.id].flatMap { hall.relay.peers[$0]?.negotiated })
    }

    /// What PATCH does: the client's fragment to the relay, the relay's to the client.
    private func restart(_ guest: Guest, in hall: Hall) throws {
        var generator = SystemRandomNumberGenerator()
        let made = guest.peer.restart(using: &generator)
        let fragment = try #require(made)
        let (restart, answer) = hall.negotiator.restart(try ICEPatch(parsing: fragment), using: &generator)
        hall.perform(.restart(guest.id, restart))
        try guest.peer.acceptRestart(fragment: answer, at: hall.now, into: &hall.outbox)
        hall.flush(from: guest.address)
    }

    @Test("Sound goes on through a restart, and the old credentials end with the new pair's nomination")
    func soundGoesOn() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 3), participant: 8)
        hall.connectAll()
        let before = try fragments(of: hall, listener)
        let said = (0..<60).map { voice(7, $0) }
        for (number, payload) in said.enumerated() {
            if number == 20 { try restart(listener, in: hall) }
            if number == 40 { try restart(speaker, in: hall) }
            hall.say(payload, speaker, level: speechLevel(number, base: 25))
            hall.run(milliseconds: 20)
        }
        #expect(listener.payloads == said)
        let after = try fragments(of: hall, listener)
        #expect(after.localFragment != before.localFragment && after.remoteFragment != before.remoteFragment)
        #expect(hall.relay.peerByFragment.count == 2)
        #expect(hall.relay.peerByFragment[before.fragment] == nil)
        #expect(hall.relay.peers.allSatisfy { $0?.restarting == nil })
        // Consent goes on under the new ones, for minutes.
        hall.run(milliseconds: 120_000)
        #expect(hall.relay.peerCount == 2 && listener.closings.isEmpty)
    }

    @Test("Until a pair is nominated the old credentials stay good, and a second restart takes the first one's place")
    func oldOnesStay() throws {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 1), participant: 1)
        hall.connectAll()
        let before = try fragments(of: hall, guest)
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<5 {
            let made = guest.peer.restart(using: &generator)
            let fragment = try #require(made)
            // The answer never arrives.
            let (restart, _) = hall.negotiator.restart(try ICEPatch(parsing: fragment), using: &generator)
            hall.perform(.restart(guest.id, restart))
        }
        #expect(hall.relay.peerByFragment.count == 2, "one in force, one on its way")
        hall.run(milliseconds: 60_000)
        #expect(hall.relay.peerCount == 1 && guest.closings.isEmpty)
        #expect(try fragments(of: hall, guest).localFragment == before.localFragment)
        hall.perform(.removePeer(guest.id, code: "removed"))
        #expect(hall.relay.peerByFragment.isEmpty && hall.relay.peerByAddress.isEmpty)
    }

    @Test("A listener whose address has changed notices the silence and is heard from again after a restart")
    func movedListener() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        listener.address = SocketAddress(ipv4: 0x0A63_0001, port: 4_242)
        func speak(_ packets: Range<Int>) {
            for number in packets {
                hall.say(voice(7, number), speaker, level: speechLevel(number, base: 25))
                hall.run(milliseconds: 20)
            }
        }
        speak(0..<50)
        #expect(listener.heard.isEmpty, "the relay sends to where the listener was")
        try restart(listener, in: hall)
        hall.run(milliseconds: 500)
        speak(50..<100)
        #expect(listener.payloads == (50..<100).map { voice(7, $0) })
    }

    @Test("A client tells that the server is silent, again and again, and gives up after thirty seconds as before")
    func stalls() throws {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 1), participant: 1)
        hall.connectAll()
        hall.run(milliseconds: 60_000)
        #expect(guest.stalls == 0)
        hall.link.conditions.lostPerMille = 1_000
        hall.run(milliseconds: 20_000)
        #expect((1...2).contains(guest.stalls) && guest.closings.isEmpty)
        hall.run(milliseconds: 30_000)
        #expect(guest.closings == [.consentLost])
    }

    @Test(
        "Fragments that are none are refused",
        arguments: [
            "", "a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901", "m=audio 9\r\n", "nonsense",
            "a=ice-ufrag:ab\r\na=ice-pwd:0123456789012345678901\r\n",
            String(repeating: "a=candidate:x\r\n", count: 2_000),
        ])
    func badFragments(text: String) {
        #expect(throws: NegotiationRefusal.self) { try ICEPatch(parsing: text) }
    }

    @Test("A fragment without a section, and one as browsers send it, are read")
    func goodFragments() throws {
        let credentials = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\n"
        #expect(try ICEPatch(parsing: credentials).remoteFragment == "EsAw")
        let whole =
            "a=group:BUNDLE 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" + credentials
            + "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n"
        #expect(try ICEPatch(parsing: whole).remoteFragment == "EsAw")
    }
}
