public import Values

/// A ticket that ends at another time than its token says: its holder bought more time, or was given it back.
public struct TicketEnd: Hashable, Sendable, Codable {
    public var ticket: TicketID
    public var room: RoomID
    /// Exclusive; in place of what an older token says.
    public var endsAt: Instant
    /// When the ledger changed it. A token that was signed later says it itself, or knows better.
    public var at: Instant

    public init(ticket: TicketID, room: RoomID, endsAt: Instant, at: Instant) {
        self.ticket = ticket
        self.room = room
        self.endsAt = endsAt
        self.at = at
    }

    /// The end of a token of this ticket.
    /// - Parameters:
    ///   - signedAt: `iat` of the token, in whole seconds.
    ///   - tokenEnd: `exp` of the token.
    public func end(signedAt: Instant, tokenEnd: Instant) -> Instant {
        signedAt.seconds > at.seconds ? tokenEnd : endsAt
    }
}
