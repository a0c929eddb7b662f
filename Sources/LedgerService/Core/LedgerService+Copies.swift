internal import HTTPEdge
internal import Store
internal import Tickets
public import Values

/// A ticket in forms that other programs read.
extension LedgerService {
    /// The address of a room's page.
    private func page(of room: RoomID) -> String { "\(settings.issuer)/r/\(room)" }

    /// A QR code of the link that opens the room with this ticket, for its holder: whoever has the picture has the seat.
    public func ticketQRCode(_ id: TicketID, by caller: Caller) async throws -> String {
        let view = try await ticket(id, by: caller)
        guard let token = view.token else { throw EdgeRefusal.keyScope("holder of the ticket") }
        guard let code = QRCode(Array("\(page(of: view.room))#ticket=\(token)".utf8)) else {
            preconditionFailure("A ticket has at most 2048 bytes, and its link fits a QR code.")
        }
        return code.svg
    }

    /// The ticket as a calendar entry.
    public func ticketCalendar(_ id: TicketID, by caller: Caller) async throws -> String {
        let view = try await ticket(id, by: caller)
        let room = try await room(view.room)
        return CalendarFile(
            uid: "\(id)@guichet", stamp: clock.now(), start: room.startsAt, end: room.endsAt, summary: room.title,
            description: "\(room.title) · \(room.hostName)\n\(page(of: view.room))", url: page(of: view.room),
            isCancelled: room.state == "cancelled" || view.state == .refunded || view.state == .withdrawn
        ).text
    }
}
