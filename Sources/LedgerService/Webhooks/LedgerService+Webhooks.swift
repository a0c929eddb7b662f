internal import BoxOffice
public import HTTPEdge
internal import Store
public import Values

/// Endpoints: hosts register their own and hear of their rooms and money; operators hear of everything.
extension LedgerService {
    /// Endpoints of one owner: one for each system of a small house.
    static let maximumWebhooks = 10

    /// Whose endpoints a caller has to do with; `nil` for all of them.
    private func webhookOwner(_ caller: Caller) throws(EdgeRefusal) -> HostID? {
        switch caller {
        case .operator: return nil
        case .host(let host): return host
        case .anybody: throw .keyMissing
        case .moderator, .finance, .auditor, .gateway, .wallet: throw .keyScope("host, operator")
        }
    }

    /// Registers an endpoint. It hears of what happens from now on; the secret is in this answer and in no other.
    public func addWebhook(
        _ draft: WebhookDraft, key: IdempotencyKey, by caller: Caller
    ) async throws -> WebhookView {
        let owner = try webhookOwner(caller)
        if let owner, let host = draft.host, host != owner { throw EdgeRefusal.keyScope("operator") }
        let host = owner ?? draft.host
        let url = try WebhookURL(draft.url, policy: settings.webhooks)
        var kinds: [EventKind] = []
        for name in draft.events {
            guard let kind = EventKind(rawValue: name), EventKind.offered.contains(kind), !kinds.contains(kind),
                host == nil || kind.concernsHosts
            else { throw WebhookRefusal.kinds }
            kinds.append(kind)
        }
        let command = OnceOnly(
            "webhook", by: caller, key: key,
            request: "\(url.text)|\(draft.events.joined(separator: ","))|\(host?.text ?? "")")
        let asked = kinds
        let print = webhookSecrets.print
        return try await changeWebhook(command, owner: owner, showsSecret: true) { transaction, now in
            if let host, try transaction.host(host) == nil { throw LedgerRefusal.hostUnknown }
            let others = try transaction.webhooks(of: nil).filter { $0.host == host }
            guard others.count < Self.maximumWebhooks else { throw WebhookRefusal.limit }
            let id: WebhookID = makeID()
            try transaction.insertWebhook(
                id, host: host, url: url.text, kinds: asked, keyPrint: print, by: caller.actor, at: now)
            try transaction.audit(actor: caller.actor, act: "webhook_added", subject: id.text, at: now)
            return id
        }
    }

    public func webhooks(by caller: Caller) async throws -> [WebhookView] {
        let owner = caller.isAuditor ? nil : try webhookOwner(caller)
        let now = clock.now()
        return try await database.read { transaction in
            try transaction.webhooks(of: owner).map { row in
                WebhookView(row, try progress(of: row, in: transaction), at: now)
            }
        }
    }

    public func webhook(_ id: WebhookID, by caller: Caller) async throws -> WebhookView {
        let owner = caller.isAuditor ? nil : try webhookOwner(caller)
        let now = clock.now()
        return try await database.read { transaction in
            let row = try owned(id, by: owner, in: transaction)
            return WebhookView(row, try progress(of: row, in: transaction), at: now)
        }
    }

    /// The last attempts, newest first.
    public func webhookAttempts(_ id: WebhookID, by caller: Caller) async throws -> [WebhookAttemptView] {
        let owner = caller.isAuditor ? nil : try webhookOwner(caller)
        return try await database.read { transaction in
            let row = try owned(id, by: owner, in: transaction)
            return try transaction.attempts(of: row.id, limit: 200).map { WebhookAttemptView($0) }
        }
    }

    /// Turns deliveries on; those that wait go out in their order. Ends a pause too.
    public func enableWebhook(_ id: WebhookID, key: IdempotencyKey, by caller: Caller) async throws -> WebhookView {
        try await change(id, "webhook_enabled", key: key, by: caller) { transaction, row, endpoint, now in
            guard try endpoint.enable() == .changed else { return false }
            // From where it was, with a fresh count of failures.
            let sequence = try progress(of: row, in: transaction).sequence
            try transaction.rewind(row.id, to: sequence)
            return true
        }
    }

    /// Turns deliveries off; what happens meanwhile waits.
    public func disableWebhook(_ id: WebhookID, key: IdempotencyKey, by caller: Caller) async throws -> WebhookView {
        try await change(id, "webhook_disabled", key: key, by: caller) { _, _, endpoint, _ in
            try endpoint.disable() == .changed
        }
    }

    /// A new secret, in this answer and in no other. For a day the old one signs as well.
    public func rotateWebhook(_ id: WebhookID, key: IdempotencyKey, by caller: Caller) async throws -> WebhookView {
        let own = webhookSecrets.print
        return try await change(id, "webhook_rotated", key: key, by: caller, showsSecret: true) {
            _, row, endpoint, now in
            guard row.keyPrint == own else { throw WebhookRefusal.otherKey }
            try endpoint.rotate(at: now)
            return true
        }
    }

    /// Removes an endpoint for good.
    public func removeWebhook(_ id: WebhookID, key: IdempotencyKey, by caller: Caller) async throws -> WebhookView {
        try await change(id, "webhook_removed", key: key, by: caller) { _, _, endpoint, _ in
            endpoint.remove() == .changed
        }
    }

