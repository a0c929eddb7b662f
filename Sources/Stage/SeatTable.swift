internal import Values

/// The seats of one room with the indexes that the door asks: a rush of ten thousand listeners must not make
/// each of them count the others.
struct SeatTable: Sendable {
    private(set) var byAdmission: [AdmissionID: Seat] = [:]
    /// At most one in each direction, or as many as the sharing policy says.
    private var byTicket: [TicketID: [AdmissionID]] = [:]
    /// Seats whose connection was lost and that are kept for a while.
    private(set) var lost: Set<AdmissionID> = []
    /// How many seats each ticket has in a role; its count is the number of people.
    private var ticketsByRole: [Role: [TicketID: Int]] = [:]
    /// The few seats that send.
    private(set) var speaking: Set<AdmissionID> = []

    func people(in role: Role) -> Int { ticketsByRole[role]?.count ?? 0 }

    func tickets(in role: Role) -> some Collection<TicketID> { (ticketsByRole[role] ?? [:]).keys }

    /// How many seats a ticket has in a role.
    func seatCount(of ticket: TicketID, in role: Role) -> Int { ticketsByRole[role]?[ticket] ?? 0 }

    func seats(of ticket: TicketID) -> [Seat] { (byTicket[ticket] ?? []).compactMap { byAdmission[$0] } }

    func seats(in role: Role) -> [Seat] { tickets(in: role).flatMap { seats(of: $0).filter { $0.role == role } } }

    mutating func insert(_ seat: Seat) {
        byAdmission[seat.admission] = seat
        if seat.direction == .speaking { speaking.insert(seat.admission) }
        byTicket[seat.ticket, default: []].append(seat.admission)
        ticketsByRole[seat.role, default: [:]][seat.ticket, default: 0] += 1
    }

    /// - Returns: whether there is such a seat.
    mutating func lose(_ admission: AdmissionID) -> Bool {
        guard byAdmission[admission] != nil else { return false }
        lost.insert(admission)
        return true
    }

    mutating func remove(_ admission: AdmissionID) -> Seat? {
        guard let seat = byAdmission.removeValue(forKey: admission) else { return nil }
        lost.remove(admission)
        speaking.remove(admission)
        byTicket[seat.ticket]?.removeAll { $0 == admission }
        if byTicket[seat.ticket]?.isEmpty == true { byTicket[seat.ticket] = nil }
        let left = seatCount(of: seat.ticket, in: seat.role) - 1
        ticketsByRole[seat.role]?[seat.ticket] = left > 0 ? left : nil
        return seat
    }
}
