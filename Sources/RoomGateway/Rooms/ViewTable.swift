internal import Stage
internal import Values

/// Who follows a room by server-sent events, with the indexes that the door and the stage ask: nobody who comes or goes
/// may make the gateway look at the windows of all the others.
struct ViewTable: Sendable {
    private(set) var byNumber: [UInt64: LiveView] = [:]
    private var byTicket: [TicketID: Set<UInt64>] = [:]
    private var hosts = 0

    var isEmpty: Bool { byNumber.isEmpty }
    /// Whether the host has a window open.
    var hasHost: Bool { hosts > 0 }

    /// The windows of a ticket, oldest first.
    func views(of ticket: TicketID) -> [(number: UInt64, view: LiveView)] {
        (byTicket[ticket] ?? []).sorted().compactMap { number in byNumber[number].map { (number, $0) } }
    }

    /// - Parameter number: used once.
    mutating func insert(_ view: LiveView, _ number: UInt64) {
        byNumber[number] = view
        byTicket[view.ticket, default: []].insert(number)
        if view.person.role == .host { hosts += 1 }
    }

    /// - Returns: whether there was such a view.
    mutating func remove(_ number: UInt64) -> Bool {
        guard let view = byNumber.removeValue(forKey: number) else { return false }
        byTicket[view.ticket]?.remove(number)
        if byTicket[view.ticket]?.isEmpty == true { byTicket[view.ticket] = nil }
        if view.person.role == .host { hosts -= 1 }
        return true
    }

    /// Moves the end of a ticket's views.
    mutating func move(_ ticket: TicketID, to end: Instant) {
        for number in byTicket[ticket] ?? [] { byNumber[number]?.expiresAt = end }
    }
}
