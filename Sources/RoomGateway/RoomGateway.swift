internal import AudioRelay
public import HTTPEdge
public import Logging
public import MediaWire
internal import RelayThreads
internal import Stage
internal import Store
internal import Synchronization
public import Values

/// The door and the sound of rooms: checks tickets, connects voices and listeners, records who came and went.
///
/// It knows public keys and rooms, no money and no names. It works on while the ledger is away: whoever is in stays in,
/// tickets are still checked (for ten minutes, also by a gateway that was started anew meanwhile), and receipts wait on
/// disk.
///
/// Life: `init` binds the socket and closes what a crash left open; ``run()`` works until it is cancelled or
/// ``shutdown()`` is called, and then says goodbye to everybody.
public final class RoomGateway: Sendable {
    /// Who this gateway is to the ledger.
    public let id: GatewayID
    /// Where the first media thread receives, with the real port.
    public let mediaAddress: SocketAddress

    let configuration: GatewayConfiguration
    let knowledge: DoorKnowledge
    let metrics = GatewayMetrics()
    let rooms: GatewayRooms
    let joinsByNetwork = Mutex(RateLimiter(.address))
    let proofs = Mutex(ProofMemory())
    let clock: WallClock
    let logger: Logger
    let keyFetcher: KeyFetcher
    private let link: any LedgerLink
    private let memory: LedgerMemory
    let media: MediaThreads
    let spool: ReceiptSpool
    private let stopping: AsyncStream<Void>
    private let stop: AsyncStream<Void>.Continuation

    /// Opens the spool and binds the media socket.
    public init(
        configuration: GatewayConfiguration, link: any LedgerLink, clock: WallClock = .system,
        logger: Logger = Logger(label: "guichet.gateway")
    ) async throws {
        let now = clock.now()
        var generator = SystemRandomNumberGenerator()
        let spool = try ReceiptSpool(path: configuration.spoolPath)
        let opening = try await spool.open(
            at: now, newGateway: configuration.gateway ?? .make(at: now, using: &generator),
            reason: ReasonCode("gateway_restarted") ?? .gatewayStopped)
        if let configured = configuration.gateway, configured != opening.gateway {
            await spool.close()
            throw GatewayFault.foreignSpool(stored: opening.gateway, configured: configured)
        }
        if opening.recovered > 0 {
            logger.notice("closed admissions of an earlier run", metadata: ["count": "\(opening.recovered)"])
        }
        let stages = try await spool.stageMemories()
        let certificate = try RelayCertificate()
        media = try MediaThreads(
            count: configuration.mediaThreads, bind: [configuration.mediaBind] + configuration.furtherBinds,
            streams: configuration.streamPort, certificate: certificate, pace: configuration.pace,
            smallRoomPeers: configuration.smallRoomPeers
        ) { thread, number in
            (
                configuration.candidates(boundTo: thread.localAddresses, thread: number),
                configuration.candidates(boundTo: thread.streamAddresses, thread: number, areStreams: true)
            )
        }
        for port in media.takenStreamPorts {
            logger.warning(
                "no media over TCP: the port is taken; people without UDP will hear nothing",
                metadata: ["port": "\(port)"])
        }
        id = opening.gateway
        mediaAddress = media.localAddress
        knowledge = DoorKnowledge(issuer: configuration.issuer, audience: configuration.audience)
        rooms = GatewayRooms(
            media: media, spool: spool, removals: opening.removals, knowledge: knowledge, metrics: metrics,
            clock: clock, logger: logger,
            limits: .init(
                peers: configuration.maximumPeers,
                pendingHandshakesPerNetwork: configuration.pendingHandshakesPerNetwork),
            stages: stages, stagePolicy: configuration.stage, admissionPolicy: configuration.admission)
        keyFetcher = KeyFetcher(link: link, knowledge: knowledge, clock: clock, logger: logger)
        self.configuration = configuration
        self.link = link
        self.clock = clock
        self.logger = logger
        self.spool = spool
        memory = LedgerMemory(spool: spool, logger: logger)
        (stopping, stop) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        if let heard = await memory.recall(at: now, configuration.admission) {
            do {
                try knowledge.replace(by: heard.snapshot, at: heard.at)
                await rooms.recall(heard.snapshot)
            } catch {
                logger.warning("keys of an earlier run can't be read", metadata: ["fault": "\(error)"])
            }
        }
    }

