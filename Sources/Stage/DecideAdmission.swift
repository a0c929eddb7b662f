public import Values

/// How strict the door is.
public struct AdmissionPolicy: Hashable, Sendable {
    /// After so long without a word from the ledger nobody is let in: a refund could be unknown here. Ten minutes let
    /// a ledger be restarted or moved in the middle of a show; those who are in stay in.
    public var maximumSilenceSeconds: Int64

    public init(maximumSilenceSeconds: Int64 = 600) { self.maximumSilenceSeconds = maximumSilenceSeconds }
}

/// Whether a ticket that ``Tickets`` found valid gets a seat now.
///
/// The first that fails is the refusal: 1. the gateway knows enough (`stale_snapshot`), 2. the room exists,
/// and is this gateway's (`room_elsewhere`), 3. not cancelled, 4. not closed, 5. the ticket was not taken back, 6. the host has not banned the person, 7. the
/// person was not removed, 8. listeners: doors are open, 9. listeners: the host has opened the room, 10. listeners who do not
/// resume: the ticket is bound to a key where the
/// room asks for it (`holder_key_missing`), 11. who resumes: no other entry of the ticket has taken
/// the connection's place (`resume_replaced`), and it can be taken up (`resume_over`); others: nobody has the ticket's place (`ticket_in_use`), 12. a place in the role (`role_full`, `room_full`).
/// Who may speak comes in before doors and opening: they are backstage, and nobody hears them but each other.
/// - Parameters:
///   - isBanned: whether the host lets this person into none of its rooms.
///   - entry: whether somebody comes in, or takes up a connection that was there.
///   - room: what the ledger said about the room; `nil` if nothing.
///   - roster: who is in; `nil` if nobody came yet.
///   - revocation: the notice that took this ticket back, if there is one.
///   - heardAt: when the ledger was last heard; `nil` for never.
/// - Returns: the seats that this entry takes over; their reason is ``ReasonCode/replaced``, or ``ReasonCode/resumed``.
public func decideAdmission(
    _ seat: Seat, _ entry: StageRoster.Entry = .new, isBanned: Bool = false, room: RoomBrief?,
    roster: StageRoster?,
    revocation: RevocationNotice?, heardAt: Instant?, at instant: Instant, policy: AdmissionPolicy = AdmissionPolicy()
) throws(AdmissionRefusal) -> [Seat] {
    guard let heardAt, instant < heardAt.advanced(bySeconds: policy.maximumSilenceSeconds) else { throw .staleSnapshot }
    guard let room else { throw .roomUnknown }
    if let url = room.elsewhere { throw .roomElsewhere(url: url) }
    switch room.state {
    case .cancelled: throw .roomCancelled
    case .closed: throw .roomClosed
    case .scheduled, .open: break
    }
    if let revocation { throw .ticketRevoked(reason: revocation.reason) }
    guard !isBanned else { throw .bannedByHost }
    let roster = roster ?? StageRoster(room: room.room, capacity: room.capacity, sharing: room.sharing)
    guard !roster.isRemoved(ticket: seat.ticket, holder: seat.holder) else { throw .removedFromRoom }
    if !seat.role.may(.speak) {
        guard instant >= room.doorsOpenAt else { throw .doorsClosed(openAt: room.doorsOpenAt) }
        guard room.state == .open else { throw .roomNotOpen }
        guard seat.isBound || entry != .new || room.holderKey == .none else { throw .holderKeyMissing }
    }
    return try roster.seatsReplaced(by: seat, entry)
}
