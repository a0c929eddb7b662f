internal import AudioRelay
internal import Datagrams
internal import MediaWire

/// The clients of a load thread and what it does with them until it is told to stop: orders, what is due, what came.
///
/// Sketch: 500 listeners of three voices are 75,000 packets a second here, each a share of `epoll_wait` and `recvmmsg`,
/// one SRTP open and some counting: 4 to 6 µs. A second thread takes half of them.
struct LoadHall: ~Copyable {
    /// Receives of one socket before the others have their turn.
    private static let receivesInARow = 4
    /// A voice that is later than this goes on from now: nobody speaks faster to catch up.
    private static let longestLateness: UInt64 = 200_000_000

    private final class Client {
        var peer: ClientPeer
        let voice: Int?
        var heard = ListenerTally()
        /// Frames sent since voices speak, and of those that count.
        var spoken = 0
        var counted = 0
        var nextFrameAt = UInt64.max
        var connecting: CheckedContinuation<Void, any Error>?
        var end: ClientClosing?
        var wasToldToEnd = false

        init(_ peer: consuming ClientPeer, voice: Int?) {
            self.peer = peer
            self.voice = voice
        }
    }

    private let context: ClientContext
    private var sockets: UDPSocketGroup
    private var outbox = Outbox(bytes: 1 << 16)
    /// By the number of their socket.
    private var clients: [Client?] = []
    private var deadlines: [UInt64] = []
    private var earliest = UInt64.max
    private var ready: [Int] = []
    private var delays = DelayHistogram()
    private var ended: [String: Int] = [:]
    private var isSpeaking = false
    private var isCounting = false
    private var isOver = false

    init(wake: Wake) throws {
        // Locals first: a value that can't be copied must not be half made when something throws.
        let made = try ClientContext(try RelayCertificate())
        let group = try UDPSocketGroup(wake: wake)
        context = made
        sockets = group
    }

    mutating func run(_ takeOrders: () -> [LoadThread.Order]) {
        while !isOver {
            for order in takeOrders() { follow(order) }
            let now = monotonicNanoseconds()
            attend(at: now)
            let due = min(earliest, nextFrame)
            let pause = due > now ? min((due - now + 999_999) / 1_000_000, 1_000) : 0
            ready.removeAll(keepingCapacity: true)
            // Nothing that epoll can say is worth more than trying again.
            _ = try? sockets.wait(milliseconds: isOver ? 0 : Int32(pause)) { ready.append($0) }
            for socket in ready { receive(socket) }
        }
        for index in clients.indices { end(index) }
    }

    // MARK: Orders

    private mutating func follow(_ order: LoadThread.Order) {
        let now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
        switch order {
        case .open(let purpose, let voice, let reply):
            do { reply.resume(returning: try open(purpose, voice: voice)) } catch { reply.resume(throwing: error) }
        case .accept(let index, let answer, let reply):
            do {
                try clients[index]?.peer.accept(answer: answer, at: now, into: &outbox)
                reply.resume()
            } catch { reply.resume(throwing: MediaFault.unusableAnswer(error.rawValue)) }
            settle(index, at: now.nanoseconds)
        case .answer(let index, let offer, let reply):
            do {
                guard let answer = try clients[index]?.peer.answer(offer: offer, at: now, into: &outbox) else {
                    return reply.resume(throwing: MediaFault.notConnected(ClientClosing.closed.rawValue))
                }
                reply.resume(returning: answer)
            } catch { reply.resume(throwing: MediaFault.unusableAnswer("\(error)")) }
            settle(index, at: now.nanoseconds)
        case .connected(let index, let reply):
            if clients[index]?.peer.isConnected == true {
                reply.resume()
            } else if clients[index] == nil || clients[index]?.end != nil {
                let end = clients[index]?.end ?? .closed
                reply.resume(throwing: MediaFault.notConnected(end.rawValue))
            } else {
                clients[index]?.connecting = reply
            }
        case .close(let index): end(index)
        case .speak(let on): speak(on, at: now.nanoseconds)
        case .count(let on): isCounting = on
        case .tally(let reply): reply.resume(returning: tally)
        case .stop: isOver = true
        }
    }

    private mutating func open(_ purpose: ClientPurpose, voice: Int?) throws -> LoadThread.Opened {
        let (socket, bound) = try sockets.open(bind: SocketAddress(ipv4: 0, port: 0))
        let candidates = interfaceAddresses().filter { $0.family == .ipv4 }.map { $0.with(port: bound.port) }
        var generator = SystemRandomNumberGenerator()
        let client = Client(
            ClientPeer(purpose, in: context, candidates: candidates, using: &generator), voice: voice)
        let offer = client.peer.offer
        // Sockets are numbered one after the other, and so are clients.
        clients.append(client)
        deadlines.append(.max)
        return LoadThread.Opened(client: socket, offer: offer)
    }

