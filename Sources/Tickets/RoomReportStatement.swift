public import Values

/// What the ledger signs about a room that was held: how much of its promised time, and who heard what. Its lines are
/// told apart from it; their digest is in here.
///
/// A JWS in compact form (RFC 7515) with a type and an audience of its own, so that it never passes as a ticket.
public struct RoomReportStatement: Hashable, Sendable {
    public var issuer: String
    public var room: RoomID
    /// `under_way`, `open` or `final`.
    public var state: String
    public var startsAt: Instant
    public var endsAt: Instant
    public var promisedSeconds: Int64
    public var deliveredSeconds: Int64
    /// Tickets that came in, and the seconds that all of them heard.
    public var listeners: Int64
    public var heardSeconds: Int64
    /// SHA-256 of the lines of tickets.
    public var lines: SHA256Digest
    /// SHA-256 of `gateway|sequence|hash` of every receipt of the room, a line each, by gateway and sequence.
    public var receipts: SHA256Digest
    public var at: Instant

    /// `typ` of the header.
    public static let type = "room-report+jwt"

    public init(
        issuer: String, room: RoomID, state: String, startsAt: Instant, endsAt: Instant, promisedSeconds: Int64,
        deliveredSeconds: Int64, listeners: Int64, heardSeconds: Int64, lines: SHA256Digest, receipts: SHA256Digest,
        at: Instant
    ) {
        self.issuer = issuer
        self.room = room
        self.state = state
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.promisedSeconds = promisedSeconds
        self.deliveredSeconds = deliveredSeconds
        self.listeners = listeners
        self.heardSeconds = heardSeconds
        self.lines = lines
        self.receipts = receipts
        self.at = at
    }

    /// `aud`: whoever reads reports, and no gateway.
    public var audience: String { issuer + "/v1/rooms" }

    /// The claims in their order.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.member("iss", issuer)
        writer.member("aud", audience)
        writer.member("iat", at.seconds)
        writer.member("room", room.text)
        writer.member("state", state)
        writer.member("starts", startsAt.seconds)
        writer.member("ends", endsAt.seconds)
        writer.member("promised_seconds", promisedSeconds)
        writer.member("delivered_seconds", deliveredSeconds)
        writer.member("listeners", listeners)
        writer.member("heard_seconds", heardSeconds)
        writer.member("lines_sha256", lines.hex)
        writer.member("receipts_sha256", receipts.hex)
        return writer.finished()
    }
}

extension TicketSigner {
    /// The statement signed; the same statement gives the same text.
    public func sign(_ statement: RoomReportStatement) -> String {
        sign(payload: statement.json, type: RoomReportStatement.type)
    }
}
