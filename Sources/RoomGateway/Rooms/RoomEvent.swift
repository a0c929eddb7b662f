internal import HTTPEdge
internal import Stage
internal import Values

/// One event of a room as it is kept for readers whose line broke.
struct RoomEvent: Sendable {
    enum Audience: Sendable, Hashable {
        case everyone
        /// All windows of one ticket.
        case ticket(TicketID)
        /// The windows of a ticket that belong to this admission.
        case admission(AdmissionID, TicketID)
    }

    enum Content: Sendable {
        case event(ServerSentEvent.Written)
        /// Put into words for each reader: they read different languages.
        case ended(ReasonCode, AdmissionID?)
    }

    let audience: Audience
    let content: Content

    /// What it takes in the log: the text and some sixty bytes around it.
    var bytes: Int {
        switch content {
        case .event(let written): written.name.utf8.count + written.json.utf8.count + 64
        case .ended: 128
        }
    }

    /// Whether the reader's line ends with it.
    var isLast: Bool {
        switch content {
        case .event: false
        case .ended: true
        }
    }

    func isFor(ticket: TicketID, admission: AdmissionID?) -> Bool {
        switch audience {
        case .everyone: true
        case .ticket(let one): one == ticket
        case .admission(let one, let owner): owner == ticket && one == admission
        }
    }

    func text(_ id: RoomEventID, in language: Language) -> String {
        switch content {
        case .event(let written): written.text(id)
        case .ended(let reason, let admission):
            ServerSentEvent.ended(EndedNotice(reason, admission: admission, in: language)).written.text(id)
        }
    }
}
