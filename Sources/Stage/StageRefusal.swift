public import Values

/// Why something that a person on stage asked for is not done. ``StageFloor`` documents the order of its checks.
public enum StageRefusal: Refusal, Hashable {
    /// The role does not have this right over that one.
    case notPermitted(Role)
    /// Nobody with this admission is in the room.
    case admissionUnknown
    /// Only who is connected can raise a hand.
    case notInRoom
    /// A moderator muted this person, and only a moderator unmutes.
    case mutedByModerator
    /// Nobody new comes on stage while it is locked.
    case stageLocked
    /// The host has chosen to invite only: hands are not looked at.
    case handsNotTaken
    /// As many hands as the queue holds are up.
    case handsFull(cap: Int)
    /// Who may speak needs neither hand nor invitation.
    case maySpeakAlready
    /// There is no invitation: it was never made, or it was withdrawn, answered, or is over.
    case invitationUnknown
    /// As many invitations as may be open are.
    case tooManyInvitations(cap: Int)
    /// As many as may have this role on stage have it.
    case stageFull(Role, cap: Int)
    /// The person does not speak by an invitation, so there is nothing to step down from.
    case notOnStage
    /// Only co-hosts who are here can be named to take over.
    case notCohost
    /// The host is away and nobody led the room, so everybody was sent out until the host comes back.
    case hostAway

    public var code: String {
        switch self {
        case .notPermitted: "stage_not_permitted"
        case .admissionUnknown: "admission_unknown"
        case .notInRoom: "not_in_room"
        case .mutedByModerator: "muted_by_moderator"
        case .stageLocked: "stage_locked"
        case .handsNotTaken: "hands_not_taken"
        case .handsFull: "hands_full"
        case .maySpeakAlready: "may_speak_already"
        case .invitationUnknown: "invitation_unknown"
        case .tooManyInvitations: "too_many_invitations"
        case .stageFull: "stage_full"
        case .notOnStage: "not_on_stage"
        case .notCohost: "not_a_cohost"
        case .hostAway: "host_away"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .notPermitted(let role): ["role": role.rawValue]
        case .handsFull(let cap), .tooManyInvitations(let cap): ["cap": String(cap)]
        case .stageFull(let role, let cap): ["role": role.rawValue, "cap": String(cap)]
        case .admissionUnknown, .notInRoom, .mutedByModerator, .stageLocked, .handsNotTaken, .maySpeakAlready,
            .invitationUnknown, .notOnStage, .notCohost, .hostAway:
            [:]
        }
    }
}
