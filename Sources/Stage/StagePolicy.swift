public import Values

/// How long things last on a stage. Operators may choose; how many there may be is fixed, in ``StageLimits``.
public struct StagePolicy: Hashable, Sendable {
    /// An invitation that nobody answers is over: the place is wanted by others.
    public var invitationSeconds: Int64 = 120
    /// A hand stays up for so long after its person's line was lost. A phone that changes networks is back within it.
    public var absenceSeconds: Int64 = 30
    /// A place on stage is kept for so long for somebody who does not send: first to allow the microphone, later to
    /// come back.
    public var placeSeconds: Int64 = 120
    /// The host's rights pass so long after the host was last here.
    public var graceSeconds: Int64 = 60
    /// A paused room is cleared after so long: ten minutes are a restarted router, or a train's tunnel.
    public var pauseSeconds: Int64 = 600

    public init() {}
}

/// How many there may be at one time on one stage, so that memory and events stay small.
public enum StageLimits {
    /// More hands than anybody hears in an evening.
    public static let hands = 500
    /// Ten places, some of which are declined.
    public static let invitations = 50
    /// Of the queue this many are named in each event; the others are counted.
    public static let shownHands = 50
    /// What a moderator says about an act: a line, in UTF-8.
    public static let reasonBytes = 400
}

/// Whom the host lets speak besides those whose ticket says so.
public enum SpeakingMode: String, Hashable, Sendable, Codable, CaseIterable {
    /// Whoever wishes comes on stage while there is a place.
    case everyone
    /// Whoever raises a hand may be invited; others too.
    case onRequest = "on_request"
    /// Only who is invited; hands stay down.
    case invited
}

/// A person as the stage knows them: the ticket, whose it is, and the role that the ticket says.
public struct StagePerson: Hashable, Sendable, Codable {
    public var ticket: TicketID
    public var holder: Subject
    public var role: Role

    public init(ticket: TicketID, holder: Subject, role: Role) {
        self.ticket = ticket
        self.holder = holder
        self.role = role
    }
}

extension Seat {
    public var person: StagePerson { StagePerson(ticket: ticket, holder: holder, role: role) }
}
