internal import AudioRelay
internal import HTTPEdge
internal import RelayThreads
internal import Stage
internal import Tickets
internal import Values

/// What became of a client's fragment.
enum PatchOutcome {
    /// Candidates of the credentials in force: a lite server learns addresses from checks and keeps none.
    case noted
    /// New credentials: the fragment to answer with, and the resource's new ETag.
    case restarted(answer: String, entityTag: String)
}

/// The `If-Match` of a PATCH (RFC 9110, section 13.1.1).
struct EntityTagCondition {
    private let tags: [String]

    init(_ header: String) {
        tags = header.split(separator: ",").prefix(8).map { $0.filter { $0 != " " } }
    }

    var isAny: Bool { tags == ["*"] }

    func holds(for fragment: String) -> Bool { tags.contains("\"\(fragment)\"") }
}

extension GatewayRooms {
    /// Changes the ICE part of a live connection by its own ticket (RFC 9725, section 4.3); seat, keys and sound stay.
    func patch(
        _ id: AdmissionID, room: RoomID, by claims: TicketClaims, _ patch: ICEPatch, if condition: EntityTagCondition
    ) throws -> PatchOutcome {
        guard let admission = admissions[id], admission.room == room, admission.ending == nil, admission.isInRelay
        else { throw StageRefusal.admissionUnknown }
        guard admission.seat.ticket == claims.ticket else { throw GatewayRefusal.admissionForeign }
        guard patch.remoteFragment != admission.fragments.theirs else {
            guard condition.isAny || condition.holds(for: admission.fragments.ours) else {
                throw GatewayRefusal.preconditionFailed
            }
            return .noted
        }
        // New credentials restart ICE, which asks for "*" (section 4.3.3): a tag would say that it knows the state.
        guard condition.isAny else { throw GatewayRefusal.preconditionFailed }
        guard joinsByTicket.admit(claims.ticket.text, at: clock.now()) else { throw GatewayRefusal.tooManyJoins }
        var generator = SystemRandomNumberGenerator()
        let (restart, answer) = media.negotiator(of: admission.peer).restart(patch, using: &generator)
        admissions[id]?.fragments = (restart.localFragment, patch.remoteFragment)
        media.perform(.restart(admission.peer, restart))
        return .restarted(answer: answer, entityTag: "\"\(restart.localFragment)\"")
    }
}
