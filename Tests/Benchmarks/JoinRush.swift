import AudioRelay
import Foundation
import MediaWire

/// For how long people who listen wait when 200 come at one moment: the longest turn of the media thread, with the steps
/// of handshakes taken in it and elsewhere.
struct JoinRush {
    private static let joins = 200

    static func measure(into table: inout MeasurementTable) throws {
        Progress.say("\(joins) join at one moment")
        let inline = try longestTurn(handingOut: false)
        let elsewhere = try longestTurn(handingOut: true)
        table.rows.append(
            Measurement(what: "\(joins) join: longest turn, handshakes in it", cpuMicroseconds: inline * 1e6))
        var row = Measurement(
            what: "\(joins) join: longest turn, handshakes elsewhere", cpuMicroseconds: elsewhere * 1e6)
        row.ratio = String(format: "%.2f x the other", elsewhere / inline)
        table.rows.append(row)
        table.notes.append(
            "A turn takes at most 256 datagrams, four batches; here what all clients have for it in one millisecond is one turn."
        )
    }

    private final class Client {
        var peer: ClientPeer
        var outbox = Outbox(bytes: 1 << 12)
        let address: SocketAddress

        init(_ peer: consuming ClientPeer, at address: SocketAddress) {
            self.peer = peer
            self.address = address
        }

        func take() -> [[UInt8]] {
            var taken: [[UInt8]] = []
            outbox.forEach { bytes, _ in taken.append(Array(bytes)) }
            outbox.removeAll()
            return taken
        }
    }

    /// In seconds of the thread's CPU.
    private static func longestTurn(handingOut: Bool) throws -> Double {
        let certificate = try RelayCertificate()
        let theirs = try RelayCertificate()
        let address = SocketAddress(ipv4: 0xC000_0201, port: 40_000)
        let negotiator = Negotiator(candidates: [address], fingerprint: certificate.fingerprint)
        var relay = try Relay(certificate: certificate)
        relay.handsOutHandshakes = handingOut
        var outbox = Outbox()
        var now = MonotonicInstant(nanoseconds: 1_000_000_000)
        var generator = SystemRandomNumberGenerator()
        let clients = try (0..<joins).map { number in
            let peer = try ClientPeer(.listen(slots: 3), certificate: theirs, candidates: [], using: &generator)
            let client = Client(peer, at: SocketAddress(ipv4: 0x0A00_0000 + UInt32(number), port: 9_000))
            let negotiation = try negotiator.answer(
                to: client.peer.offer, as: .listener, in: RoomKey(1), using: &generator)
            relay.perform(
                .addPeer(
                    PeerAdmission(
                        peer: PeerID(UInt64(number + 1)), room: RoomKey(1), negotiated: negotiation.peer,
                        participant: UInt32(number + 1), mayPublish: false,
                        expiresAt: now.advanced(byMilliseconds: 3_600_000))), at: now, into: &outbox)
            try client.peer.accept(answer: negotiation.answer, at: now, into: &client.outbox)
            return client
        }
        let byAddress = Dictionary(uniqueKeysWithValues: clients.map { ($0.address, $0) })
        var longest = 0.0
        var steps: [HandshakeStep] = []
        for _ in 0..<2_000 where !clients.allSatisfy({ $0.peer.isConnected }) {
            let arrivals = clients.flatMap { client in client.take().map { ($0, client.address) } }
            for step in steps { step.run() }
            let begun = Clocks.threadCPUSeconds()
            for step in steps { relay.finish(step, at: now, into: &outbox) }
            for (bytes, source) in arrivals {
                bytes.withUnsafeBytes { relay.receive($0, from: source, at: now, into: &outbox) }
            }
            relay.advance(to: now, into: &outbox)
            longest = max(longest, Clocks.threadCPUSeconds() - begun)
            steps = relay.takeHandshakes()
            _ = relay.takeEvents()
            outbox.forEach { bytes, destination in
                guard let client = byAddress[destination] else { return }
                client.peer.receive(bytes, from: address, at: now, into: &client.outbox)
            }
            outbox.removeAll()
            now = now.advanced(byMilliseconds: 1)
            for client in clients where client.peer.deadline <= now {
                client.peer.advance(to: now, into: &client.outbox)
            }
        }
        guard clients.allSatisfy({ $0.peer.isConnected }) else {
            throw BaselineMissing(text: "not all of \(joins) clients connected in memory")
        }
        return longest
    }
}