    private mutating func end(_ index: Int) {
        guard let client = clients[index], client.end == nil else { return }
        client.wasToldToEnd = true
        client.peer.close(into: &outbox)
        settle(index, at: monotonicNanoseconds())
    }

    private var tally: LoadTally {
        var tally = LoadTally()
        tally.delays = delays
        tally.ended = ended
        for client in clients {
            guard let client else { continue }
            if client.voice != nil {
                tally.framesSent.append(client.counted)
            } else {
                tally.listeners.append(.init(heard: client.heard, repeated: Int(client.peer.quality.repeated)))
            }
        }
        return tally
    }

    // MARK: Speaking

    /// Voices begin one after the other within 20 ms, as people do.
    private mutating func speak(_ on: Bool, at now: UInt64) {
        isSpeaking = on
        let voices = clients.compactMap { $0 }.filter { $0.voice != nil }
        for (position, client) in voices.enumerated() {
            client.nextFrameAt =
                on ? now + LoadFrame.nanoseconds * UInt64(position) / UInt64(voices.count) : .max
        }
    }

    private var nextFrame: UInt64 {
        guard isSpeaking else { return .max }
        return clients.reduce(.max) { min($0, $1?.nextFrameAt ?? .max) }
    }

    private mutating func speak(_ index: Int, at now: UInt64) {
        guard let client = clients[index], let voice = client.voice else { return }
        while client.nextFrameAt <= now {
            let isLate = now - client.nextFrameAt > Self.longestLateness
            client.nextFrameAt = (isLate ? now : client.nextFrameAt) + LoadFrame.nanoseconds
            let counts = isCounting && client.counted < ListenerTally.maximumFrames
            let frame = LoadFrame(
                voice: voice, number: counts ? UInt32(client.counted) : nil,
                sentAtNanoseconds: monotonicNanoseconds())
            // A level that moves as that of speech does: a steady one would count as a hum.
            let level = AudioLevel(
                decibelsBelowFullScale: UInt8(20 + (client.spoken * 7 + voice * 5) % 24), hasVoice: true)
            guard
                client.peer.send(frame.payload, sampleCount: LoadFrame.sampleCount, level: level, into: &outbox)
            else { continue }
            client.spoken += 1
            if counts { client.counted += 1 }
            flush(index)
        }
    }

    // MARK: What is due, what came

    private mutating func attend(at now: UInt64) {
        if isSpeaking {
            for index in clients.indices where clients[index]?.voice != nil { speak(index, at: now) }
        }
        guard earliest <= now else { return }
        for index in deadlines.indices where deadlines[index] <= now {
            clients[index]?.peer.advance(to: MonotonicInstant(nanoseconds: now), into: &outbox)
            settle(index, at: now)
        }
        earliest = deadlines.min() ?? .max
    }

    private mutating func receive(_ index: Int) {
        guard let client = clients[index] else { return }
        for _ in 0..<Self.receivesInARow {
            let now = monotonicNanoseconds()
            let count = sockets.receive(from: index) { datagram, source in
                client.peer.receive(
                    UnsafeRawBufferPointer(datagram), from: source, at: MonotonicInstant(nanoseconds: now),
                    into: &outbox)
            }
            if count > 0 { settle(index, at: now) }
            // A second call that finds nothing would cost as much as the first.
            guard count == UDPSocketGroup.batchCapacity else { return }
        }
    }

    /// Sends what a client wants sent, takes what happened to it, and notes when it wants its next turn.
    private mutating func settle(_ index: Int, at now: UInt64) {
        guard let client = clients[index] else { return }
        flush(index)
        for event in client.peer.takeEvents() {
            switch event {
            case .heard(let packet): client.heard.note(packet, atNanoseconds: now, delays: &delays)
            // A load generator keeps to what it has: whoever stalls is lost, and counted.
            case .stalled: break
            case .connected:
                client.connecting?.resume()
                client.connecting = nil
                if isSpeaking, client.voice != nil { client.nextFrameAt = now }
            case .closed(let reason):
                client.end = reason
                client.nextFrameAt = .max
                client.connecting?.resume(throwing: MediaFault.notConnected(reason.rawValue))
                client.connecting = nil
                if !client.wasToldToEnd { ended[reason.rawValue, default: 0] += 1 }
                sockets.close(index)
            }
        }
        let deadline = client.peer.deadline.nanoseconds
        deadlines[index] = deadline
        earliest = min(earliest, deadline)
    }

    private mutating func flush(_ index: Int) {
        guard !outbox.isEmpty else { return }
        let messages = outbox.messages
        outbox.withBytes { arena in
            _ = sockets.send(by: index, from: arena, count: messages.count) { place in
                // A client's datagrams never join.
                (messages[place].offset, messages[place].length, messages[place].destination)
            }
        }
        outbox.removeAll()
    }
}
