internal import AudioRelay
internal import Datagrams
internal import MediaWire

/// What the client's thread does until the connection is over: take orders, send what is due, receive, wait.
struct ClientLoop: ~Copyable {
    /// Passes of 64 datagrams before orders and deadlines get their turn: draining without a bound starves them.
    private static let receivePasses = 8

    var offer: String { peer.offer }

    private let mailbox: ClientConnection.Mailbox
    private let events: AsyncStream<ClientConnection.Event>.Continuation
    private var socket: UDPSocket
    private var peer: ClientPeer
    private var outbox = Outbox(bytes: 1 << 16)
    private var playlist: Playlist?
    private var isOver = false

    init(
        _ purpose: ClientPurpose, mailbox: ClientConnection.Mailbox,
        events: AsyncStream<ClientConnection.Event>.Continuation
    ) throws {
        // Locals first: a value that can't be copied must not be half made when something throws.
        // Any interface and both families, so that a server on loopback and one across the world are reached by the
        // same socket; a machine without IPv6 has the other.
        let bound: UDPSocket
        do {
            bound = try UDPSocket(bind: SocketAddress(ipv6High: 0, low: 0, port: 0))
        } catch {
            bound = try UDPSocket(bind: SocketAddress(ipv4: 0, port: 0))
        }
        let (port, family) = (bound.localAddress.port, bound.localAddress.family)
        let candidates = interfaceAddresses().filter { family == .ipv6 || $0.family == .ipv4 }
            .map { $0.with(port: port) }
        var generator = SystemRandomNumberGenerator()
        peer = try ClientPeer(
            purpose, certificate: try RelayCertificate(), candidates: candidates, using: &generator)
        socket = bound
        self.mailbox = mailbox
        self.events = events
    }

    mutating func run() {
        while !isOver {
            followOrders()
            let now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
            play(by: now.nanoseconds)
            peer.advance(to: now, into: &outbox)
            flush()
            hand(on: peer.takeEvents(), at: now.nanoseconds)
            guard !isOver else { break }
            waitAndReceive()
        }
        flush()
    }

    private mutating func followOrders() {
        for order in mailbox.takeAll() {
            switch order {
            case .accept(let answer):
                let now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
                do {
                    try peer.accept(answer: answer, at: now, into: &outbox)
                } catch {
                    events.yield(.unusable(error))
                    isOver = true
                }
            case .play(let list):
                playlist = list
                if peer.isConnected { playlist?.start(at: monotonicNanoseconds()) }
            case .renew(let fragment):
                // A fragment that can't be used leaves things as they are; the next stall asks again.
                try? peer.acceptRestart(
                    fragment: fragment, at: MonotonicInstant(nanoseconds: monotonicNanoseconds()), into: &outbox)
            case .close: peer.close(into: &outbox)
            }
        }
    }

    private mutating func play(by nanoseconds: UInt64) {
        while let packet = playlist?.take(by: nanoseconds) {
            _ = peer.send(packet.bytes, sampleCount: packet.sampleCount, into: &outbox)
        }
        if playlist?.isFinished == true {
            playlist = nil
            events.yield(.played)
        }
    }

    private mutating func hand(on happened: [ClientEvent], at nanoseconds: UInt64) {
        for event in happened {
            switch event {
            case .connected:
                playlist?.start(at: nanoseconds)
                events.yield(.connected)
            case .heard(let packet): events.yield(.heard(packet, atNanoseconds: nanoseconds))
            case .stalled:
                var generator = SystemRandomNumberGenerator()
                if let fragment = peer.restart(using: &generator) { events.yield(.stalled(fragment: fragment)) }
            case .closed(let reason):
                events.yield(.quality(peer.quality))
                events.yield(.closed(reason))
                isOver = true
            }
        }
    }

    private mutating func flush() {
        guard !outbox.isEmpty else { return }
        let messages = outbox.messages
        outbox.withBytes { arena in
            _ = socket.send(from: arena, count: messages.count) { index in
                // A client's datagrams never join.
                (messages[index].offset, messages[index].length, messages[index].destination)
            }
        }
        outbox.removeAll()
    }

    private mutating func waitAndReceive() {
        let now = monotonicNanoseconds()
        let due = min(peer.deadline.nanoseconds, playlist?.dueAt ?? .max)
        // A second at most: a lost wake-up would otherwise be for ever.
        let timeout = min(Int64(clamping: due > now ? due - now : 0), 1_000_000_000)
        guard let state = try? socket.wait(wake: mailbox.wake, timeoutNanoseconds: timeout) else {
            events.yield(.closed(.unreachable))
            isOver = true
            return
        }
        if state.woken { mailbox.wake.clear() }
        guard state.readable else { return }
        for _ in 0..<Self.receivePasses {
            let arrived = MonotonicInstant(nanoseconds: monotonicNanoseconds())
            let count = receiveOnce(at: arrived)
            hand(on: peer.takeEvents(), at: arrived.nanoseconds)
            if count < UDPSocket.batchCapacity { return }
        }
    }

    private mutating func receiveOnce(at arrived: MonotonicInstant) -> Int {
        let count = try? socket.receive { datagram, source in
            peer.receive(UnsafeRawBufferPointer(datagram), from: source, at: arrived, into: &outbox)
        }
        return count ?? 0
    }
}
