internal import HTTPEdge
internal import Logging
internal import Stage
internal import Values

/// Keeps the gateway's knowledge as fresh as the ledger's feed, until it is cancelled.
///
/// A revocation goes from the ledger's commit to the relay in one answer of the feed: some milliseconds. After any
/// fault the next word is a whole snapshot, so nothing that happened in between can be missed.
struct FeedFollower: Sendable {
    let gateway: GatewayID
    let link: any LedgerLink
    let knowledge: DoorKnowledge
    let rooms: GatewayRooms
    let memory: LedgerMemory
    let metrics: GatewayMetrics
    let clock: WallClock
    let logger: Logger
    let waitSeconds: Int

    /// The feed said something that cannot follow what it said before.
    enum Fault: Error { case cursorWentBack, tooManyRevocations, tooManyEnds, tooManyBindings }

    func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var cursor: Int64?
        while !Task.isCancelled {
            do {
                cursor = try await step(after: cursor)
                backoff.succeeded()
            } catch {
                if Task.isCancelled { return }
                cursor = nil
                metrics.feedFailed()
                logger.warning("feed", metadata: ["fault": "\(error)", "failures": "\(backoff.failures + 1)"])
                try? await Task.sleep(for: backoff.failed(using: &generator))
            }
        }
    }

    /// Takes a snapshot, or one page behind `cursor`.
    func step(after cursor: Int64?) async throws -> Int64 {
        guard let cursor else { return try await takeSnapshot() }
        let asked = ContinuousClock.now
        let page = try await link.feed(after: cursor, waitSeconds: waitSeconds, for: gateway)
        guard page.next >= cursor else { throw Fault.cursorWentBack }
        for event in page.events { try await apply(event.change) }
        let now = clock.now()
        knowledge.noteHeard(at: now)
        // Silence first, the disk after it and beside it. What a crash in between costs was not heard, as far as the
        // disk says.
        await memory.keep(page.events, heardAt: now)
        if await memory.asksForSnapshot(at: now) {
            do { return try await takeSnapshot(since: page.next) } catch {
                // The feed has no gap and goes on; only the disk knows less.
                if Task.isCancelled { throw error }
                logger.warning("no new snapshot to keep", metadata: ["fault": "\(error)"])
            }
        }
        // A link that does not wait must not make this loop spin.
        if page.events.isEmpty, ContinuousClock.now - asked < .milliseconds(50) {
            try await Task.sleep(for: .milliseconds(100))
        }
        return page.next
    }

    /// - Parameter cursor: what was heard already; a snapshot from before it would take some of it back.
    private func takeSnapshot(since cursor: Int64 = 0) async throws -> Int64 {
        let snapshot = try await link.snapshot(for: gateway)
        guard snapshot.cursor >= cursor else { throw Fault.cursorWentBack }
        let now = clock.now()
        try knowledge.replace(by: snapshot, at: now)
        await rooms.apply(snapshot)
        await memory.keep(snapshot, heardAt: now)
        return snapshot.cursor
    }

    private func apply(_ change: FeedEvent.Change) async throws {
        switch change {
        case .room(let brief): await rooms.apply(brief)
        case .revoked(let notice):
            let isNoted = knowledge.note(notice)
            await rooms.revoke(notice)
            guard isNoted else { throw Fault.tooManyRevocations }
        case .extended(let end):
            // Known first: whoever comes in from now on asks for it.
            let isNoted = knowledge.note(end)
            await rooms.apply(end)
            guard isNoted else { throw Fault.tooManyEnds }
        case .bound(let binding): guard knowledge.note(binding) else { throw Fault.tooManyBindings }
        case .banned(let notice): await rooms.apply(notice)
        case .keys(let jwks): try knowledge.replaceKeys(by: jwks)
        }
    }
}
