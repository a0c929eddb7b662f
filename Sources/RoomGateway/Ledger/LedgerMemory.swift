internal import Logging
internal import Stage
internal import Values

/// Keeps what the ledger said on disk, so that a gateway that starts while the ledger is away knows what it knew.
///
/// What stands there is always all that was heard until one instant, and that instant: after
/// ``AdmissionPolicy/maximumSilenceSeconds`` it opens no door any more, as in a gateway that ran on. An event that can't
/// be stored is owed, and until it is stored the instant stays where it was.
///
/// ```
///   lost ──snapshot──▶ snapshot owed ──stored──▶ events owed (none, most often) ◀─┐
///     ▲                                               │   └──event, stored────────┘
///     └──────────────── too many ─────────────────────┘
/// ```
actor LedgerMemory {
    /// Three megabytes, read in a tenth of a second. With more the snapshot is written anew; so many that can't be stored
    /// are a disk that has been full for days, and the next snapshot begins again.
    static let maximumEvents = 10_000

    private enum Owed {
        case lost
        case snapshot(GatewaySnapshot)
        case events([FeedEvent])
    }

    private let spool: ReceiptSpool
    private let logger: Logger
    private var owed = Owed.lost
    /// Events that stand on disk behind the snapshot.
    private var storedEvents = 0

    init(spool: ReceiptSpool, logger: Logger) {
        self.spool = spool
        self.logger = logger
    }

    /// What was kept by an earlier run, unless it is too old to open a door, or from the future of this clock.
    func recall(at now: Instant, _ policy: AdmissionPolicy) async -> (snapshot: GatewaySnapshot, at: Instant)? {
        do {
            guard let heard = try await spool.heard(), heard.at <= now,
                now < heard.at.advanced(bySeconds: policy.maximumSilenceSeconds)
            else { return nil }
            return heard
        } catch {
            // The ledger says it all again.
            logger.warning("what the ledger said before can't be read", metadata: ["fault": "\(error)"])
            return nil
        }
    }

    func keep(_ snapshot: GatewaySnapshot, heardAt: Instant) async {
        owed = .snapshot(snapshot)
        await write(heardAt: heardAt)
    }

    /// - Parameter events: all since the call before.
    func keep(_ events: [FeedEvent], heardAt: Instant) async {
        switch owed {
        case .lost: return
        case .snapshot(var snapshot):
            snapshot.apply(events)
            owed = .snapshot(snapshot)
        case .events(let earlier):
            let all = earlier + events
            owed = all.count > Self.maximumEvents ? .lost : .events(all)
        }
        await write(heardAt: heardAt)
    }

    private func write(heardAt: Instant) async {
        do {
            switch owed {
            case .lost: return
            case .snapshot(let snapshot):
                try await spool.keep(snapshot, heardAt: heardAt)
                storedEvents = 0
            case .events(let events):
                try await spool.keep(events, heardAt: heardAt)
                storedEvents += events.count
            }
            owed = .events([])
            guard storedEvents > Self.maximumEvents else { return }
            if let heard = try await spool.heard() { try await spool.keep(heard.snapshot, heardAt: heard.at) }
            storedEvents = 0
        } catch {
            logger.warning("what the ledger said is not stored yet", metadata: ["fault": "\(error)"])
        }
    }
}
