internal import Values

/// The tickets of the admissions that ended last, so that leaving once more is no error.
///
/// Bounded: beyond ``capacity`` the oldest is forgotten, and leaving it again is refused as unknown.
struct Departures {
    static let capacity = 4_096

    private var tickets: [AdmissionID: TicketID] = [:]
    private var order: [AdmissionID] = []
    /// Where the next one goes once the ring is full.
    private var next = 0

    subscript(admission: AdmissionID) -> TicketID? { tickets[admission] }

    mutating func remember(_ ticket: TicketID, of admission: AdmissionID) {
        guard tickets[admission] == nil else { return }
        tickets[admission] = ticket
        if order.count < Self.capacity {
            order.append(admission)
        } else {
            tickets[order[next]] = nil
            order[next] = admission
            next = (next + 1) % Self.capacity
        }
    }
}
