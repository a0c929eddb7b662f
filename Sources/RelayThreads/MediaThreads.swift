public import AudioRelay
public import MediaWire
internal import Synchronization

/// All media threads of a gateway as one: commands go to the thread of their peer, events come from all.
///
/// Each has a socket with a port of its own, which the answers of its peers name, and a ring to every other one for the
/// voices of rooms that are spread over several (``ShardPlacement``).
public final class MediaThreads: Sendable {
    /// Ticks when there are events to take.
    public let hasEvents: AsyncStream<Void>

    private let tick: AsyncStream<Void>.Continuation
    private let threads: [MediaThread]
    private let handshakes: HandshakeThread
    private let negotiators: [Negotiator]
    /// Where everybody is. Commands are put into the threads' mailboxes under this lock, so that no thread hears of an
    /// older spread after a newer one.
    private let placement: Mutex<ShardPlacement>

    /// Binds the sockets and starts the threads.
    ///
    /// - Parameters:
    ///   - count: 1 to 64.
    ///   - addresses: of the first; with a port given, the others have those that follow.
    ///   - candidates: what answers name for a thread and its number.
    /// - Throws: what the system says of an address, or OpenSSL of the certificate.
    public init(
        count: Int, bind addresses: [SocketAddress], streams port: StreamPort, certificate: RelayCertificate,
        pace: PaceRange,
        smallRoomPeers: Int,
        candidates: (MediaThread, Int) -> (datagrams: [SocketAddress], streams: [SocketAddress])
    ) throws {
        let (hasEvents, tick) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        self.hasEvents = hasEvents
        self.tick = tick
        let handshakes = HandshakeThread()
        self.handshakes = handshakes
        var threads: [MediaThread] = []
        do {
            let bells = try (0..<count).map { _ in try Doorbell() }
            // rings[from][to]
            let rings = (0..<count).map { from in (0..<count).map { $0 == from ? nil : VoiceRing() } }
            for shard in 0..<count {
                let bound = addresses.map { $0.port == 0 ? $0 : $0.with(port: $0.port + UInt16(shard)) }
                let neighbours = ShardNeighbours(
                    shard: shard, bells: bells, outgoing: rings[shard], incoming: rings.compactMap { $0[shard] })
                threads.append(
                    try MediaThread(
                        bind: bound, streams: port, neighbours: neighbours, handshakes: handshakes,
                        certificate: certificate,
                        pace: pace, tick: tick))
            }
        } catch {
            // Nobody else has them, and they have nothing to do.
            for thread in threads { thread.beginStopping() }
            handshakes.beginStopping()
            throw error
        }
        self.threads = threads
        negotiators = threads.enumerated().map { shard, thread in
            let (datagrams, streams) = candidates(thread, shard)
            return Negotiator(
                candidates: datagrams, streamCandidates: streams, fingerprint: certificate.fingerprint, shard: shard)
        }
        placement = Mutex(ShardPlacement(shards: count, smallRoomPeers: smallRoomPeers))
    }

    /// Where the first thread is bound.
    public var localAddress: SocketAddress { threads[0].localAddresses[0] }
    /// And takes connections over TCP, if it does.
    public var streamAddress: SocketAddress? { threads[0].streamAddresses.first }
    /// Ports on which TCP was wanted and not to be had.
    public var takenStreamPorts: [UInt16] { threads.filter(\.isStreamPortTaken).map { $0.localAddresses[0].port } }

    /// Chooses a thread for somebody who is about to join a room.
    public func place(in room: RoomKey) -> ShardPlace {
        let shard = placement.withLock { $0.place(in: room) }
        return ShardPlace(negotiator: negotiators[shard]) { [self] in
            placement.withLock { $0.giveBack(shard, in: room) }
        }
    }

    /// Who negotiates for a peer; the first thread's for one that is gone, which then has no use for the answer.
    public func negotiator(of peer: PeerID) -> Negotiator {
        negotiators[placement.withLock { $0.shard(of: peer) } ?? 0]
    }

    /// Hands a command to the relay of its peer. Commands are carried out in the order of the calls.
    public func perform(_ command: RelayCommand) {
        placement.withLock { placement in
            switch command {
            case .addPeer(let admission):
                let shard = admission.negotiated.shard
                let then = placement.add(
                    admission.peer, to: admission.room, on: shard, listens: admission.negotiated.role == .listener)
                threads[shard].perform(command)
                for (shard, command) in then.commands { threads[shard].perform(command) }
            case .removePeer(let peer, _), .setMuted(let peer, _), .extend(let peer, _), .restart(let peer, _):
                if let shard = placement.shard(of: peer) { threads[shard].perform(command) }
            case .closeRoom, .spread: for thread in threads { thread.perform(command) }
            }
        }
    }

    /// Takes what happened since the last call; what concerns one peer or one room in order.
    public func takeEvents() -> [RelayEvent] {
        placement.withLock { placement in
            var all: [RelayEvent] = []
            for (shard, thread) in threads.enumerated() {
                for event in thread.takeEvents() {
                    switch event {
                    case .connected, .mediaFlow: all.append(event)
                    case .closed(let peer, _, _):
                        all.append(event)
                        let then = placement.remove(peer)
                        for (shard, command) in then.commands { threads[shard].perform(command) }
                        if let speaking = then.speaking { all.append(speaking) }
                    case .speaking(let room, let participants):
                        if let event = placement.said(participants, in: room, by: shard) { all.append(event) }
                    }
                }
            }
            return all
        }
    }

    /// Of all threads together, and the peers on each.
    public func currentCounters() -> MediaThread.Counters {
        var sum = MediaThread.Counters()
        for thread in threads { sum.add(thread.currentCounters()) }
        return sum
    }

    /// Peers of each thread, places given away included.
    public func load() -> [Int] { placement.withLock { $0.load } }

    /// Ends the threads; commands given before are carried out, and their datagrams sent.
    public func stop() async {
        for thread in threads { thread.beginStopping() }
        for thread in threads { await thread.stopped() }
        await handshakes.stop()
        tick.finish()
    }
}

/// A place on a media thread, kept for somebody who is about to join; given back when nobody holds it any more.
public final class ShardPlace: Sendable {
    /// Answers with the addresses of that thread.
    public let negotiator: Negotiator
    private let giveBack: @Sendable () -> Void

    init(negotiator: Negotiator, giveBack: @escaping @Sendable () -> Void) {
        self.negotiator = negotiator
        self.giveBack = giveBack
    }

    deinit { giveBack() }
}

/// What a media thread knows of the others.
struct ShardNeighbours: Sendable {
    let shard: Int
    /// By shard, its own included.
    let bells: [Doorbell]
    /// By shard, none to itself.
    let outgoing: [VoiceRing?]
    let incoming: [VoiceRing]

    /// Its own.
    var bell: Doorbell { bells[shard] }
    var hasNews: Bool { incoming.contains { !$0.isEmpty } }
}
