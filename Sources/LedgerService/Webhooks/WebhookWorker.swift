internal import BoxOffice
internal import Foundation
internal import HTTPEdge
public import Logging
internal import Store
internal import Synchronization
internal import Values

/// Brings the outbox to its endpoints: each in order, one event after the other, at least once.
///
/// An event counts as delivered when the receiver has answered 2xx and that is on disk; a process that dies between
/// the two delivers it again, under the same id. Of several processes one delivers to an endpoint at a time: it holds
/// the endpoint's lease, renews it with every event, and whatever it stores is refused once the lease is another's.
public struct WebhookWorker: Sendable {
    /// Longer than a look-up, a connection and an answer may take together (5 + 5 + 10 s).
    static let leaseSeconds: Int64 = 30
    /// How long a new event may lie before somebody looks. Two small queries a second when nothing happens.
    private static let interval = Duration.milliseconds(500)
    /// Endpoints that are delivered to side by side: a slow one holds up nobody but itself.
    private static let atOnce = 32
    /// Events of one turn of an endpoint; then the others get theirs.
    private static let eventsPerTurn = 200

    private let service: LedgerService
    private let sender: any WebhookSender
    private let logger: Logger
    /// Of this process, as leases name it.
    private let name: String

    public init(_ service: LedgerService, _ sender: any WebhookSender, logger: Logger) {
        self.service = service
        self.sender = sender
        self.logger = logger
        name = UUID().uuidString
    }

