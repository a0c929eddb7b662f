internal import BoxOffice
internal import Stage
internal import Store
internal import Values

extension LedgerService {
    /// Puts a ticket in the place of another, inside the caller's transaction: the old one is taken back and gateways
    /// are told, the new one keeps order and seat. Call it inside ``tellingGateways(_:)``, so that they hear at once.
    ///
    /// - Parameters:
    ///   - id: a ticket that is in force.
    ///   - actor: for the audit log, ``Caller/actor``.
    /// - Returns: the ticket that is in force now; ``token(of:)`` signs it.
    /// - Throws: ``SuccessionRefusal``.
    func succeed(
        _ id: TicketID, by change: TicketChange, because cause: SuccessionCause, actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> TicketRow {
        guard let old = try transaction.ticket(id), let facts = old.facts,
            let room = try transaction.room(old.room)
        else { throw SuccessionRefusal.ticketUnknown }
        // A holder does not pass on what somebody is paying for; a room that moves asks nobody.
        if cause != .rescheduled, let until = try transaction.lentUntil(id), now < until {
            throw ResaleRefusal.lent(until: until)
        }
        let standing = TicketStanding(
            facts, isRevoked: old.revoked != nil, isReplaced: try transaction.successor(of: id) != nil)
        let instant = max(now, try transaction.journalHead().postedAt)
        let succession = try decideSuccession(of: standing, by: makeID(), change, because: cause, at: instant)
        let row = try transaction.insertSuccession(succession, from: old, capacity: room.capacity)
        try transaction.announceRevocation(of: old, because: cause.reason, at: instant)
        try transaction.tell(
            .ticketReplaced, of: row.ticket.text, host: room.host, at: instant,
            EventFacts(
                order: row.order, ticket: row.ticket, replaces: old.ticket, room: row.room, reason: cause.reason.text))
        try transaction.audit(
            actor: actor, act: "ticket_\(cause.rawValue)", subject: old.ticket.text, detail: row.ticket.text, at: now)
        return row
    }
}

extension SuccessionCause {
    /// What gateways and whoever listens with the old ticket are told.
    var reason: ReasonCode {
        switch self {
        case .transferred: .transferred
        case .disputeWon: .disputeWon
        case .rescheduled: .rescheduled
        case .extended: .extended
        }
    }
}
