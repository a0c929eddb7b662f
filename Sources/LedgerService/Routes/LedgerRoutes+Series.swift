internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

private struct NewSeries: Decodable {
    let title: String
    let rooms: [RoomID]
    let price: Money
    let passes: Int
    let saleEndsAt: Instant?
}

private struct NewPassOffer: Decodable {
    let price: Money
    let passes: Int
    let saleEndsAt: Instant?
    let withdrawn: Bool?
}

private struct NewPassQuote: Decodable {
    let country: String?

    func evidence() throws(EdgeRefusal) -> CountryEvidence? {
        guard let country else { return nil }
        guard let declared = CountryEvidence(country: country, source: .declared) else {
            throw .bodyWrongType(path: "country")
        }
        return declared
    }
}

private struct NewSeriesPass: Decodable {
    let quote: String
}

private struct NewPassRefund: Decodable {
    let amount: Money?
}

private struct SeriesList: Encodable {
    let series: [SeriesView]
    let next: String?
}

private struct PassList: Encodable {
    let passes: [PassLine]
    let next: String?
}

extension LedgerRoutes {
    /// Rooms that are sold together, and the passes for them.
    func addSeries(_ router: some RouterMethods<Context>) {
        router.post("/v1/series") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewSeries.self)
            let draft = SeriesDraft(
                title: body.title, rooms: body.rooms, price: body.price, passes: body.passes,
                saleEndsAt: body.saleEndsAt)
            return JSON.response(try await service.createSeries(draft, key: key, by: caller), status: .created)
        }
        router.get("/v1/series") { [service] request, _ in
            let (series, next) = try await service.allSeries(
                try PageRequest(request, list: "series"), by: try await caller(request))
            return JSON.response(SeriesList(series: series, next: next))
        }
        router.get("/v1/series/:series") { [service] _, context in
            JSON.response(try await service.series(context.identifier("series")))
        }
        router.get("/v1/rooms/:room/series") { [service] _, context in
            JSON.response(
                SeriesList(series: try await service.series(with: context.identifier("room")), next: nil))
        }
        router.put("/v1/series/:series/offer") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewPassOffer.self)
            let offer = PassOffer(
                price: body.price, passes: body.passes, saleEndsAt: body.saleEndsAt,
                isWithdrawn: body.withdrawn ?? false)
            return JSON.response(try await service.offerPasses(offer, of: context.identifier("series"), by: caller))
        }
        router.post("/v1/series/:series/quotes") { [service] request, context in
            let caller = try await caller(request)
            let body = try await request.json(NewPassQuote.self)
            return JSON.response(
                try await service.passQuote(of: context.identifier("series"), for: try body.evidence(), by: caller))
        }
        router.get("/v1/series/:series/passes") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let (passes, next) = try await service.passes(
                of: context.identifier("series"), try PageRequest(request, list: "series-passes"), by: caller)
            return JSON.response(PassList(passes: passes, next: next))
        }
        addPasses(router)
    }

    private func addPasses(_ router: some RouterMethods<Context>) {
        router.post("/v1/passes") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewSeriesPass.self)
            return JSON.response(
                try await service.buyPass(quote: body.quote, key: key, by: caller), status: .created)
        }
        router.get("/v1/passes") { [service] request, _ in
            let (passes, next) = try await service.passes(
                try PageRequest(request, list: "passes"), by: try await caller(request))
            return JSON.response(PassList(passes: passes, next: next))
        }
        router.get("/v1/passes/:pass") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(try await service.pass(context.identifier("pass"), by: caller))
        }
        router.get("/v1/passes/:pass/refund") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(try await service.passRefund(of: context.identifier("pass"), by: caller))
        }
        router.post("/v1/passes/:pass/refund") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewPassRefund.self)
            return JSON.response(
                try await service.refundPass(context.identifier("pass"), seen: body.amount, key: key, by: caller),
                status: .created)
        }
    }
}
