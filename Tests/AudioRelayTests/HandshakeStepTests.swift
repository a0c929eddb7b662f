import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Handshakes off the media thread")
struct HandshakeStepTests {
    @Test("Twenty people connect and hear while every step takes its time elsewhere")
    func connects() throws {
        let hall = try Hall()
        hall.handshakeMilliseconds = 7
        let speaker = try hall.admit(.publish, participant: 1)
        let listeners = try (0..<20).map { try hall.admit(.listen(slots: 3), participant: UInt32(10 + $0)) }
        hall.connectAll()
        for number in 0..<20 {
            hall.say(voice(1, number), speaker, level: 30)
            hall.run(milliseconds: 20)
        }
        for listener in listeners { #expect(listener.payloads == (0..<20).map { voice(1, $0) }) }
        for guest in hall.guests { #expect(hall.events.contains(.connected(guest.id))) }
    }

    @Test(
        "On a network that loses, repeats and reorders, and with steps slower than the client's patience",
        arguments: 1...5 as ClosedRange<UInt64>)
    func slow(_ seed: UInt64) throws {
        let hall = try Hall(
            .init(lostPerMille: 200, repeatedPerMille: 200, delayMilliseconds: 1...60), seed: seed)
        hall.handshakeMilliseconds = 150
        for number in 0..<6 { try hall.admit(.listen(slots: 1), participant: UInt32(number)) }
        hall.run(milliseconds: 15_000)
        for guest in hall.guests { #expect(guest.isConnected, "seed \(seed)") }
        #expect(hall.relay.peerCount == 6)
    }

    @Test("Another certificate than the promised one is refused as well")
    func wrongCertificate() throws {
        let hall = try Hall()
        hall.handshakeMilliseconds = 5
        let other = try RelayCertificate().fingerprint.attribute
        let guest = try hall.admit(.listen(slots: 1), participant: 1) { offer in
            offer.split(separator: "\r\n").map {
                $0.hasPrefix("a=fingerprint:") ? "a=fingerprint:\(other)" : String($0)
            }.joined(separator: "\r\n") + "\r\n"
        }
        hall.run(milliseconds: 2_000)
        #expect(hall.events.contains(.closed(guest.id, .handshakeFailed("fingerprint"), MediaFlow())))
        #expect(hall.relay.peerCount == 0)
    }

    @Test("A peer that goes while its step is out is gone: the step comes back to nobody")
    func goes() throws {
        let hall = try Hall()
        // Longer than everything here.
        hall.handshakeMilliseconds = 10_000
        let guest = try hall.admit(.listen(slots: 1), participant: 1)
        hall.run(milliseconds: 300)
        #expect(!guest.isConnected && hall.relay.peerCount == 1)
        hall.perform(.removePeer(guest.id, code: "refunded"))
        #expect(hall.relay.peerCount == 0)
        hall.run(milliseconds: 11_000)
        #expect(!guest.isConnected && hall.relay.peerCount == 0 && hall.relay.roomCount == 0)
        #expect(hall.events.filter { if case .closed = $0 { true } else { false } }.count == 1)
    }

    @Test("What a peer sends while its step is out waits, up to a bound")
    func bounded() throws {
        let hall = try Hall()
        hall.handshakeMilliseconds = 60_000
        let guest = try hall.admit(.listen(slots: 1), participant: 1)
        hall.run(milliseconds: 100)
        for _ in 0..<100 { hall.inject([22, 254, 253] + [UInt8](repeating: 0, count: 900), from: guest.address) }
        #expect(hall.relay.drops[.handshakeBusy] > 90)
        let peer = try #require(hall.relay.peers.compactMap { $0 }.first)
        #expect(peer.dtls == nil && peer.waitingDTLS.count == Relay.maximumWaitingDatagrams)
    }
}
