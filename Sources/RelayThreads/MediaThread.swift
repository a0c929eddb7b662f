public import AudioRelay
internal import Datagrams
public import MediaWire
internal import Synchronization

/// A thread that owns a relay and its sockets. Packets wait for nobody, and leave it only as voices for the listeners
/// of another thread (``MediaThreads``).
///
/// ```
///   HTTP, feed ──perform──▶ mailbox ──eventfd──▶ ┌ take commands ─▶ receive ≤ 256 ─▶ advance ─▶ sendmmsg ┐
///                                                └───────── ppoll until the relay's deadline ◀────────────┘
///   rooms ◀──────────────── event stream ◀────────── events, counters
/// ```
///
/// Draining a socket without a bound would starve timers and commands: after four batches of 64 datagrams everything
/// else has its turn.
public final class MediaThread: Sendable {
    /// What the thread has counted; read by metrics.
    public struct Counters: Sendable {
        public internal(set) var datagramsIn = 0
        /// Datagrams that found a full socket, since the thread came too late for them.
        public internal(set) var datagramsUnread = 0
        public internal(set) var datagramsOut = 0
        public internal(set) var sendRefused = 0
        public internal(set) var sendOverflowed = 0
        /// Of those out: how many the kernel cut from a longer message, and messages that it would not cut.
        public internal(set) var datagramsCut = 0
        public internal(set) var messagesUncut = 0
        /// The slowest of all threads.
        public internal(set) var pace = Pace.atOnce
        public internal(set) var drops: [String: Int] = [:]
        /// Voices for and from other threads.
        public internal(set) var voicesHandedOver = 0
        public internal(set) var voicesTakenOver = 0
        /// TCP connections: open now, ever accepted, refused or closed by us by reason, datagrams that slow ones lost.
        public internal(set) var streamsOpen = 0
        public internal(set) var streamsAccepted = 0
        public internal(set) var streamsRefused: [String: Int] = [:]
        public internal(set) var streamOverflows = 0

        mutating func add(_ other: Self) {
            datagramsIn += other.datagramsIn
            datagramsUnread += other.datagramsUnread
            datagramsOut += other.datagramsOut
            sendRefused += other.sendRefused
            sendOverflowed += other.sendOverflowed
            datagramsCut += other.datagramsCut
            messagesUncut += other.messagesUncut
            voicesHandedOver += other.voicesHandedOver
            voicesTakenOver += other.voicesTakenOver
            streamsOpen += other.streamsOpen
            streamsAccepted += other.streamsAccepted
            streamsRefused.merge(other.streamsRefused) { $0 + $1 }
            streamOverflows += other.streamOverflows
            pace = max(pace, other.pace)
            drops.merge(other.drops) { $0 + $1 }
        }

        /// Differs from an earlier one if datagrams came or went in between.
        var traffic: Int { datagramsIn &+ datagramsOut &+ sendRefused &+ sendOverflowed &+ voicesTakenOver }
    }

    /// At most this many receive passes before timers and commands are looked at.
    private static let passesPerTurn = 4
    /// What a voice makes for a big room leaves before the next voice is looked at: all of a batch at once would let the
    /// first listener wait until the last packet of the last voice is sealed.
    private static let flushAtDatagrams = 256
    /// At most so many voices of another thread as datagrams in a turn.
    private static let voicesPerTurn = 256
    /// Counters are published at most this often.
    private static let countersEveryNanoseconds: UInt64 = 200_000_000

    private struct Mailbox {
        var commands: [RelayCommand] = []
        /// Steps of handshakes that were taken.
        var handshakes: [HandshakeStep] = []
        var isStopping = false
    }

    /// Where it receives, with the real ports.
    public let localAddresses: [SocketAddress]
    /// Where it takes connections over TCP; empty without TCP.
    public let streamAddresses: [SocketAddress]
    /// Wanted for TCP, and somebody else's.
    let isStreamPortTaken: Bool

    private let mailbox = Mutex(Mailbox())
    private let counters = Mutex(Counters())
    private let neighbours: ShardNeighbours
    private let handshakes: HandshakeThread
    /// Ticks when there are events to take.
    private let tick: AsyncStream<Void>.Continuation
    /// What happened to peers, in order. Never bounded away: a lost `closed` would leave a seat taken for ever; the
    /// relay bounds the rate by its peers.
    private let events = Mutex<[RelayEvent]>([])
    private let thread: Mutex<OwnThread?> = Mutex(nil)

