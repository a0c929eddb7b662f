public import Values

/// A ticket that its holder has bound to a key. Tokens that were signed before do not say so: the sale's answer, a link that
/// was copied, a calendar entry. Whoever checks tickets asks for a proof of this key whichever token is shown.
public struct TicketBinding: Hashable, Sendable, Codable {
    public var ticket: TicketID
    public var room: RoomID
    /// RFC 7638 thumbprint of the key (SHA-256, base64url).
    public var thumbprint: String

    public init(ticket: TicketID, room: RoomID, thumbprint: String) {
        self.ticket = ticket
        self.room = room
        self.thumbprint = thumbprint
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        ticket = try container.decode(TicketID.self, forKey: .ticket)
        room = try container.decode(RoomID.self, forKey: .room)
        thumbprint = try container.decode(String.self, forKey: .thumbprint)
        guard thumbprint.utf8.count == 43 else { throw container.beyondBound(.thumbprint) }
    }
}
