internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
internal import Tickets
public import Values

/// A ticket that was bought, with its token.
public struct PurchaseView: Sendable, Hashable, Encodable {
    public let order: OrderID
    public let ticket: TicketID
    public let room: RoomID
    public let token: String
    public let seat: Int
    public let price: Money
    public let notBefore: Instant
    public let expiresAt: Instant
}

/// A refund that was booked.
public struct RefundView: Sendable, Hashable, Codable {
    public let refund: RefundID
    public let order: OrderID
    public let ticket: TicketID
    public let amount: Money
    /// What can still be given back.
    public let remaining: Money
    /// Whether the ticket ended with it.
    public let revoked: Bool
}

extension LedgerService {
    /// Sells a ticket from the caller's wallet: seat, order, ticket and journal entry in one transaction.
    ///
    /// The same key and request give the same ticket, its token to the byte.
    public func buy(
        _ room: RoomID, at price: Money, key: IdempotencyKey, by caller: Caller
    ) async throws -> PurchaseView {
        guard case .wallet(let holder) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("wallet")
        }
        let command = OnceOnly("order", by: caller, key: key, request: "\(room)|\(price)")
        let request = PurchaseRequest(order: makeID(), ticket: makeID(), holder: holder, room: room, priceSeen: price)
        let entry: EntryID = makeID()
        let now = clock.now()
        let (ticket, paid) = try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                try sell(request, entry: entry, at: now, in: transaction).text
            }
            guard let id = OrderID(outcome), let order = try transaction.order(id),
                let ticket = try transaction.ticket(order.ticket)
            else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return (ticket, order.gross)
        }
        guard let order = ticket.order, let seat = ticket.seat else {
            throw StoreFault.corrupt(column: "tickets.seat")
        }
        return PurchaseView(
            order: order, ticket: ticket.ticket, room: ticket.room, token: token(of: ticket), seat: seat, price: paid,
            notBefore: ticket.notBefore, expiresAt: ticket.notAfter)
    }

    private func sell(
        _ request: PurchaseRequest, entry: EntryID, at now: Instant, in transaction: borrowing Transaction
    ) throws -> OrderID {
        let room = try transaction.room(request.room)
        let price = try transaction.price(of: request.room)
        let policy = room.flatMap { settings.policies[$0.policy] } ?? settings.housePolicy
        let stamp = try transaction.stamp(entry, at: now, calendar: settings.housePolicy.calendar)
        let seats = try transaction.seatUse(of: request.room)
        let held = try transaction.amount(in: .wallet(request.holder), request.priceSeen.currency)
        let sale = try decidePurchase(
            request, room: room, price: price, seats: seats, wallet: held, policy: policy, stamp: stamp)
        let chained = try transaction.append(sale.entry)
        try transaction.insertOrder(sale.order, sequence: chained.sequence, soldOn: stamp.effectiveOn)
        let facts = sale.ticket
        try transaction.insertTicket(
            TicketRow(
                ticket: facts.id, order: facts.order, room: facts.room, seat: facts.seat,
                subject: .holder(facts.holder), role: .listener, name: nil, policy: facts.policy,
                issuedAt: facts.issuedAt, notBefore: facts.notBefore, notAfter: facts.notAfter),
            capacity: room?.capacity ?? facts.seat)
        return sale.order.id
    }

    /// Gives a ticket's money back to its holder's wallet, all of it or a part, and ends the ticket if nothing is left.
    public func refund(
        _ ticket: TicketID, amount: Money? = nil, key: IdempotencyKey, by caller: Caller
    ) async throws -> RefundView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let command = OnceOnly(
            "refund", by: caller, key: key, request: "\(ticket)|\(amount?.description ?? "all")")
        let id: RefundID = makeID()
        let entry: EntryID = makeID()
        let now = clock.now()
        let outcome = try await tellingGateways { transaction in
            try transaction.once(command, at: now) {
                guard let row = try transaction.ticket(ticket), let order = row.order else {
                    throw RefundRefusal.ticketUnknown
                }
                let authority = try authority(of: caller, over: row, in: transaction)
                let request = RefundRequest(id: id, amount: amount, authority: authority)
                let view = try giveBack(
                    order, request, reason: .refunded, entry: entry, at: now, in: transaction)
                if authority == .platform {
                    try transaction.audit(
                        actor: caller.actor, act: "ticket_refunded", subject: ticket.text,
                        detail: view.amount.description, at: now)
                }
                return text(of: view)
            }
        }
        return try value(RefundView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    private func authority(
        of caller: Caller, over ticket: TicketRow, in transaction: borrowing Transaction
    ) throws -> RefundAuthority {
        switch caller {
        case .operator: return .platform
        case .wallet(let holder) where ticket.subject == .holder(holder): return .holder
        case .host(let host):
            if try transaction.room(ticket.room)?.host == host { return .platform }
        case .wallet, .finance, .gateway, .anybody: break
        }
        // Whoever may not see a ticket does not learn whether it exists.
        throw RefundRefusal.ticketUnknown
    }

    /// Gives back up to 200 orders of a cancelled room, in one transaction.
    /// - Returns: how many were left and given back.
    func refundBatch(ofCancelled room: RoomID) async throws -> Int {
        let now = clock.now()
        return try await tellingGateways { transaction in
            let orders = try transaction.unreversedOrders(of: room, limit: 200)
            for order in orders {
                let request = RefundRequest(id: makeID(), authority: .platform)
                _ = try giveBack(
                    order, request, reason: .roomCancelled, entry: makeID(), at: now, in: transaction)
            }
            return orders.count
        }
    }

    private func giveBack(
        _ id: OrderID, _ request: RefundRequest, reason: ReasonCode, entry: EntryID, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> RefundView {
        let standing = try transaction.standing(of: id)
        let room = try standing.flatMap { try transaction.room($0.order.room) }
        let policy = standing.flatMap { settings.policies[$0.order.policy] } ?? settings.housePolicy
        let stamp = try transaction.stamp(entry, at: now, calendar: settings.housePolicy.calendar)
        let decision = try decideRefund(request, standing: standing, room: room, policy: policy, stamp: stamp)
        let chained = try transaction.append(decision.entry)
        let refund = decision.refund
        guard let order = standing?.order else { throw RefundRefusal.ticketUnknown }
        try transaction.insertReversal(
            refund, gross: order.gross.minorUnits, sequence: chained.sequence, reason: reason.text)
        if let ended = decision.revokes, let ticket = try transaction.ticket(ended), ticket.revoked == nil {
            try transaction.revoke(ticket, because: reason, at: stamp.postedAt)
        }
        return RefundView(
            refund: refund.id, order: order.id, ticket: order.ticket, amount: refund.amount,
            remaining: Money(order.gross.minorUnits - refund.reversedAfter, order.currency),
            revoked: decision.revokes != nil)
    }
}
