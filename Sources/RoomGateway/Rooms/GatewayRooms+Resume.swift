internal import AudioRelay
internal import HTTPEdge
internal import HTTPTypes
internal import Stage
internal import Values

extension GatewayRooms {
    /// Keeps the seat of a connection that was lost and not ended, for its holder to come back.
    /// - Returns: whether it is kept.
    func keepSeat(of admission: Admission, closedBy reason: ClosingReason) -> Bool {
        switch reason {
        case .consentLost, .handshakeTimeout, .handshakeFailed: break
        case .ticketEnded, .dtlsClosed, .removed, .roomClosed: return false
        }
        guard !isClosing, rooms[admission.room]?.roster.lose(admission.seat.admission) == true else { return false }
        resumes.lose(admission.seat.admission, in: admission.room, at: clock.now())
        return true
    }

    /// Gives the seats away that nobody came back to in time.
    func freeLostSeats(at now: Instant) {
        for seat in resumes.takeOverdue(at: now) {
            _ = rooms[seat.room]?.roster.leave(seat.admission)
            rooms[seat.room]?.isChanged = true
            clear(seat.room)
        }
    }

    /// A holder does without a seat that is kept.
    /// - Returns: `false` if it is none of those.
    func giveUp(_ id: AdmissionID, room: RoomID, ticket: TicketID) throws -> Bool {
        guard resumes.isLost(id), let seat = rooms[room]?.roster[id] else { return false }
        guard seat.ticket == ticket else { throw GatewayRefusal.admissionForeign }
        resumes.forget(id)
        _ = rooms[room]?.roster.leave(id)
        rooms[room]?.isChanged = true
        return true
    }
}

extension HTTPField.Name {
    /// With the answer of WHIP and WHEP: the secret with which its holder takes the connection up again. With an offer:
    /// that secret.
    static var guichetResume: Self {
        guard let name = Self("Guichet-Resume") else { preconditionFailure("The name is a token (RFC 9110).") }
        return name
    }
}
