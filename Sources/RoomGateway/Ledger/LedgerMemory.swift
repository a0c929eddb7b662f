internal import Logging
internal import Stage
internal import Values

/// Keeps what the ledger said on disk, so that a gateway that starts while the ledger is away knows what it knew.
///
/// What stands there is always all that was heard until one instant, and that instant: after
/// ``AdmissionPolicy/maximumSilenceSeconds`` it opens no door any more, as in a gateway that ran on. What isn't stored
/// yet is owed, and until it is stored the instant stays where it was.
///
/// Whoever hears the ledger never waits for the disk: `keep` only notes, and ``run()``
/// writes, one thing after the other. What comes during a write is gathered, and a newer snapshot takes the place of
/// all that is owed.
///
/// ```
///   lost ──snapshot──▶ following ◀─┐ event, snapshot, stored, not stored
///     ▲                    │   └───┘
///     └── far too many ────┘
/// ```
actor LedgerMemory {
    /// Three megabytes, read in a tenth of a second. Behind more events the ledger is asked for a new snapshot, which
    /// leaves out what is over. Beyond twice as many without one it is given up: the disk keeps what it has, which
    /// grows stale.
    static let maximumEvents = 10_000
    /// A snapshot has up to a hundred megabytes: a ledger that can't give one is not asked with every page.
    static let secondsBetweenQuestions: Int64 = 60

    /// What the disk lacks: a snapshot or what stands there already, these events behind it, and when that was all.
    private struct Owed {
        var snapshot: GatewaySnapshot?
        var events: [FeedEvent]
        var heardAt: Instant
    }

    private enum State {
        /// Something is missing between what was stored and what will be heard.
        case lost
        /// - Parameter events: how many came since the snapshot, stored or not.
        case following(events: Int, owed: Owed?)
    }

    private let spool: ReceiptSpool
    private let logger: Logger
    private var state = State.lost
    private var isWriting = false
    private var askedAt: Instant?
    /// Ticks when there may be something to write.
    private let mayWrite: AsyncStream<Void>
    private let arrivals: AsyncStream<Void>.Continuation

    init(spool: ReceiptSpool, logger: Logger) {
        self.spool = spool
        self.logger = logger
        (mayWrite, arrivals) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
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

    func keep(_ snapshot: GatewaySnapshot, heardAt: Instant) {
        state = .following(events: 0, owed: Owed(snapshot: snapshot, events: [], heardAt: heardAt))
        arrivals.yield()
    }

    /// - Parameter events: all since the call before.
    func keep(_ events: [FeedEvent], heardAt: Instant) {
        guard case .following(let earlier, var owed) = state else { return }
        let count = earlier + events.count
        guard count <= 2 * Self.maximumEvents else {
            state = .lost
            return
        }
        // One owner while it grows: a copy of the events for each page would be quadratic.
        state = .lost
        if owed == nil { owed = Owed(snapshot: nil, events: [], heardAt: heardAt) }
        owed?.events += events
        owed?.heardAt = heardAt
        state = .following(events: count, owed: owed)
        arrivals.yield()
    }

    /// Whether the ledger should now be asked for a new snapshot: yes once, and if none comes, again a minute later.
    func asksForSnapshot(at now: Instant) -> Bool {
        if case .following(let events, _) = state, events <= Self.maximumEvents { return false }
        if let askedAt, askedAt <= now, now < askedAt.advanced(bySeconds: Self.secondsBetweenQuestions) { return false }
        askedAt = now
        return true
    }

    /// Writes what is owed, until it is cancelled; a write that is under way then is finished.
    func run() async { for await _ in mayWrite { await write() } }

    /// Writes what is owed now, unless a write is under way. What can't be written is owed until the next one.
    func write() async {
        guard !isWriting, case .following(let events, let owed?) = state else { return }
        isWriting = true
        defer { isWriting = false }
        state = .following(events: events, owed: nil)
        do {
            try await spool.keep(owed.snapshot, owed.events, heardAt: owed.heardAt)
        } catch {
            logger.warning("what the ledger said is not stored yet", metadata: ["fault": "\(error)"])
            oweAgain(owed)
        }
    }

    /// In front of what came meanwhile, unless that begins anew.
    private func oweAgain(_ unwritten: Owed) {
        guard case .following(let events, let later) = state, later?.snapshot == nil else { return }
        var owed = unwritten
        if let later {
            owed.events += later.events
            owed.heardAt = later.heardAt
        }
        state = .following(events: events, owed: owed)
    }
}
