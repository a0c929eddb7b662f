public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
public import Values

/// A ticket that its holder gives back if it is resold.
public struct ResaleView: Sendable, Hashable, Encodable {
    public let resale: ResaleID
    public let ticket: TicketID
    public let room: RoomID
    /// `offered`, `lent`, `resold`, `kept`, `void` or `over`.
    public let state: ResaleState.RawValue
    /// 1 is the next that is resold; while it is offered.
    public let position: Int?
    /// What comes back, or came.
    public let amount: Money
    public let shareBp: Int64
    public let offeredAt: Instant
    /// Until when it is resold.
    public let until: Instant
    /// Until when its seat is kept for somebody who pays.
    public let lentUntil: Instant?
}

extension LedgerService {
    /// Puts a ticket of the caller's up: whoever finds no other seat may buy it. Until then it stays theirs and lets in.
    public func putUp(_ ticket: TicketID, key: IdempotencyKey, by caller: Caller) async throws -> ResaleView {
        let holder = try buyer(caller)
        let command = OnceOnly("resale", by: caller, key: key, request: ticket.text)
        let id: ResaleID = makeID()
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                // Whoever may not see a ticket does not learn whether it exists.
                guard let row = try transaction.ticket(ticket), row.subject == .holder(holder), let facts = row.facts,
                    let order = try transaction.order(facts.order), let room = try transaction.room(row.room)
                else { throw ResaleRefusal.ticketUnknown }
                let standing = TicketStanding(
                    facts, isRevoked: row.revoked != nil, isReplaced: try transaction.successor(of: ticket) != nil)
                let terms = try terms(of: room.id, policy: order.policy, in: transaction)
                let last = try transaction.resale(of: ticket)
                // A hold whose time is over keeps no seat; one that goes on does, also of the ticket in a moved one's place.
                while try takeBackOverdueSeats(of: room.id, at: now, in: transaction) {}
                if let until = try transaction.lentUntil(ticket), now < until {
                    throw ResaleRefusal.lent(until: until)
                }
                let resale = try decideResale(
                    of: standing, as: id, in: try asSold(room, to: order.id, last: row, in: transaction), terms: terms,
                    firstUse: try transaction.firstUse(of: order.id),
                    isOpen: last.map { $0.end == nil } ?? false, at: max(now, row.issuedAt))
                try transaction.insertResale(resale, seat: facts.seat)
                try transaction.tell(
                    .resaleOffered, of: id.text, host: room.host, at: now,
                    EventFacts(order: order.id, ticket: ticket, room: room.id))
                // Somebody may have waited for just this seat.
                try serveQueue(of: room.id, at: now, in: transaction)
                return id.text
            }
            return try resaleView(outcome, at: now, in: transaction)
        }
    }

    /// Takes a ticket that was put up back. One that ended otherwise stays as it is, but for one that is sold.
    public func keep(_ ticket: TicketID, key: IdempotencyKey, by caller: Caller) async throws -> ResaleView {
        let holder = try buyer(caller)
        let command = OnceOnly("resale-keep", by: caller, key: key, request: ticket.text)
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                // A hold whose time is over has nothing any more: its seat is the ticket's again.
                if let room = try transaction.ticket(ticket)?.room {
                    while try takeBackOverdueSeats(of: room, at: now, in: transaction) {}
                }
                guard let row = try transaction.resale(of: ticket), row.resale.holder == holder else {
                    throw ResaleRefusal.notOffered
                }
                let resale = row.resale
                if try standing(of: row, in: transaction).keep(at: now) {
                    try transaction.endResale(resale.id, successor: nil, at: max(now, resale.offeredAt))
                    try transaction.tell(
                        .resaleKept, of: resale.id.text, host: try transaction.room(resale.room)?.host, at: now,
                        EventFacts(order: resale.order, ticket: ticket, room: resale.room))
                }
                return resale.id.text
            }
            return try resaleView(outcome, at: now, in: transaction)
        }
    }

    /// The last time that a ticket was put up, for its holder, its room's host and the platform's staff.
    public func resale(of ticket: TicketID, by caller: Caller) async throws -> ResaleView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let now = clock.now()
        return try await database.read { transaction in
            // Whoever may not see a ticket does not learn whether it exists.
            guard let row = try transaction.ticket(ticket) else { throw ResaleRefusal.ticketUnknown }
            let host = try transaction.room(row.room)?.host
            guard
                caller.actor == row.subject.text || caller.isOperator || caller.isAuditor
                    || host.map({ caller == .host($0) }) ?? false
            else { throw ResaleRefusal.ticketUnknown }
            guard let last = try transaction.resale(of: ticket) else { throw ResaleRefusal.notOffered }
            return try resaleView(last.resale.id.text, at: now, in: transaction)
        }
    }

    private func resaleView(
        _ text: String, at now: Instant, in transaction: borrowing Transaction
    ) throws -> ResaleView {
        guard let row = try ResaleID(text).flatMap({ try transaction.resale($0) }),
            let standing = try transaction.standing(of: row.resale.order)
        else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        let resale = row.resale
        let place = try self.standing(of: row, in: transaction)
        let state = place.state(at: now)
        // What was given back when it was resold is all that there was of its share.
        let amount =
            state == .resold ? Money(standing.reversed, standing.order.currency) : resale.due(of: standing)
        return ResaleView(
            resale: resale.id, ticket: resale.ticket, room: resale.room, state: state.rawValue,
            position: state == .offered ? try transaction.openResales(before: row.place, in: resale.room) + 1 : nil,
            amount: amount, shareBp: resale.share.value, offeredAt: resale.offeredAt, until: place.deadline,
            lentUntil: state == .lent ? row.lentUntil : nil)
    }

    private func standing(of row: ResaleRow, in transaction: borrowing Transaction) throws -> ResaleStanding {
        let resale = row.resale
        guard let room = try transaction.room(resale.room), let ticket = try transaction.ticket(resale.ticket),
            let order = try transaction.order(resale.order)
        else { throw StoreFault.corrupt(column: "resales.room") }
        let terms = try terms(of: room.id, policy: order.policy, in: transaction)
        let isUsed = try terms.endsWithUse && transaction.firstUse(of: resale.order) != nil
        return ResaleStanding(
            resale, end: row.end, lentUntil: row.lentUntil, isInForce: ticket.revoked == nil && !isUsed,
            deadline: terms.resale?.deadline(
                in: try asSold(room, to: resale.order, last: ticket, in: transaction)) ?? room.overAt)
    }

    /// The room with the end that it had when the ticket of an order was sold: overtime makes no delivered ticket one that
    /// can be given back.
    private func asSold(
        _ room: Room, to order: OrderID, last: TicketRow, in transaction: borrowing Transaction
    ) throws(StoreFault) -> Room {
        try transaction.soldUntil(order, last: last).map { room.ending(at: $0) } ?? room
    }

    // What buying does with them

    /// Seats that can be taken over now, first put up first; none where the terms of the room resell nothing any more.
    func takeovers(
        in room: Room, limit: Int, at now: Instant, in transaction: borrowing Transaction
    ) throws -> [OpenResale] {
        guard limit > 0, let id = try transaction.terms(of: room.id), let terms = settings.terms[id],
            let rule = terms.resale, now < rule.deadline(in: room)
        else { return [] }
        let open = try transaction.openResales(of: room.id, unused: terms.endsWithUse, limit: max(limit, 200))
        guard try !transaction.overtimes(of: room.id).isEmpty else { return Array(open.prefix(limit)) }
        let inTime = try open.filter { one in
            guard let ticket = try transaction.ticket(one.ticket), let order = ticket.order else { return false }
            return now < rule.deadline(in: try asSold(room, to: order, last: ticket, in: transaction))
        }
        return Array(inTime.prefix(limit))
    }

    /// Stores a hold on its seats. Those that tickets have are lent: their holders keep them if nobody pays.
    func keep(_ hold: Hold, on seats: [Int], in room: Room, at now: Instant, _ transaction: borrowing Transaction)
        throws
    {
        let lent = try takeovers(in: room, limit: hold.count, at: now, in: transaction).filter {
            seats.contains($0.seat)
        }
        for open in lent { try transaction.lendSeat(of: open) }
        try transaction.insertHold(hold, seats: seats, capacity: room.capacity)
        for open in lent { try transaction.insertLoan(open, to: hold.purchase, in: room.id) }
    }

    /// Frees the seats that somebody pays for and tickets have: their holders get their money and are out.
    /// - Returns: what was resold, by seat.
    func resell(
        _ seats: [Int], in room: Room, at now: Instant, _ transaction: borrowing Transaction
    ) throws -> [Int: ResaleID] {
        var sold: [Int: ResaleID] = [:]
        for open in try takeovers(in: room, limit: TicketWish.maximumCount, at: now, in: transaction)
        where seats.contains(open.seat) {
            if try resell(open.resale, open.ticket, at: now, in: transaction) { sold[open.seat] = open.resale }
        }
        return sold
    }

    /// Ends a ticket whose seat somebody else has paid for, and gives its holder what the terms say.
    /// - Returns: whether it was in force.
    func resell(
        _ id: ResaleID, _ ticket: TicketID, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Bool {
        guard let row = try transaction.ticket(ticket), row.revoked == nil, let order = row.order,
            let resale = try transaction.resale(id)?.resale,
            let standing = try refundable(order, last: row, in: transaction)
        else { return false }
        let due = resale.due(of: standing)
        if due.isPositive || standing.order.isFree {
            let request = RefundRequest(
                id: makeID(), amount: standing.order.isFree ? nil : due, authority: .resale)
            _ = try giveBack(
                order, request, reason: .resold, entry: makeID(), serving: false, at: now, in: transaction)
        } else {
            // So much was given back before that nothing is due: the ticket ends for less than its price.
            let instant = max(now, try transaction.journalHead().postedAt)
            try transaction.settle(order, by: ticket, because: ReasonCode.resold.text, at: instant)
            try transaction.revoke(row, because: .resold, at: instant)
            _ = try giveBackExtensions(
                of: order, authority: .resale, reason: .resold, at: now, in: transaction)
            let policy = settings.policies[standing.order.policy] ?? settings.housePolicy
            try returnPlace(of: standing.order, under: policy, at: now, in: transaction)
        }
        bell.owe()
        return true
    }

    /// Writes down who has the seats of resold tickets now.
    func close(
        _ sold: [Int: ResaleID], by sales: [Sale], at now: Instant, _ transaction: borrowing Transaction
    ) throws {
        for sale in sales {
            guard let id = sold[sale.ticket.seat], let resale = try transaction.resale(id)?.resale else { continue }
            try transaction.endResale(id, successor: sale.order.id, at: max(now, resale.offeredAt))
            try transaction.tell(
                .resaleSold, of: id.text, host: sale.order.owner, at: now,
                EventFacts(order: resale.order, ticket: resale.ticket, room: resale.room))
        }
    }
}
