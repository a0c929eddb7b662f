internal import BoxOffice
public import HTTPEdge
internal import Store
public import Values

/// An offer of a ticket as its holder sees it.
public struct TransferView: Sendable, Hashable, Encodable {
    public let transfer: TransferID
    public let ticket: TicketID
    public let room: RoomID
    /// `open`, `accepted`, `withdrawn`, `expired` or `void`.
    public let state: String
    public let offeredAt: Instant
    public let expiresAt: Instant
    /// For whom the ticket is meant; told once, when the offer is made.
    public let code: String?

    init(_ standing: TransferStanding, at now: Instant, code: String? = nil) {
        let offer = standing.offer
        transfer = offer.id
        ticket = offer.ticket
        room = offer.room
        state = standing.state(at: now).rawValue
        offeredAt = offer.offeredAt
        expiresAt = offer.expiresAt
        self.code = code
    }
}

/// A ticket that came into the caller's hands.
public struct AcceptedView: Sendable, Hashable, Encodable {
    public let ticket: TicketID
    public let order: OrderID
    public let room: RoomID
    public let seat: Int
    public let notBefore: Instant
    public let expiresAt: Instant
    public let token: String
}

/// Tickets that were bought to be given away, each with the code of its offer.
public struct GiftView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let total: Money
    public let gifts: [TransferView]
}

extension LedgerService {
    /// Offers a ticket of the caller's to whoever has the code, which comes back once: whoever lost it withdraws the offer
    /// and makes another. The ticket stays valid until somebody accepts.
    /// - Parameter expiresAt: `nil` for as long as tickets of the room are passed on.
    public func offerTransfer(
        of ticket: TicketID, until expiresAt: Instant? = nil, key: IdempotencyKey, by caller: Caller
    ) async throws -> TransferView {
        let holder = try buyer(caller)
        let command = OnceOnly(
            "transfer", by: caller, key: key, request: "\(ticket)|\(expiresAt?.description ?? "")")
        let now = clock.now()
        return try await database.write { transaction in
            var code: String?
            let outcome = try transaction.once(command, at: now) {
                let offered = try offer(ticket, of: holder, until: expiresAt, at: now, in: transaction)
                code = offered.code
                return offered.id.text
            }
            return try transferView(outcome, code: code, at: now, in: transaction)
        }
    }

    public func transfer(_ id: TransferID, by caller: Caller) async throws -> TransferView {
        let now = clock.now()
        return try await database.read { transaction in
            TransferView(try offered(id, by: caller, in: transaction), at: now)
        }
    }

