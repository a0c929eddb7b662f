public import Values

/// What is done on a stage. The raw values stand in the log and on the wire: they never change.
public enum ActKind: String, Hashable, Sendable, Codable, CaseIterable {
    case handRaised = "hand_raised"
    case handLowered = "hand_lowered"
    case invited
    case invitationWithdrawn = "invitation_withdrawn"
    case invitationDeclined = "invitation_declined"
    case invitationExpired = "invitation_expired"
    /// The person came on stage.
    case accepted
    case steppedDown = "stepped_down"
    /// A moderator ended the person's place on stage.
    case dismissed
    /// Nobody sent from the place on stage for too long.
    case placeLapsed = "place_lapsed"
    case muted, unmuted
    case removed
    case locked, unlocked
    case modeSet = "mode_set"
    case successionNamed = "succession_named"
    /// A co-host has the host's rights from now on.
    case leadPassed = "lead_passed"
    /// The host is back and has them again.
    case leadReturned = "lead_returned"
    case roomPaused = "room_paused"
    case roomResumed = "room_resumed"
    case roomCleared = "room_cleared"

    /// As it stands in the log.
    public var code: ReasonCode {
        guard let code = ReasonCode(rawValue) else { preconditionFailure("Every kind above is a code.") }
        return code
    }
}

/// One thing that happened on a stage, for events and for the log.
public struct StageChange: Hashable, Sendable {
    public var kind: ActKind
    /// Who did it; `nil` for what follows from the rules and the time.
    public var actor: StagePerson?
    /// To whom; `nil` where it concerns the room.
    public var target: StagePerson?
    /// The role that was given, asked for or ended.
    public var role: Role?

    public init(_ kind: ActKind, by actor: StagePerson? = nil, to target: StagePerson? = nil, role: Role? = nil) {
        self.kind = kind
        self.actor = actor
        self.target = target
        self.role = role
    }
}