    /// Binds the sockets and starts the thread.
    init(
        bind addresses: [SocketAddress], streams port: StreamPort, neighbours: ShardNeighbours,
        handshakes: HandshakeThread,
        certificate: RelayCertificate, pace: PaceRange, tick: AsyncStream<Void>.Continuation
    ) throws {
        let sockets = try MediaSockets.open(
            bind: addresses, streams: port, thread: neighbours.shard, of: neighbours.bells.count)
        localAddresses = sockets.localAddresses
        streamAddresses = sockets.streamAddresses
        isStreamPortTaken = sockets.isStreamPortTaken
        self.neighbours = neighbours
        self.handshakes = handshakes
        self.tick = tick
        var relay = try Relay(certificate: certificate)
        relay.handsOutHandshakes = true
        for (shard, ring) in neighbours.outgoing.enumerated() { if let ring { relay.connect(to: shard, by: ring) } }
        let handOver = HandOver(sockets: sockets, relay: relay)
        let started = OwnThread(named: "guichet.media\(neighbours.shard)") { [self] in
            // Both were filled above and are taken here only.
            guard var sockets = handOver.sockets.withLock({ $0.take() }),
                var relay = handOver.relay.withLock({ $0.take() })
            else { return }
            run(&sockets, &relay, pace)
        }
        thread.withLock { $0 = started }
    }

    /// Hands a command to the relay. Commands are carried out in the order of the calls.
    func perform(_ command: RelayCommand) {
        mailbox.withLock { $0.commands.append(command) }
        neighbours.bell.wake.signal()
    }

    /// Makes the thread end; commands given before are carried out, and their datagrams sent.
    func beginStopping() {
        mailbox.withLock { $0.isStopping = true }
        neighbours.bell.wake.signal()
    }

    func stopped() async { await thread.withLock { $0 }?.finished() }

    /// Takes what happened since the last call, in order.
    func takeEvents() -> [RelayEvent] {
        events.withLock { events in
            let taken = events
            events = []
            return taken
        }
    }

    func currentCounters() -> Counters { counters.withLock { $0 } }

    // MARK: - On the thread

    private func run(_ sockets: inout MediaSockets, _ relay: inout Relay, _ range: PaceRange) {
        var outbox = Outbox()
        var counted = Counters()
        var publishAt: UInt64 = 0
        var publishedTraffic = 0
        var isStopping = false
        var governor = PaceGovernor(range)
        counted.pace = governor.pace
        relay.setPace(governor.pace, at: MonotonicInstant(nanoseconds: monotonicNanoseconds()), into: &outbox)
        while !isStopping {
            let taken = mailbox.withLock { mailbox in
                let taken = mailbox
                mailbox.commands.removeAll()
                mailbox.handshakes.removeAll()
                return taken
            }
            isStopping = taken.isStopping
            var now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
            for step in taken.handshakes { relay.finish(step, at: now, into: &outbox) }
            for command in taken.commands { relay.perform(command, at: now, into: &outbox) }
            var mayBeMore = receive(&sockets, &relay, &outbox, &counted)
            now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
            for ring in neighbours.incoming where !ring.isEmpty {
                let count = relay.takeVoices(from: ring, atMost: Self.voicesPerTurn, at: now, into: &outbox)
                if count == Self.voicesPerTurn { mayBeMore = true }
            }
            counted.voicesTakenOver = Int(clamping: relay.takenOver)
            if now >= relay.deadline { relay.advance(to: now, into: &outbox) }
            if now.nanoseconds >= sockets.deadline { sockets.tend(at: now.nanoseconds) { relay.knows($0) } }
            // The thread's CPU clock is a system call: read four times a second.
            if now >= governor.nextReading,
                let pace = governor.note(cpuNanoseconds: threadCPUNanoseconds(), at: now)
            {
                relay.setPace(pace, at: now, into: &outbox)
                counted.pace = pace
            }
            flush(&outbox, &sockets, &counted)
            for address in sockets.takeClosed() { relay.forget(address) }
            wakeNeighbours(&relay)
            handOut(relay.takeHandshakes())
            hand(over: relay.takeEvents())
            if now.nanoseconds >= publishAt || isStopping {
                counted.note(sockets.streamCounters)
                counted.datagramsUnread = sockets.unreadCount
                publish(&counted, relay)
                publishedTraffic = counted.traffic
                publishAt = now.nanoseconds + Self.countersEveryNanoseconds
            }
            guard !isStopping, !mayBeMore else {
                sockets.skipWaiting()
                continue
            }
            // A signal that came while we worked is still there, so this wait returns at once for it.
            var pause = min(relay.deadline.nanoseconds(since: now), 1_000_000_000)
            if sockets.deadline != .max { pause = min(pause, max(sockets.deadline, now.nanoseconds) - now.nanoseconds) }
            // The last datagrams of a burst are told in time as well, not only when something else happens.
            if counted.traffic != publishedTraffic { pause = min(pause, publishAt - now.nanoseconds) }
            neighbours.bell.fallAsleep()
            // What was put into a ring before that is seen here; whoever comes later rings.
            if neighbours.hasNews { pause = 0 }
            if sockets.wait(wake: neighbours.bell.wake, timeoutNanoseconds: Int64(pause)) {
                neighbours.bell.wake.clear()
            }
            neighbours.bell.getUp()
        }
    }

