import AudioRelay
import Datagrams
import Glibc
import MediaWire
import RelayThreads
import Stage
import Synchronization
import Testing
import Values

@testable import RoomGateway

/// A listener without UDP: its datagrams go framed over one TCP connection to the candidate of the answer.
///
/// `@unchecked Sendable`: the peer is touched by whoever makes this, and then by the thread in ``run(_:)`` only.
final class StreamListener: @unchecked Sendable {
    private var peer: ClientPeer
    let offer: String
    let heard = Mutex<[HeardPacket]>([])
    let isOver = Mutex(false)
    private let isStopping = Mutex(false)

    init() throws {
        var generator = SystemRandomNumberGenerator()
        peer = try ClientPeer(.listen(slots: 1), certificate: RelayCertificate(), candidates: [], using: &generator)
        offer = peer.offer
    }

    func stop() { isStopping.withLock { $0 = true } }

    /// Listens until told to stop or the connection ends; blocking, for a thread of its own.
    func run(_ answer: String) throws {
        defer { isOver.withLock { $0 = true } }
        let candidate = try #require(
            try SessionDescription(parsing: answer).media[0].candidates.first {
                $0.transport == "tcp" && $0.tcpType == "passive"
            })
        let server = try #require(candidate.address)
        let descriptor = try connect(server)
        defer { close(descriptor) }
        var outbox = Outbox()
        try peer.accept(answer: answer, at: now, into: &outbox)
        var bytes: [UInt8] = []
        while !isStopping.withLock({ $0 }) {
            var frames: [UInt8] = []
            outbox.forEach { datagram, destination in
                // Checks go to the UDP candidates too; there is no UDP here.
                guard destination.port == server.port else { return }
                frames += [UInt8(datagram.count >> 8), UInt8(datagram.count & 0xFF)] + datagram
            }
            outbox.removeAll()
            if !frames.isEmpty { _ = send(descriptor, frames, frames.count, Int32(MSG_NOSIGNAL)) }
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&ready, 1, 10) > 0 {
                var space = [UInt8](repeating: 0, count: 1 << 14)
                let count = recv(descriptor, &space, space.count, 0)
                guard count > 0 else { return }
                bytes += space[..<count]
            }
            while bytes.count >= 2, bytes.count >= 2 + Int(bytes[0]) << 8 + Int(bytes[1]) {
                let length = Int(bytes[0]) << 8 | Int(bytes[1])
                bytes[2..<2 + length].withUnsafeBytes { peer.receive($0, from: server, at: now, into: &outbox) }
                bytes.removeFirst(2 + length)
            }
            if peer.deadline <= now { peer.advance(to: now, into: &outbox) }
            for event in peer.takeEvents() {
                switch event {
                case .heard(let packet): heard.withLock { $0.append(packet) }
                case .closed: return
                case .connected, .stalled: break
                }
            }
        }
    }

    private var now: MonotonicInstant { MonotonicInstant(nanoseconds: monotonicNanoseconds()) }

    private func connect(_ server: SocketAddress) throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = server.port.bigEndian
        name.sin_addr.s_addr = UInt32(truncatingIfNeeded: server.low).bigEndian
        let connected = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        return descriptor
    }
}

@Suite("Media over TCP", .serialized, .timeLimit(.minutes(2)))
struct StreamTests {
    @Test("who has no UDP hears over TCP what the others hear, and a refund ends it", arguments: [1, 2])
    func listens(threads: Int) async throws {
        try await TestHouse.open { configuration in
            configuration.mediaThreads = threads
            configuration.smallRoomPeers = 1
        } _: { house in
            let sound = packets(500)
            let publishing = house.publish(house.ticket(.speaker).token, sound)
            var listeners: [(StreamListener, TestHouse.Held)] = []
            for _ in 0..<3 {
                let ticket = house.ticket(.listener)
                let listener = try StreamListener()
                let answer = try await house.offer("whep", ticket.token, listener.offer)
                #expect(answer.status == 201)
                let text = answer.body
                _ = OwnThread(named: "tcp") {
                    #expect(throws: Never.self) { try listener.run(text) }
                }
                listeners.append((listener, ticket))
            }
            for (listener, _) in listeners {
                #expect(try await holds { listener.heard.withLock { $0.count } >= 60 })
                let heard = listener.heard.withLock { $0.map(\.payload) }
                let first = try #require(sound.firstIndex { $0.bytes == heard.first })
                #expect(heard.prefix(60) == sound[first..<(first + 60)].map(\.bytes)[...])
            }
            let page = try await house.send("GET", "/metrics").body
            #expect(page.contains("guichet_streams 3\n"))
            let (listener, ticket) = listeners[0]
            await house.ledger.say(
                .revoked(.init(ticket: ticket.id, room: house.room.room, reason: .refunded, at: wallNow())))
            #expect(try await holds { listener.isOver.withLock { $0 } })
            // Its connection goes with the seat.
            #expect(try await holds { house.gateway.media.currentCounters().streamsOpen == 2 })
            for (listener, _) in listeners { listener.stop() }
            publishing.cancel()
        }
    }

    @Test("answers name no TCP when it is off, and the gateway listens on none")
    func off() async throws {
        try await TestHouse.open {
            $0.streamPort = .off
        } _: { house in
            let answer = try await house.offer("whep", house.ticket(.listener).token, StreamListener().offer)
            #expect(!answer.body.contains(" tcp "))
            #expect(house.gateway.media.streamAddress == nil)
        }
    }

    @Test("several addresses are bound and named, and each is a way to the relay")
    func severalAddresses() async throws {
        try await TestHouse.open { configuration in
            configuration.mediaThreads = 1
            configuration.furtherBinds = [
                SocketAddress(ipv4: 0x7F00_0002, port: 0), SocketAddress(ipv4: 0x7F00_0003, port: 0),
            ]
        } _: { house in
            let answer = try await house.offer("whep", house.ticket(.listener).token, StreamListener().offer)
            let candidates = try SessionDescription(parsing: answer.body).media[0].candidates
            #expect(
                candidates.map(\.host) == ["127.0.0.1", "127.0.0.2", "127.0.0.3"] + [
                    "127.0.0.1", "127.0.0.2", "127.0.0.3",
                ])
            #expect(candidates.map(\.transport) == ["udp", "udp", "udp", "tcp", "tcp", "tcp"])
            // Checks to every address are answered from that address; the sound comes by the one nominated.
            let ear = Ear()
            let listening = house.listen(house.ticket(.listener).token, into: ear)
            let publishing = house.publish(house.ticket(.speaker).token, packets(100))
            #expect(try await ear.hears(20))
            listening.cancel()
            publishing.cancel()
        }
    }
}