    /// Works until the task is cancelled or ``shutdown()`` is called; returns when everybody has been sent away, every
    /// receipt is on disk, and thread and file are closed. Call it once.
    public func run() async {
        let drain = ReceiptDrain(spool: spool, gateway: id, link: link, metrics: metrics, logger: logger)
        let acts = ActDrain(spool: spool, gateway: id, link: link, metrics: metrics, logger: logger)
        let feed = FeedFollower(
            gateway: id, link: link, knowledge: knowledge, rooms: rooms, memory: memory, metrics: metrics, clock: clock,
            logger: logger,
            waitSeconds: configuration.feedWaitSeconds)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await feed.run() }
            group.addTask { [memory] in await memory.run() }
            group.addTask { await drain.run() }
            group.addTask { await acts.run() }
            group.addTask { await self.followMedia() }
            group.addTask { await self.keepTime() }
            group.addTask { [stopping] in for await _ in stopping { return } }
            // Whoever ends first ends all: by `shutdown()`, or since this task was cancelled.
            await group.next()
            group.cancelAll()
        }
        await rooms.close()
        await media.stop()
        for event in media.takeEvents() { await rooms.note(event) }
        await rooms.writeLeavings()
        // What does not get through now is delivered after the next start.
        while (try? await drain.deliverOnce()) == true {}
        await rooms.writeActs()
        while (try? await acts.deliverOnce()) == true {}
        // Once: what can't be written now is told anew after the next start.
        await memory.write()
        await spool.close()
    }

    /// Makes ``run()`` end in good order.
    public func shutdown() { stop.yield() }

    /// Whether the doors can open: the ledger was heard lately.
    public var isReady: Bool {
        guard let heardAt = knowledge.heardAt else { return false }
        return clock.now() < heardAt.advanced(bySeconds: configuration.admission.maximumSilenceSeconds)
    }

    /// Carries what the relay says to the rooms. Leavings are written side by side, so that a room of 500 that closes
    /// is a few group commits.
    private func followMedia() async {
        await withDiscardingTaskGroup { group in
            for await _ in media.hasEvents {
                for event in media.takeEvents() {
                    if case .closed = event {
                        group.addTask { await self.rooms.note(event) }
                    } else {
                        await rooms.note(event)
                    }
                }
            }
        }
    }

    private func keepTime() async {
        var beats = 0
        while !Task.isCancelled {
            beats += 1
            // 60 x 250 ms: the heartbeat of 15 s that keeps idle lines open.
            await rooms.freeLostSeats(at: clock.now())
            await rooms.refreshViews(heartbeat: beats % 60 == 0)
            // What the rules and the time did is answered to nobody, and stands on disk a second later.
            if beats % 4 == 0 { await rooms.writeActs() }
            if beats % 20 == 0 {
                await rooms.forgetRoomsOver()
                await rooms.writeLeavings()
                do { try await spool.noteAlive(at: clock.now(), flows: await rooms.takeUnsavedFlows()) } catch {
                    logger.error("spool not written", metadata: ["fault": "\(error)"])
                }
            }
            try? await Task.sleep(for: GatewayRooms.viewInterval)
        }
    }

    /// The page of `GET /metrics`.
    func metricsPage() async -> String {
        let counters = media.currentCounters()
        let live = await rooms.liveCounts()
        let waiting = (try? await spool.waitingCount()) ?? 0
        typealias Family = GatewayMetrics.Family
        return metrics.text(adding: [
            Family("guichet_datagrams_received_total", "Datagrams from the network.", counters.datagramsIn),
            Family(
                "guichet_datagrams_unread_total",
                "Datagrams that found a full socket: the media thread came too late for them.", counters.datagramsUnread
            ),
            Family("guichet_datagrams_sent_total", "Datagrams to the network.", counters.datagramsOut),
            Family(
                "guichet_datagrams_unsent_total", "Datagrams that the kernel did not take.", by: "reason",
                [
                    "refused": counters.sendRefused, "overflow": counters.sendOverflowed,
                ]),
            Family(
                "guichet_datagrams_dropped_total", "Received datagrams that were dropped.", by: "reason",
                counters.drops),
            Family(
                "guichet_media_tick_milliseconds", "For how long packets are collected; 0: sent at once.",
                kind: "gauge", Int(counters.pace.tickMilliseconds)),
            Family(
                "guichet_datagrams_segmented_total", "Sent datagrams that shared a message to the kernel.",
                counters.datagramsCut),
            Family(
                "guichet_segmentation_refused_total", "Messages that the kernel would not cut, sent one by one.",
                counters.messagesUncut),
            Family(
                "guichet_frame_merging", "Whether listeners get packets of 40 and 60 ms.", kind: "gauge",
                counters.pace == .merged ? 1 : 0),
            Family("guichet_media_threads", "Media threads.", kind: "gauge", media.load().count),
            Family("guichet_shard_peers", "Peers of each media thread.", kind: "gauge", by: "thread", media.load()),
            Family(
                "guichet_voices_handed_over_total", "Packets given to listeners of another media thread.",
                counters.voicesHandedOver),
            Family(
                "guichet_voices_taken_over_total", "Packets taken from another media thread.",
                counters.voicesTakenOver),
            Family("guichet_streams", "Open TCP connections for media.", kind: "gauge", counters.streamsOpen),
            Family("guichet_streams_accepted_total", "TCP connections for media.", counters.streamsAccepted),
            Family(
                "guichet_streams_refused_total", "TCP connections that were refused or cut.", by: "reason",
                counters.streamsRefused),
            Family(
                "guichet_stream_overflows_total", "Messages that slow readers of TCP lost.", counters.streamOverflows),
            Family("guichet_peers", "Open connections.", kind: "gauge", live.admissions),
            Family("guichet_rooms", "Rooms with people or views.", kind: "gauge", live.rooms),
            Family("guichet_views", "Live views.", kind: "gauge", live.views),
            Family("guichet_rehearsals", "Connections of rehearsals.", kind: "gauge", live.rehearsals),
            Family("guichet_receipts_waiting", "Receipts that the ledger has not got yet.", kind: "gauge", waiting),
        ])
    }
}
