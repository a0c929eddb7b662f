/// Why something ended or was refused, as a stable code such as `refunded`: 1 to 40 of `a`–`z`, `0`–`9` and `_`.
///
/// Not a closed enum: a gateway must cut a revoked ticket also when a newer ledger names a reason unknown to it.
public struct ReasonCode: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String

    public init?(_ text: some StringProtocol) {
        let utf8 = text.utf8
        guard (1...40).contains(utf8.count), utf8.allSatisfy(Self.isAllowed) else { return nil }
        self.text = String(text)
    }

    private init(known text: StaticString) { self.text = "\(text)" }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "_")
    }

    public var description: String { text }
    public static func < (lhs: Self, rhs: Self) -> Bool { lhs.text < rhs.text }

    /// The holder hung up.
    public static let left = ReasonCode(known: "left")
    /// The ticket's window ended.
    public static let ticketExpired = ReasonCode(known: "ticket_expired")
    /// The same ticket entered again elsewhere; the newest wins.
    public static let replaced = ReasonCode(known: "replaced")
    /// The same person built the connection again; the seat went over to the new one.
    public static let resumed = ReasonCode(known: "resumed")
    /// Host or co-host removed the person.
    public static let removed = ReasonCode(known: "removed")
    /// The host banned the person from all of its rooms.
    public static let banned = ReasonCode(known: "banned")
    /// The room has begun, and with it the testing of sound is over.
    public static let rehearsalOver = ReasonCode(known: "rehearsal_over")
    /// The person gave up the place on stage and listens on.
    public static let steppedDown = ReasonCode(known: "stepped_down")
    /// Host or co-host ended the place on stage.
    public static let dismissed = ReasonCode(known: "dismissed")
    /// The host was away for too long and nobody led the room.
    public static let roomAbandoned = ReasonCode(known: "room_abandoned")
    /// The room was closed.
    public static let roomClosed = ReasonCode(known: "room_closed")
    /// The room is another gateway's now.
    public static let roomMoved = ReasonCode(known: "room_moved")
    /// The room was cancelled.
    public static let roomCancelled = ReasonCode(known: "room_cancelled")
    /// The ticket's money went back to the buyer.
    public static let refunded = ReasonCode(known: "refunded")
    /// The buyer's bank took the money back.
    public static let disputed = ReasonCode(known: "disputed")
    /// The money that the buyer's bank took back is here again.
    public static let disputeWon = ReasonCode(known: "dispute_won")
    /// An operator took the ticket back.
    public static let withdrawn = ReasonCode(known: "withdrawn")
    /// Somebody else holds the ticket now.
    public static let transferred = ReasonCode(known: "transferred")
    /// Somebody else bought its seat, as the holder wished; the money is back.
    public static let resold = ReasonCode(known: "resold")
    /// The room takes place at another time; a new ticket says so.
    public static let rescheduled = ReasonCode(known: "rescheduled")
    /// A ticket with more time took its place.
    public static let extended = ReasonCode(known: "extended")
    /// The room was not held, or only in part, and its terms give that back.
    public static let undelivered = ReasonCode(known: "undelivered")
    /// The peer stopped answering (RFC 7675).
    public static let consentLost = ReasonCode(known: "consent_lost")
    /// The peer never finished connecting.
    public static let handshakeTimeout = ReasonCode(known: "handshake_timeout")
    /// The gateway was shut down, or was found to have stopped without saying so.
    public static let gatewayStopped = ReasonCode(known: "gateway_stopped")
}

extension ReasonCode: Codable {
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let value = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "Not a code of 1 to 40 lower-case letters, digits and underscores.")
        }
        self = value
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
