internal import HTTPEdge
internal import Hummingbird
internal import Values

extension LedgerRoutes {
    /// What was held of a room, and who heard what.
    func addRoomReports(_ router: some RouterMethods<Context>) {
        router.get("/v1/rooms/:room/report") { [service] request, context in
            let caller = try await caller(request)
            guard caller != .anybody else { throw EdgeRefusal.keyMissing }
            let ticket = try request.query("after").map { text in
                guard let ticket = TicketID(text) else { throw EdgeRefusal.parameterMalformed(path: "after") }
                return ticket
            }
            let limit = try request.query("limit").map { text in
                guard let limit = Int(text), (1...Self.reportLines).contains(limit) else {
                    throw EdgeRefusal.parameterMalformed(path: "limit")
                }
                return limit
            }
            return JSON.response(
                try await service.roomReport(
                    of: context.identifier("room"), after: ticket, limit: limit ?? Self.reportLines, by: caller))
        }
    }

    private static var reportLines: Int { 1_000 }
}
