internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Values

private struct NewRefund: Decodable {
    let amount: Money?
}

private struct TokenToVerify: Decodable {
    let token: String
    let room: RoomID?
}

extension LedgerRoutes {
    func addTickets(_ router: some RouterMethods<Context>) {
        router.get("/v1/tickets/:ticket") { [service] request, context in
            JSON.response(try await service.ticket(context.identifier("ticket"), by: try await caller(request)))
        }
        router.get("/v1/tickets/:ticket/qr.svg") { [service] request, context in
            let svg = try await service.ticketQRCode(
                context.identifier("ticket"), by: try await caller(request))
            return Response(
                status: .ok, headers: [.contentType: "image/svg+xml", .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: svg)))
        }
        router.get("/v1/tickets/:ticket/calendar.ics") { [service] request, context in
            let id: TicketID = try context.identifier("ticket")
            let text = try await service.ticketCalendar(id, by: try await caller(request))
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/calendar; charset=utf-8", .cacheControl: "no-store",
                    .contentDisposition: "attachment; filename=\"\(id).ics\"",
                ], body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
        }
        router.post("/v1/tickets/verify") { [service] request, _ in
            let body = try await request.json(TokenToVerify.self)
            return JSON.response(
                try await service.verify(body.token, for: body.room, language: request.language))
        }
        router.post("/v1/tickets/:ticket/refund") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewRefund.self)
            let refund = try await service.refund(
                context.identifier("ticket"), amount: body.amount, key: key, by: caller)
            return JSON.response(refund, status: .created)
        }
    }
}
