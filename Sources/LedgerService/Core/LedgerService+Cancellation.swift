public import BoxOffice
public import HTTPEdge
public import Store
public import Values

/// Who asks, and with which key: acts that take two people tell them apart by it.
public struct Signatory: Sendable, Hashable {
    public let caller: Caller
    public let signature: Signature

    public init(_ caller: Caller, signature: Signature? = nil) {
        self.caller = caller
        self.signature = signature ?? Signature(name: caller.actor)
    }
}

/// A plan to cancel a room, and how far it was carried out.
public struct CancellationView: Sendable, Hashable, Encodable {
    public struct Progress: Sendable, Hashable, Encodable {
        public let begunAt: Instant
        public let endedAt: Instant?
        /// Transactions so far.
        public let batches: Int
        /// Orders that were looked at, whether money was left of them or not.
        public let orders: Int
        public let holds: Int
        public let passes: Int
        /// What went back, one amount a currency.
        public let refunded: [Money]
    }

    public let cancellation: CancellationID
    public let room: RoomID
    /// `planned`, `approved`, `expired`, `underway` or `done`.
    public let state: String
    /// Names the plan when it is approved and carried out.
    public let digest: String
    public let madeAt: Instant
    public let madeBy: String
    public let expiresAt: Instant
    public let needsSecond: Bool
    public let approvedBy: String?
    public let approvedAt: Instant?
    public let counts: CancellationCounts
    public let refunds: [Money]
    public let postings: [PostingSum]
    public let notGivenBack: [NotGivenBack]
    public let progress: Progress?
}

extension LedgerService {
    /// Orders, holds or passes in one transaction: a sale waits at most for one of these, some tens of milliseconds.
    static let cancellationBatch = 200

    /// The caller with the key that they came with.
    /// - Parameter key: its characters; `nil` where the program itself asks.
    public func signatory(_ caller: Caller, key: String?) async throws -> Signatory {
        guard let key else { return Signatory(caller) }
        let hash = SHA256Digest(of: key)
        guard let row = try await database.read({ try $0.key(hash: hash) }) else { throw EdgeRefusal.keyUnknown }
        return Signatory(caller, signature: Signature(name: row.id.text, keyMadeAt: row.createdAt))
    }

    /// Says what cancelling a room would do, and does nothing yet.
    public func planCancellation(
        of room: RoomID, key: IdempotencyKey, by signatory: Signatory
    ) async throws -> CancellationView {
        let caller = signatory.caller
        let id: CancellationID = makeID()
        let now = clock.now()
        let command = OnceOnly("cancellation", by: caller, key: key, request: room.text)
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                let room = try owned(room, by: caller, in: transaction)
                if let begun = try transaction.cancellation(of: room.id) { throw CancellationRefusal.begun(begun) }
                try plan(id, of: room, madeBy: signatory.signature.name, at: now, in: transaction)
                try transaction.audit(
                    actor: caller.actor, act: "cancellation_planned", subject: room.id.text, detail: id.text, at: now)
                return id.text
            }
            guard let made = try CancellationID(outcome).flatMap({ try transaction.cancellation($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return try view(of: made, at: now, in: transaction)
        }
    }

    /// A plan and how far it was carried out, for the room's host and the platform's staff.
    public func cancellation(_ id: CancellationID, by caller: Caller) async throws -> CancellationView {
        let now = clock.now()
        return try await database.read { transaction in
            try view(of: try planned(id, seenBy: caller, in: transaction), at: now, in: transaction)
        }
    }

    /// Who gets what back by a plan: as it is now, in the order of holders and currencies.
    public func recipients(
        of id: CancellationID, _ page: PageRequest, by caller: Caller
    ) async throws -> (recipients: [RefundRecipient], next: String?) {
        let cursor = (page.after ?? "").split(separator: "/", maxSplits: 1).map(String.init)
        return try await database.read { transaction in
            let row = try planned(id, seenBy: caller, in: transaction)
            let (recipients, next) = page.page(
                try transaction.recipients(
                    of: row.cancellation.plan.room, after: cursor.first ?? "", cursor.count > 1 ? cursor[1] : "",
                    limit: page.limit + 1), key: { "\($0.holder)/\($0.amount.currency.code)" })
            return (recipients, next)
        }
    }

    /// A second person agrees to a plan.
    public func approveCancellation(
        _ id: CancellationID, digest: SHA256Digest, key: IdempotencyKey, by signatory: Signatory
    ) async throws -> CancellationView {
        let caller = signatory.caller
        try requireFinance(caller)
        let now = clock.now()
        let command = OnceOnly(
            "cancellation-approve", by: caller, key: key, request: "\(id)|\(digest)|\(signatory.signature.name)")
        return try await database.write { transaction in
            _ = try transaction.once(command, at: now) {
                guard let row = try transaction.cancellation(id) else { throw CancellationRefusal.unknown }
                var cancellation = row.cancellation
                try cancellation.approve(digest, by: signatory.signature, at: now)
                try transaction.approve(row.cancellation, by: signatory.signature.name, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "cancellation_approved", subject: row.cancellation.plan.room.text,
                    detail: "\(id) \(signatory.signature.name)", at: now)
                return id.text
            }
            guard let row = try transaction.cancellation(id) else { throw CancellationRefusal.unknown }
            return try view(of: row, at: now, in: transaction)
        }
    }

    /// Stores a plan of what the room holds now.
    func plan(
        _ id: CancellationID, of room: Room, madeBy: String, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let plan = try decideCancellation(
            id, of: room, holdings: try transaction.holdings(of: room.id),
            policy: settings.housePolicy.cancellation, at: now)
        let body = text(of: plan)
        try transaction.insertCancellation(
            plan, body: body, digest: CancellationPlan.digest(ofText: body), madeBy: madeBy)
    }

    /// The plan, if it is the caller's business; others do not learn whether it exists.
    func planned(
        _ id: CancellationID, seenBy caller: Caller, in transaction: borrowing Transaction
    ) throws -> CancellationRow {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        guard let row = try transaction.cancellation(id) else { throw CancellationRefusal.unknown }
        switch caller {
        case .operator, .finance, .auditor: return row
        case .host(let host):
            guard try transaction.room(row.cancellation.plan.room)?.host == host else {
                throw CancellationRefusal.unknown
            }
            return row
        case .moderator, .gateway, .wallet, .anybody: throw EdgeRefusal.keyScope("host, operator, finance, auditor")
        }
    }

    func view(
        of row: CancellationRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> CancellationView {
        let cancellation = row.cancellation
        let plan = cancellation.plan
        let progress = try row.begunAt.map { begunAt in
            let progress = try transaction.progress(of: row)
            return CancellationView.Progress(
                begunAt: begunAt, endedAt: row.endedAt, batches: progress.steps, orders: progress.orders,
                holds: progress.holds, passes: progress.passes, refunded: progress.refunded)
        }
        return CancellationView(
            cancellation: row.id, room: plan.room, state: cancellation.state(at: now).rawValue,
            digest: cancellation.digest.hex, madeAt: plan.madeAt, madeBy: cancellation.madeBy,
            expiresAt: plan.expiresAt, needsSecond: plan.needsSecond, approvedBy: try transaction.approver(of: row.id),
            approvedAt: row.approvedAt, counts: plan.counts, refunds: plan.refunds, postings: plan.postings,
            notGivenBack: plan.notGivenBack, progress: progress)
    }
}
