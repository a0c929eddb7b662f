internal import Stage
internal import Values

/// The admissions that ended last, of which tickets and why: so that leaving once more is no error, and that a window
/// which opens late is told how its admission ended.
///
/// Bounded: beyond ``capacity`` the oldest is forgotten, and leaving it again is refused as unknown.
struct Departures {
    struct Departure: Sendable, Hashable {
        let ticket: TicketID
        let reason: ReasonCode
    }

    static let capacity = 4_096

    private var last = LastOnes<AdmissionID, Departure>(capacity: capacity)

    subscript(admission: AdmissionID) -> Departure? { last[admission] }

    mutating func remember(_ ticket: TicketID, of admission: AdmissionID, _ reason: ReasonCode) {
        guard last[admission] == nil else { return }
        last.remember(Departure(ticket: ticket, reason: reason), of: admission)
    }

    /// The seat of a connection that was lost was kept, and has now gone for another reason.
    mutating func correct(_ admission: AdmissionID, _ reason: ReasonCode) {
        guard let known = last[admission] else { return }
        last.remember(Departure(ticket: known.ticket, reason: reason), of: admission)
    }
}
