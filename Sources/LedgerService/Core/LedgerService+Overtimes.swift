internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
public import Values

/// An overtime of a room, as anybody may see it.
public struct OvertimeView: Sendable, Hashable, Encodable {
    public let room: RoomID
    /// From 1; the last one holds.
    public let overtime: Int
    /// What is added.
    public let from: Instant
    public let until: Instant
    /// What staying costs whoever has a ticket.
    public let price: Money
    public let announcedAt: Instant
    /// What each extension will post, for a buyer of whom no country is known; to whom it is announced by.
    public let postings: [LegView]?

    init(_ overtime: Overtime, postings: [LegView]? = nil) {
        room = overtime.room
        self.overtime = overtime.number
        from = overtime.from
        until = overtime.until
        price = overtime.price.price
        announcedAt = overtime.announcedAt
        self.postings = postings
    }
}

extension LedgerService {
    /// Announces that a room goes on behind its end, and what staying costs. The stage goes along for nothing.
    public func announceOvertime(
        of id: RoomID, until end: Instant, at price: Money, key: IdempotencyKey, by caller: Caller
    ) async throws -> OvertimeView {
        let now = clock.now()
        let command = OnceOnly("overtime", by: caller, key: key, request: "\(id)|\(end)|\(price)")
        return try await tellingGateways { transaction in
            let outcome = try transaction.once(command, at: now) {
                let room = try owned(id, by: caller, in: transaction)
                let instant = max(now, try transaction.journalHead().postedAt)
                let context = RoomForOvertime(
                    room: room, policy: settings.policies[room.policy] ?? settings.housePolicy,
                    currency: try transaction.prices(of: id).shown(at: instant)?.version.price.currency
                        ?? price.currency,
                    versions: try transaction.priceVersions(of: id), overtimes: try transaction.overtimes(of: id))
                let overtime = try decideOvertime(until: end, at: price, in: context, at: instant)
                try transaction.insertOvertime(overtime, by: caller.actor)
                guard let longer = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
                try tell(overtime, of: longer, at: instant, in: transaction)
                try transaction.audit(
                    actor: caller.actor, act: "room_overtime", subject: id.text, detail: "\(end) \(price)", at: now)
                return String(overtime.number)
            }
            guard let overtime = try transaction.overtimes(of: id).first(where: { String($0.number) == outcome }),
                let room = try transaction.room(id)
            else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return view(of: overtime, in: room)
        }
    }

    /// Overtimes of a room, in their order.
    public func overtimes(of id: RoomID) async throws -> [OvertimeView] {
        try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            return try transaction.overtimes(of: room.id).map { OvertimeView($0) }
        }
    }

    private func view(of overtime: Overtime, in room: Room) -> OvertimeView {
        let policy = settings.policies[room.policy] ?? settings.housePolicy
        let terms = overtime.terms(
            under: policy, for: nil, taxes: settings.taxes,
            on: policy.calendar.businessDay(of: overtime.announcedAt))
        let legs = PostingRecipe.sale(of: terms, in: room.id, from: Account(wallet: "holders"))
        return OvertimeView(overtime, postings: legs.map { LegView($0) })
    }

    /// Tells gateways and other systems, and lets the stage go along: who speaks is not cut at the old end.
    private func tell(
        _ overtime: Overtime, of room: Room, at instant: Instant, in transaction: borrowing Transaction
    ) throws {
        try transaction.tellGateways(of: room, at: instant)
        try transaction.tell(
            .roomOvertime, of: "\(room.id)/\(overtime.number)", host: room.host, at: instant,
            EventFacts(room: room.id, host: room.host, amount: overtime.price.price, endsAt: overtime.until))
        for pass in try transaction.passes(of: room.id, endingAt: overtime.from) {
            try transaction.change(
                TicketEndRow(
                    ticket: pass, room: room.id, kind: .extended, overtime: overtime, order: nil, at: instant))
        }
    }

    // MARK: - Rooms that are closed before the overtime begins

    /// Gives back what was paid for overtime before which a room was closed, wherever that is left to do. Called now and
    /// then: closing does it, unless the process ends meanwhile.
    public func settleOvertimes() async throws {
        let rooms = try await database.read {
            // What was left behind a day ago is a matter for somebody who looks.
            try $0.roomsClosedBeforeOvertime(endingAfter: clock.now().advanced(bySeconds: -86_400), limit: 100)
        }
        for room in rooms { while try await undeliveredStep(room) {} }
    }

    /// A batch of them, in one transaction.
    /// - Returns: whether there may be more.
    func undeliveredStep(_ id: RoomID) async throws -> Bool {
        let now = clock.now()
        return try await tellingGateways { transaction in
            guard let room = try transaction.room(id), case .closed(let closedAt) = room.state else { return false }
            let orders = try transaction.undelivered(in: id, at: closedAt, limit: Self.cancellationBatch)
            for order in orders {
                let request = RefundRequest(id: makeID(), authority: .platform)
                _ = try giveBack(order, request, reason: .refunded, entry: makeID(), at: now, in: transaction)
            }
            guard !orders.isEmpty else { return false }
            try transaction.audit(
                actor: "overtime", act: "overtime_undelivered", subject: id.text, detail: "\(orders.count)", at: now)
            return true
        }
    }
}

extension Transaction {
    /// Chains an end of a ticket behind the ones before, and tells gateways.
    borrowing func change(_ row: TicketEndRow) throws(StoreFault) {
        try insertTicketEnd(row)
        let end = TicketEnd(ticket: row.ticket, room: row.room, endsAt: row.end, at: row.at)
        try appendFeed(kind: "extended", at: row.at) { text(of: FeedEvent(sequence: $0, change: .extended(end))) }
    }
}