    private func wakeNeighbours(_ relay: inout Relay) {
        var shards = relay.takeShardsToWake()
        while let shard = shards.popFirst() { neighbours.bells[shard].ring() }
    }

    private func handOut(_ steps: [HandshakeStep]) {
        for step in steps {
            handshakes.take(step) { [self] step in
                mailbox.withLock { $0.handshakes.append(step) }
                neighbours.bell.wake.signal()
            }
        }
    }

    private func hand(over happened: [RelayEvent]) {
        guard !happened.isEmpty else { return }
        events.withLock { $0 += happened }
        tick.yield()
    }

    /// - Returns: whether a socket may hold more.
    private func receive(
        _ sockets: inout MediaSockets, _ relay: inout Relay, _ outbox: inout Outbox, _ counted: inout Counters
    ) -> Bool {
        var mayBeMore = false
        for socket in 0..<sockets.datagramSocketCount where sockets.mayHaveDatagrams(socket) {
            for pass in 1...Self.passesPerTurn {
                let now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
                // A fault of recvmmsg that is none of the harmless ones passes or repeats; the next turn tells.
                let count = (try? sockets.fetch(by: socket)) ?? 0
                for index in 0..<count {
                    guard let (datagram, from) = sockets.datagram(index, by: socket) else { continue }
                    relay.receive(datagram, from: from, at: now, into: &outbox)
                    guard outbox.count >= Self.flushAtDatagrams else { continue }
                    wakeNeighbours(&relay)
                    flush(&outbox, &sockets, &counted)
                }
                counted.datagramsIn &+= count
                // They have as much to send as we.
                wakeNeighbours(&relay)
                flush(&outbox, &sockets, &counted)
                if count < UDPSocket.batchCapacity { break }
                if pass == Self.passesPerTurn { mayBeMore = true }
            }
        }
        guard sockets.mayHaveStreams else { return mayBeMore }
        let now = MonotonicInstant(nanoseconds: monotonicNanoseconds())
        var count = 0
        let mayBeMoreStreams = sockets.receiveStreams(at: now.nanoseconds) { datagram, from in
            count += 1
            relay.receive(datagram, from: from, at: now, into: &outbox)
            return relay.knows(from)
        }
        counted.datagramsIn &+= count
        wakeNeighbours(&relay)
        flush(&outbox, &sockets, &counted)
        return mayBeMore || mayBeMoreStreams
    }

    private func flush(_ outbox: inout Outbox, _ sockets: inout MediaSockets, _ counted: inout Counters) {
        guard !outbox.isEmpty else { return }
        sockets.send(outbox, at: monotonicNanoseconds(), &counted)
        outbox.removeAll()
    }

    private func publish(_ counted: inout Counters, _ relay: borrowing Relay) {
        counted.voicesHandedOver = Int(clamping: relay.handedOver)
        for reason in DropReason.allCases { counted.drops["\(reason)"] = Int(clamping: relay.drops[reason]) }
        let now = counted
        counters.withLock { $0 = now }
    }
}

extension MediaThread.Counters {
    fileprivate mutating func note(_ streams: StreamSockets.Counters) {
        streamsOpen = streams.open
        streamsAccepted = streams.accepted
        streamOverflows = streams.overflowed
        for refusal in StreamRefusal.allCases { streamsRefused["\(refusal)"] = streams.refused[refusal] }
    }
}

/// Carries what cannot be copied into the closure of the thread that will own it.
private final class HandOver: Sendable {
    let sockets: Mutex<MediaSockets?>
    let relay: Mutex<Relay?>

    init(sockets: consuming sending MediaSockets, relay: consuming sending Relay) {
        self.sockets = Mutex(sockets)
        self.relay = Mutex(relay)
    }
}
