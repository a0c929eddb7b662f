internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
public import Values

extension LedgerService {
    /// Carries a plan out: the room is cancelled at once, then every order is given back, every hold ended and every
    /// ticket taken back, in batches that each stand on their own. After a crash the same request goes on where it
    /// stopped; on a plan that is done it changes nothing.
    /// - Parameters:
    ///   - digest: of the plan, as it was shown.
    ///   - batches: stops after so many; `nil` goes on to the end.
    public func runCancellation(
        _ id: CancellationID, digest: SHA256Digest, batches: Int? = nil, by caller: Caller
    ) async throws -> CancellationView {
        try await tellingGateways { transaction in
            let row = try planned(id, seenBy: caller, in: transaction)
            let room = try owned(row.cancellation.plan.room, by: caller, in: transaction)
            try begin(row, digest: digest, of: room, by: caller, in: transaction)
        }
        var left = batches ?? .max
        while left > 0, try await cancellationStep(id) { left -= 1 }
        return try await cancellation(id, by: caller)
    }

    /// Cancels the room and gives every ticket back in one request, where one person may decide that. After a crash the
    /// same request goes on where it stopped, also for a room that was cancelled by a plan.
    public func cancelRoom(_ id: RoomID, by caller: Caller) async throws -> RoomView {
        let fresh: CancellationID = makeID()
        let now = clock.now()
        let cancellation = try await tellingGateways { transaction in
            let room = try owned(id, by: caller, in: transaction)
            if let begun = try transaction.cancellation(of: id) { return begun }
            try plan(fresh, of: room, madeBy: caller.actor, at: now, in: transaction)
            guard let row = try transaction.cancellation(fresh) else {
                throw StoreFault.corrupt(column: "cancellations.cancellation")
            }
            let plan = row.cancellation.plan
            if plan.needsSecond, let most = plan.refunds.first(where: settings.housePolicy.cancellation.needsSecond) {
                throw CancellationRefusal.planNeeded(most)
            }
            try begin(row, digest: row.cancellation.digest, of: room, by: caller, in: transaction)
            return fresh
        }
        while try await cancellationStep(cancellation) {}
        return try await room(id)
    }

    /// The first step: from now on nobody buys and nobody is inside.
    private func begin(
        _ row: CancellationRow, digest: SHA256Digest, of room: Room, by caller: Caller,
        in transaction: borrowing Transaction
    ) throws {
        let now = clock.now()
        var cancellation = row.cancellation
        // Another plan may have been faster.
        if row.begunAt == nil, let begun = try transaction.cancellation(of: room.id) {
            throw CancellationRefusal.begun(begun)
        }
        let beginning = try cancellation.begin(
            digest, holdings: try transaction.holdings(of: room.id), at: now)
        guard case .begins(let approver) = beginning else { return }
        let cancelled = try room.cancelled(at: now)
        if cancelled != room {
            let head = try transaction.journalHead()
            try transaction.insertRoomFact(room.id, cancelled.state, sequence: head.chain.sequence)
            try transaction.announce(cancelled, at: now)
        }
        try transaction.insertCancellationRun(row.cancellation, approver: approver, by: caller.actor, at: now)
        try transaction.audit(
            actor: caller.actor, act: "room_cancelled", subject: room.id.text, detail: row.id.text, at: now)
    }

    /// Carries out the next batch: orders first, then holds, then what is left of tickets and passes.
    /// - Returns: whether there may be more.
    func cancellationStep(_ id: CancellationID) async throws -> Bool {
        let now = clock.now()
        return try await tellingGateways { transaction in
            guard let row = try transaction.cancellation(id), row.begunAt != nil else {
                throw StoreFault.corrupt(column: "cancellation_runs.cancellation")
            }
            guard row.endedAt == nil else { return false }
            let room = row.cancellation.plan.room
            let last = try transaction.lastStep(of: id)
            if let step = try endNext(of: room, after: last, at: now, in: transaction) {
                try transaction.insertStep(step, of: id, at: now)
                return true
            }
            try transaction.endCancellation(id, at: now)
            try transaction.audit(
                actor: "cancellation", act: "cancellation_done", subject: room.text, detail: id.text, at: now)
            return false
        }
    }

    /// - Returns: what was ended; `nil` where nothing is left.
    private func endNext(
        of room: RoomID, after last: CancellationStep?, at now: Instant, in transaction: borrowing Transaction
    ) throws -> CancellationStep? {
        let number = (last?.number ?? 0) + 1
        if last == nil || last?.kind == .orders {
            let orders = try transaction.orders(of: room, after: last?.through ?? "", limit: Self.cancellationBatch)
            for order in orders { try end(order, at: now, in: transaction) }
            if let through = orders.last?.text {
                return CancellationStep(number: number, kind: .orders, count: orders.count, through: through)
            }
        }
        let holds = try transaction.openHolds(of: room, limit: Self.cancellationBatch)
        for hold in holds { try end(hold, at: now, in: transaction) }
        if let through = holds.last?.text {
            return CancellationStep(number: number, kind: .holds, count: holds.count, through: through)
        }
        let passes = try transaction.ticketsInForce(of: room, limit: Self.cancellationBatch)
        for pass in passes { try end(pass, at: now, in: transaction) }
        return passes.last.map {
            CancellationStep(number: number, kind: .passes, count: passes.count, through: $0.text)
        }
    }

    /// What is left of an order's money goes back, and its ticket ends, whatever it cost. Also of a ticket that its holder
    /// gave up before for a part of its price: what stayed was the price of giving up a seat in a room that takes place.
    private func end(_ order: OrderID, at now: Instant, in transaction: borrowing Transaction) throws {
        if let standing = try transaction.standing(of: order), standing.remaining.isPositive {
            let request = RefundRequest(id: makeID(), authority: .platform)
            _ = try giveBack(order, request, reason: .roomCancelled, entry: makeID(), at: now, in: transaction)
        }
        for ticket in try transaction.ticketsInForce(of: order) { try end(ticket, at: now, in: transaction) }
    }

    private func end(_ ticket: TicketID, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let row = try transaction.ticket(ticket), row.revoked == nil else { return }
        try transaction.revoke(row, because: .roomCancelled, at: now)
    }

    private func end(_ hold: PurchaseID, at now: Instant, in transaction: borrowing Transaction) throws {
        guard var held = try transaction.heldPurchase(hold) else { throw StoreFault.corrupt(column: "open_holds") }
        let overdue = held.expire(at: now)
        let moves = overdue.isEmpty ? try held.cancel(at: now) : overdue
        try transaction.append(moves, to: held.hold, at: now)
        try giveBack(held.hold, at: now, in: transaction)
    }
}
