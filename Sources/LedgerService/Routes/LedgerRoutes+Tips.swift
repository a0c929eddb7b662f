internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NoMembers: Decodable {}

/// Either a quote, or the amount.
private struct NewTip: Decodable {
    let quote: String?
    let amount: Money?
    let message: String?
    let country: String?

    func order(for room: RoomID) throws(EdgeRefusal) -> TipOrder {
        guard let amount else { throw .bodyWrongType(path: "amount") }
        var evidence: CountryEvidence?
        if let country {
            guard let declared = CountryEvidence(country: country, source: .declared) else {
                throw .bodyWrongType(path: "country")
            }
            evidence = declared
        }
        return TipOrder(room: room, amount: amount, message: message ?? "", country: evidence)
    }
}

private struct TipToQuote: Decodable {
    let amount: Money
    let country: String?

    func order(for room: RoomID) throws(EdgeRefusal) -> TipOrder {
        try NewTip(quote: nil, amount: amount, message: nil, country: country).order(for: room)
    }
}

private struct NewTipSwitch: Decodable {
    let accepts: Bool
}

private struct TipList: Encodable {
    let tips: [TipView]
    let next: String?
}

extension LedgerRoutes {
    /// Tips of listeners to a room's host.
    func addTips(_ router: some RouterMethods<Context>) {
        router.post("/v1/rooms/:room/tips") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewTip.self)
            let room: RoomID = try context.identifier("room")
            if let quote = body.quote {
                for (path, isThere) in [("amount", body.amount != nil), ("country", body.country != nil)]
                where isThere { throw EdgeRefusal.unknownMember(path: path) }
                return JSON.response(
                    try await service.tip(room, quote: quote, message: body.message ?? "", key: key, by: caller),
                    status: .created)
            }
            return JSON.response(
                try await service.tip(try body.order(for: room), key: key, by: caller), status: .created)
        }
        router.post("/v1/rooms/:room/tips/quote") { [service] request, context in
            let caller = try await caller(request)
            _ = try service.buyer(caller)
            let body = try await request.json(TipToQuote.self)
            return JSON.response(
                try await service.quoteTip(try body.order(for: context.identifier("room")), by: caller))
        }
        router.get("/v1/rooms/:room/tips") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (tips, next) = try await service.tips(
                of: context.identifier("room"), try PageRequest(request, list: "tips"), by: caller)
            return JSON.response(TipList(tips: tips, next: next))
        }
        router.get("/v1/rooms/:room/tips/terms") { [service] _, context in
            JSON.response(try await service.tipTerms(of: context.identifier("room")))
        }
        router.put("/v1/rooms/:room/tips") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewTipSwitch.self)
            return JSON.response(
                try await service.setTakesTips(body.accepts, in: context.identifier("room"), by: caller))
        }
        router.post("/v1/tips/:tip/refund") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            _ = try await request.json(NoMembers.self)
            return JSON.response(
                try await service.refundTip(context.identifier("tip"), key: key, by: caller), status: .created)
        }
    }
}
