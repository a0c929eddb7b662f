public import Values

/// Why nobody tests sound in a rehearsal of a room, beside what ``AdmissionRefusal`` says.
public enum RehearsalRefusal: Refusal, Hashable, CaseIterable {
    /// A rehearsal is for those who speak.
    case stageOnly
    /// The room has begun.
    case over

    public var code: String {
        switch self {
        case .stageOnly: "rehearsal_stage_only"
        case .over: "rehearsal_over"
        }
    }

    public var facts: [String: String] { [:] }
}

extension RoomBrief {
    /// Until when its stage may rehearse: a room that is open begins at its start, one that is not when it opens.
    public var rehearsalEndsAt: Instant { state == .open ? startsAt : endsAt }
}

/// Whether somebody tests their sound in a rehearsal: before the room begins, those who may speak hear themselves, and
/// nobody else hears them. It is no admission: no seat, no receipt, nothing that counts as time on stage.
///
/// The first that fails is the refusal: 1. the gateway knows enough (`stale_snapshot`), 2. the room exists, and is
/// this gateway's (`room_elsewhere`), 3. not cancelled,
/// 4. not closed, 5. the ticket was not taken back, 6. the host has not banned the person, 7. the person was not removed,
/// 8. the ticket is for the stage (`rehearsal_stage_only`), 9. the room has not begun (`rehearsal_over`).
public func decideRehearsal(
    role: Role, isBanned: Bool, isRemoved: Bool, room: RoomBrief?, revocation: RevocationNotice?, heardAt: Instant?,
    at instant: Instant, policy: AdmissionPolicy = AdmissionPolicy()
) throws {
    guard let heardAt, instant < heardAt.advanced(bySeconds: policy.maximumSilenceSeconds) else {
        throw AdmissionRefusal.staleSnapshot
    }
    guard let room else { throw AdmissionRefusal.roomUnknown }
    if let url = room.elsewhere { throw AdmissionRefusal.roomElsewhere(url: url) }
    switch room.state {
    case .cancelled: throw AdmissionRefusal.roomCancelled
    case .closed: throw AdmissionRefusal.roomClosed
    case .scheduled, .open: break
    }
    if let revocation { throw AdmissionRefusal.ticketRevoked(reason: revocation.reason) }
    guard !isBanned else { throw AdmissionRefusal.bannedByHost }
    guard !isRemoved else { throw AdmissionRefusal.removedFromRoom }
    guard role.may(.speak) else { throw RehearsalRefusal.stageOnly }
    guard instant < room.rehearsalEndsAt else { throw RehearsalRefusal.over }
}