    /// Delivers everything behind a cursor again, in order, with the ids that it had.
    public func replayWebhook(
        _ id: WebhookID, after cursor: Int64, key: IdempotencyKey, by caller: Caller
    ) async throws -> WebhookView {
        let owner = try webhookOwner(caller)
        let command = OnceOnly("webhook-replay", by: caller, key: key, request: "\(id)|\(cursor)")
        return try await changeWebhook(command, owner: owner) { transaction, now in
            let row = try owned(id, by: owner, in: transaction)
            guard row.endpoint.state != .removed else { throw WebhookRefusal.removed }
            guard cursor >= 0, try cursor <= transaction.lastEvent() else { throw WebhookRefusal.cursor }
            try transaction.rewind(id, to: cursor)
            try transaction.audit(
                actor: caller.actor, act: "webhook_replayed", subject: id.text, detail: "after \(cursor)", at: now)
            return id
        }
    }

    /// Sends an endpoint an event that is about nothing, behind whatever waits for it.
    public func testWebhook(_ id: WebhookID, key: IdempotencyKey, by caller: Caller) async throws -> WebhookView {
        let owner = try webhookOwner(caller)
        let command = OnceOnly("webhook-test", by: caller, key: key, request: id.text)
        return try await changeWebhook(command, owner: owner) { transaction, now in
            let row = try owned(id, by: owner, in: transaction)
            guard row.endpoint.state == .enabled else { throw WebhookRefusal.notEnabled }
            try transaction.tell(.webhookTest, of: id.text, host: row.host, for: id, at: now, EventFacts())
            return id
        }
    }

    // MARK: - What the commands share

    private func change(
        _ id: WebhookID, _ act: String, key: IdempotencyKey, by caller: Caller, showsSecret: Bool = false,
        _ event: @escaping @Sendable (borrowing Transaction, WebhookRow, inout WebhookEndpoint, Instant) throws -> Bool
    ) async throws -> WebhookView {
        let owner = try webhookOwner(caller)
        let command = OnceOnly(act, by: caller, key: key, request: id.text)
        return try await changeWebhook(command, owner: owner, showsSecret: showsSecret) { transaction, now in
            let row = try owned(id, by: owner, in: transaction)
            var endpoint = row.endpoint
            if try event(transaction, row, &endpoint, now) {
                try transaction.change(row, to: endpoint, reason: "", by: caller.actor, at: now)
                try transaction.audit(actor: caller.actor, act: act, subject: id.text, at: now)
            }
            return id
        }
    }

    /// Carries a command out, once, and shows the endpoint as it stands.
    private func changeWebhook(
        _ command: OnceOnly, owner: HostID?, showsSecret: Bool = false,
        _ body: @escaping @Sendable (borrowing Transaction, Instant) throws -> WebhookID
    ) async throws -> WebhookView {
        let now = clock.now()
        let secrets = webhookSecrets
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) { try body(transaction, now).text }
            guard let id = WebhookID(outcome), let row = try transaction.webhook(id) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            // Derived from another key file it would be another secret.
            guard !showsSecret || row.keyPrint == secrets.print else { throw WebhookRefusal.otherKey }
            let secret = showsSecret ? secrets.text(of: id, number: row.endpoint.secret) : nil
            return WebhookView(row, try progress(of: row, in: transaction), secret: secret, at: now)
        }
    }

    /// The endpoint, if it is the caller's; others do not learn whether it exists.
    private func owned(
        _ id: WebhookID, by owner: HostID?, in transaction: borrowing Transaction
    ) throws -> WebhookRow {
        guard let row = try transaction.webhook(id), owner.map({ $0 == row.host }) ?? true else {
            throw WebhookRefusal.unknown
        }
        return row
    }

    private func progress(
        of row: WebhookRow, in transaction: borrowing Transaction
    ) throws(StoreFault) -> WebhookProgress {
        guard let progress = try transaction.progress(of: row.id) else {
            throw StoreFault.corrupt(column: "webhook_progress.webhook")
        }
        return progress
    }

    // MARK: - Polling

    /// Events on a page at most.
    public static let eventsPerPage = 500

    /// What happened behind a cursor, in order: to operators, finance and auditors everything, to a host its own.
    public func events(
        after cursor: Int64, limit: Int = eventsPerPage, by caller: Caller
    ) async throws -> EventPage {
        let host: HostID?
        switch caller {
        case .operator, .finance, .auditor: host = nil
        case .host(let own): host = own
        case .anybody: throw EdgeRefusal.keyMissing
        case .moderator, .gateway, .wallet: throw EdgeRefusal.keyScope("host, operator, finance, auditor")
        }
        let limit = min(max(1, limit), Self.eventsPerPage)
        return try await database.read { transaction in
            let rows = try transaction.events(after: cursor, of: host, limit: limit)
            let shard = transaction.shardName
            return EventPage(
                // What was sent to one endpoint as a test is about nothing, and nobody else's.
                bodies: rows.filter { $0.webhook == nil }.map { $0.payload(shard: shard) },
                next: rows.last?.sequence ?? cursor)
        }
    }
}