    /// Delivers until the task is cancelled.
    public func run() async {
        let busy = Busy(limit: Self.atOnce)
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                do {
                    for id in try await due() where busy.take(id) {
                        group.addTask {
                            await self.deliver(to: id)
                            busy.leave(id)
                        }
                    }
                } catch {
                    // A fault of the store: the next turn tries again.
                    logger.warning("webhooks", metadata: ["fault": "\(error)"])
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
    }

    /// Endpoints that this process delivers to at the moment.
    private final class Busy: Sendable {
        // Protects the names; held for one look.
        private let names = Mutex<Set<WebhookID>>([])
        private let limit: Int

        init(limit: Int) { self.limit = limit }

        func take(_ id: WebhookID) -> Bool { names.withLock { $0.count < limit && $0.insert(id).inserted } }
        func leave(_ id: WebhookID) { names.withLock { _ = $0.remove(id) } }
    }

    /// Delivers once to every endpoint that is due, one after the other.
    func turn() async throws { for id in try await due() { await deliver(to: id) } }

    /// Endpoints that there is something for now.
    private func due() async throws -> [WebhookID] {
        let now = service.clock.now()
        let print = service.webhookSecrets.print
        return try await service.database.read { transaction in
            let last = try transaction.lastEvent()
            var due: [(id: WebhookID, sequence: Int64)] = []
            for row in try transaction.webhooks(of: nil) where row.endpoint.state == .enabled && row.keyPrint == print {
                guard let progress = try transaction.progress(of: row.id) else { continue }
                // Later than any pause is what a wrong clock wrote.
                let isDue = progress.nextAt <= now || progress.nextAt > now.advanced(bySeconds: 2 * 3_600)
                if progress.sequence < last, isDue { due.append((row.id, progress.sequence)) }
            }
            // Whoever is furthest behind comes first: places are few, and those with small ids would take them all.
            return due.sorted { $0.sequence < $1.sequence }.map(\.id)
        }
    }

    // MARK: - One endpoint

    /// What a turn works with, read anew for each page of events.
    private struct Page: Sendable {
        let row: WebhookRow
        var progress: WebhookProgress
        let events: [OutboxRow]
        /// The last event of all, if there is none for this endpoint before it.
        let last: Int64
        let shard: String
    }

    private func deliver(to id: WebhookID) async {
        var line: (any WebhookLine)?
        do {
            guard try await takeLease(of: id) else { return }
            var left = Self.eventsPerTurn
            while left > 0, !Task.isCancelled, let page = try await page(of: id), page.row.endpoint.state == .enabled {
                left -= page.events.count
                guard try await deliver(page, over: &line) else { break }
            }
            let name = name
            try await service.database.write { try $0.releaseLease(of: id, as: name) }
        } catch {
            // The lease runs out by itself.
            logger.warning("webhook", metadata: ["webhook": "\(id)", "fault": "\(error)"])
        }
        await line?.close()
    }

    private func takeLease(of id: WebhookID) async throws -> Bool {
        let now = service.clock.now()
        let name = name
        let isAlone = !service.database.isShared
        return try await service.database.write { transaction in
            try transaction.takeLease(
                of: id, as: name, until: now.advanced(bySeconds: Self.leaseSeconds), at: now, isAlone: isAlone)
        }
    }

    private func page(of id: WebhookID) async throws -> Page? {
        try await service.database.read { transaction in
            guard let row = try transaction.webhook(id), let progress = try transaction.progress(of: id) else {
                return nil
            }
            let events = try transaction.events(after: progress.sequence, of: row.host, limit: 50)
            return Page(
                row: row, progress: progress, events: events, last: try transaction.lastEvent(),
                shard: transaction.shardName)
        }
    }

    /// - Returns: whether to go on with the next page.
    private func deliver(_ page: Page, over line: inout (any WebhookLine)?) async throws -> Bool {
        var progress = page.progress
        for event in page.events {
            guard page.row.wants(event) else {
                progress = progress.passing(event.sequence)
                continue
            }
            let started = ContinuousClock.now
            let at = service.clock.now()
            var outcome: WebhookOutcome
            do throws(WebhookUnreachable) {
                if line == nil { line = try await open(page.row) }
                outcome = await line?.send(message(event, to: page.row, in: page.shard, at: at)) ?? .failed("not open")
            } catch {
                outcome = .failed(error.words)
            }
            // A server that ends is no failure of the receiver.
            if Task.isCancelled, !outcome.isDelivered { return false }
            let took = (ContinuousClock.now - started) / .microseconds(1)
            let attempt = WebhookAttempt(
                sequence: event.sequence, attempt: progress.failures + 1, status: outcome.status,
                outcome: outcome.words, at: at, tookMicroseconds: Int64(took))
            progress =
                outcome.isDelivered ? progress.passing(event.sequence) : progress.failing(at: service.clock.now())
            guard try await store(attempt, progress, outcome, of: page.row), outcome.isDelivered else { return false }
        }
        guard let last = page.events.last else {
            return try await advance(page.row.id, to: progress.passing(page.last)) && false
        }
        // What it did not ask for at the end of the page is behind it too.
        return try await advance(page.row.id, to: progress.passing(last.sequence))
    }

    private func open(_ row: WebhookRow) async throws(WebhookUnreachable) -> any WebhookLine {
        let url: WebhookURL
        // The rules may have become stricter since it was registered.
        do throws(WebhookRefusal) { url = try WebhookURL(row.url, policy: service.settings.webhooks) } catch {
            throw WebhookUnreachable("the address is not allowed")
        }
        return try await sender.open(url)
    }

    private func message(
        _ event: OutboxRow, to row: WebhookRow, in shard: String, at now: Instant
    ) -> WebhookMessage {
        let id = event.id(shard: shard)
        let body = event.payload(shard: shard)
        let signatures = service.webhookSecrets.signatures(
            of: row.id, numbers: row.endpoint.secrets(at: now), message: "\(id).\(now.seconds).\(body)")
        return WebhookMessage(id: id, timestamp: now.seconds, signatures: signatures, body: body)
    }

    private func advance(_ id: WebhookID, to progress: WebhookProgress) async throws -> Bool {
        let end = service.clock.now().advanced(bySeconds: Self.leaseSeconds)
        let name = name
        return try await service.database.write { try $0.advance(id, to: progress, as: name, until: end) }
    }

    /// Writes an attempt down, moves the endpoint, and pauses it where nothing gets through any more.
    /// - Returns: whether the endpoint is still ours, and still wants to be told.
    private func store(
        _ attempt: WebhookAttempt, _ progress: WebhookProgress, _ outcome: WebhookOutcome, of row: WebhookRow
    ) async throws -> Bool {
        let now = service.clock.now()
        let end = now.advanced(bySeconds: Self.leaseSeconds)
        let name = name
        let pause = reasonToPause(after: outcome, progress, at: now)
        return try await service.database.write { transaction in
            try transaction.insertAttempt(attempt, of: row.id)
            guard try transaction.advance(row.id, to: progress, as: name, until: end),
                let current = try transaction.webhook(row.id)
            else { return false }
            if let pause {
                var endpoint = current.endpoint
                if endpoint.pause() == .changed {
                    try transaction.change(current, to: endpoint, reason: pause, by: "ledger", at: now)
                    try transaction.audit(
                        actor: "ledger", act: "webhook_paused", subject: row.id.text, detail: pause, at: now)
                }
                return false
            }
            return current.endpoint.state == .enabled
        }
    }

    private func reasonToPause(
        after outcome: WebhookOutcome, _ progress: WebhookProgress, at now: Instant
    ) -> String? {
        if outcome.status == 410 { return "the receiver says that it is gone (410)" }
        guard let first = progress.failingSince, DeliverySchedule.isOver(failingSince: first, at: now) else {
            return nil
        }
        return "nothing got through since \(first); last: \(outcome.words)"
    }
}

extension WebhookRow {
    /// Whether an event is for this endpoint, among those that its owner may hear of.
    fileprivate func wants(_ event: OutboxRow) -> Bool {
        if let only = event.webhook { return only == id }
        return kinds.isEmpty || kinds.contains(event.kind)
    }
}

extension WebhookOutcome {
    fileprivate var status: Int? {
        if case .answered(let status) = self { return status }
        return nil
    }
}

extension WebhookProgress {
    /// An event is behind it.
    fileprivate func passing(_ sequence: Int64) -> WebhookProgress {
        WebhookProgress(
            sequence: max(self.sequence, sequence), failures: 0, failingSince: nil, nextAt: Instant(microseconds: 0))
    }

    /// An event did not get through.
    fileprivate func failing(at now: Instant) -> WebhookProgress {
        let pause = DeliverySchedule.pauseMicroseconds(after: failures + 1, jitter: Double.random(in: 0...1))
        return WebhookProgress(
            sequence: sequence, failures: failures + 1, failingSince: failingSince ?? now,
            nextAt: now.advanced(byMicroseconds: pause))
    }
}