    /// Takes an offer back. One that has ended otherwise stays as it is, but for one that was accepted.
    public func withdrawTransfer(
        _ id: TransferID, key: IdempotencyKey, by caller: Caller
    ) async throws -> TransferView {
        let command = OnceOnly("transfer-withdraw", by: caller, key: key, request: id.text)
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                if try offered(id, by: caller, in: transaction).withdraw(at: now) {
                    try transaction.endTransfer(id, successor: nil, at: now)
                }
                return id.text
            }
            return try transferView(outcome, code: nil, at: now, in: transaction)
        }
    }

    /// Accepts the offer that a code stands for: the ticket of the giver ends, the caller has the one in its place.
    public func acceptTransfer(code: String, key: IdempotencyKey, by caller: Caller) async throws -> AcceptedView {
        let taker = try buyer(caller)
        let hash = Voucher.normalised(code).map { SHA256Digest(of: $0) }
        let command = OnceOnly("transfer-accept", by: caller, key: key, request: hash?.hex ?? "")
        let now = clock.now()
        let row = try await tellingGateways { transaction in
            let outcome = try transaction.once(command, at: now) {
                let standing = try hash.flatMap { try transaction.transfer(codeHash: $0) }
                let ticket = try standing.flatMap { try transaction.ticket($0.offer.ticket) }
                let room = try ticket.flatMap { try transaction.room($0.room) }
                let limits = try ticket.flatMap { try transferLimits(of: $0, in: transaction) }
                let change = try decideAcceptance(of: standing, by: taker, in: room, limits: limits, at: now)
                guard let offer = standing?.offer else { throw TransferRefusal.unknown }
                try checkNotBanned(taker, from: room, in: transaction)
                let next = try succeed(
                    offer.ticket, by: change, because: .transferred, actor: caller.actor, at: now, in: transaction)
                try transaction.endTransfer(offer.id, successor: next.ticket, at: now)
                return next.ticket.text
            }
            guard let row = try TicketID(outcome).flatMap({ try transaction.ticket($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return row
        }
        guard let order = row.order, let seat = row.seat else { throw StoreFault.corrupt(column: "tickets.seat") }
        return AcceptedView(
            ticket: row.ticket, order: order, room: row.room, seat: seat, notBefore: row.notBefore,
            expiresAt: row.notAfter, token: token(of: row))
    }

    /// Buys tickets from the caller's wallet and offers each at once, all in one transaction: a gift needs no more than
    /// its code.
    public func gift(
        _ order: TicketOrder, until expiresAt: Instant? = nil, key: IdempotencyKey, by caller: Caller
    ) async throws -> GiftView {
        let holder = try buyer(caller)
        let command = OnceOnly(
            "gift", by: caller, key: key, request: "\(order.line)|\(expiresAt?.description ?? "")")
        let now = clock.now()
        defer { bell.ringIfOwed() }
        return try await database.write { transaction in
            var codes: [String: String] = [:]
            let outcome = try transaction.once(command, at: now) {
                let sold = try sell(
                    try wish(order, in: transaction), at: nil, to: holder, at: now, in: transaction)
                let ids = try sold.tickets.map { ticket in
                    let offered = try offer(ticket.ticket, of: holder, until: expiresAt, at: now, in: transaction)
                    codes[offered.id.text] = offered.code
                    return offered.id.text
                }
                return ids.joined(separator: ",")
            }
            let views = try outcome.split(separator: ",").map {
                try transferView(String($0), code: codes[String($0)], at: now, in: transaction)
            }
            var total: Money?
            for view in views {
                guard let paid = try transaction.ticket(view.ticket)?.order.flatMap({ try transaction.order($0) })
                else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
                total = total.map { $0 + paid.gross } ?? paid.gross
            }
            guard let total else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return GiftView(room: order.room, total: total, gifts: views)
        }
    }

    // What the commands share

    private func offer(
        _ id: TicketID, of holder: HolderID, until expiresAt: Instant?, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> (id: TransferID, code: String) {
        // Whoever may not see a ticket does not learn whether it exists.
        guard let row = try transaction.ticket(id), row.subject == .holder(holder), let facts = row.facts,
            let room = try transaction.room(row.room), let limits = try transferLimits(of: row, in: transaction)
        else { throw TransferRefusal.ticketUnknown }
        let standing = TicketStanding(
            facts, isRevoked: row.revoked != nil, isReplaced: try transaction.successor(of: id) != nil)
        let offer = try decideTransfer(
            of: standing, as: makeID(), until: expiresAt, isOffered: try transaction.isOffered(id, at: now), in: room,
            limits: limits, at: now)
        let code = newCode()
        try transaction.insertTransfer(offer, codeHash: SHA256Digest(of: code))
        return (offer.id, code)
    }

    private func transferLimits(of ticket: TicketRow, in transaction: borrowing Transaction) throws -> TransferLimits? {
        guard let id = ticket.order, let order = try transaction.order(id) else { return nil }
        let passed = try transaction.successions(of: id).filter { $0.cause == .transferred }.count
        return TransferLimits(try terms(of: order.room, policy: order.policy, in: transaction), passed: passed)
    }

    /// The offer, if the caller made it or is an operator.
    private func offered(
        _ id: TransferID, by caller: Caller, in transaction: borrowing Transaction
    ) throws -> TransferStanding {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        guard let standing = try transaction.transfer(id),
            caller.isOperator || caller == .wallet(standing.offer.holder)
        else { throw TransferRefusal.unknown }
        return standing
    }

    private func transferView(
        _ text: String, code: String?, at now: Instant, in transaction: borrowing Transaction
    ) throws -> TransferView {
        guard let standing = try TransferID(text).flatMap({ try transaction.transfer($0) }) else {
            throw StoreFault.corrupt(column: "idempotency_keys.outcome")
        }
        return TransferView(standing, at: now, code: code)
    }
}
