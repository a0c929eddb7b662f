internal import AudioRelay
internal import Stage
internal import Tickets
internal import Values

extension GatewayRooms {
    /// Who is there, for those who may know.
    func stageView(of room: RoomID, for claims: TicketClaims) throws -> StageView {
        guard claims.role.may(.seeStage) else { throw StageRefusal.notPermitted(claims.role) }
        try checkNotRemoved(claims)
        _ = try key(of: room)
        return rooms[room]?.stageView ?? StageView(listeners: 0, participants: [])
    }

    /// Mutes or unmutes a person. Oneself needs no right, but what a moderator muted only a moderator unmutes.
    func setMuted(_ muted: Bool, _ id: AdmissionID, room: RoomID, by claims: TicketClaims) throws {
        try checkNotRemoved(claims)
        guard let live = rooms[room], let seat = live.roster[id] else { throw StageRefusal.admissionUnknown }
        let isOwn = seat.ticket == claims.ticket
        if isOwn {
            if !muted, live.mutes[seat.ticket] == .moderator { throw StageRefusal.notPermitted(claims.role) }
        } else {
            guard claims.role.may(.mute(seat.role)) else { throw StageRefusal.notPermitted(claims.role) }
        }
        rooms[room]?.mutes[seat.ticket] = muted ? (isOwn ? .own : .moderator) : nil
        rooms[room]?.isChanged = true
        for other in live.roster.seats where other.ticket == seat.ticket && other.direction == .speaking {
            guard let admission = admissions[other.admission], admission.isInRelay else { continue }
            media.perform(.setMuted(admission.peer, muted))
        }
    }

    func checkNotRemoved(_ claims: TicketClaims) throws(AdmissionRefusal) {
        if let notice = knowledge.revocation(of: claims.ticket) { throw .ticketRevoked(reason: notice.reason) }
        if rooms[claims.room]?.roster.isRemoved(ticket: claims.ticket, holder: claims.subject) == true {
            throw .removedFromRoom
        }
    }
}
