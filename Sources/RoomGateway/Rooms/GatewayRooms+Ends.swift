internal import AudioRelay
internal import Datagrams
internal import HTTPEdge
internal import RelayThreads
internal import Stage
internal import Values

extension GatewayRooms {
    /// Moves the end of a ticket that is inside, later or earlier: the sound goes on without a cut, and its time box with
    /// it. Whoever is on the way in asks ``DoorKnowledge/end(of:)`` and needs no word of this.
    ///
    /// - Parameter end: known to the door already. The ledger tells of each change once and in order, so the last one
    ///   holds for those who are in, whichever token they showed.
    func apply(_ end: TicketEnd) {
        guard let live = rooms[end.room] else { return }
        let left = UInt64(max(0, clock.now().microseconds(until: end.endsAt))) * 1_000
        let endsAt = MonotonicInstant(nanoseconds: monotonicNanoseconds() + left)
        for seat in live.roster.seats(of: end.ticket) {
            guard let admission = admissions[seat.admission], admission.isInRelay, admission.ending == nil else {
                continue
            }
            media.perform(.extend(admission.peer, expiresAt: endsAt))
        }
        rooms[end.room]?.views.move(end.ticket, to: end.endsAt)
        send(.end(end.endsAt), to: end.room, ticket: end.ticket)
    }
}
