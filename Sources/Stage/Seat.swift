public import Values

/// One admission: a ticket that is connected in one direction.
public struct Seat: Hashable, Sendable {
    /// Which way the sound goes. Who speaks also wants to hear the others, so one ticket may hold one seat of each.
    public enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
        /// WHIP: the peer sends.
        case speaking
        /// WHEP: the peer receives.
        case listening
    }

    public let admission: AdmissionID
    public let ticket: TicketID
    public let holder: Subject
    public let role: Role
    public let direction: Direction
    public let since: Instant
    /// Whether whoever sits there has proved the key to which the ticket is bound.
    public let isBound: Bool

    public init(
        admission: AdmissionID, ticket: TicketID, holder: Subject, role: Role, direction: Direction, since: Instant,
        isBound: Bool = false
    ) {
        self.admission = admission
        self.ticket = ticket
        self.holder = holder
        self.role = role
        self.direction = direction
        self.since = since
        self.isBound = isBound
    }
}
