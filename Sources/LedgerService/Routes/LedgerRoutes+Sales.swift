internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

/// What a buyer orders, quotes or holds. With a quote nothing else is said.
private struct NewOrder: Decodable, QuotedBody {
    let quote: String?
    /// Of a quote only.
    let provider: ProviderName?
    let room: RoomID?
    let count: Int?
    let tier: String?
    let price: Money?
    let voucher: String?
    let channel: String?
    let country: String?

    func order() throws(EdgeRefusal) -> TicketOrder {
        guard let room else { throw .bodyWrongType(path: "room") }
        return try order(of: room, at: price)
    }
}

private struct NewPayment: Decodable {
    let provider: String
    let reference: String
    let amount: Money
}

private struct NewVoucher: Decodable {
    let kind: String
    let percentBp: Int64?
    let amount: Money?
    let room: RoomID?
    let uses: Int?
    let from: Instant?
    let until: Instant?
    let code: String?

    func draft() throws(VoucherRefusal) -> VoucherDraft {
        let benefit: VoucherBenefit
        switch (kind, percentBp, amount) {
        case ("percent", let rate?, nil): benefit = .percent(BasisPoints(rate))
        case ("amount", nil, let money?): benefit = .amount(money)
        case ("free", nil, nil): benefit = .free
        default: throw .benefit
        }
        return VoucherDraft(
            room: room, benefit: benefit, uses: uses ?? 1, from: from, until: until, code: code)
    }
}

private struct VoucherList: Encodable {
    let vouchers: [VoucherView]
}

private struct NewTier: Decodable {
    let price: Money
    let most: Money?
    let from: Instant?
    let until: Instant?
    let places: Int?
    let withdrawn: Bool?
}

private struct TierList: Encodable {
    let prices: [TierView]
    /// Where the buyer is asked for a country: those with a rate of tax.
    var countries: [String]?
}

extension LedgerRoutes {
    func addSales(_ router: some RouterMethods<Context>) {
        router.post("/v1/quotes") { [service, payments] request, context in
            let caller = try await caller(request)
            let body = try await request.json(NewOrder.self)
            if body.quote != nil { throw EdgeRefusal.unknownMember(path: "quote") }
            if let provider = body.provider, !payments.names.contains(provider) {
                throw ChargeRefusal.providerUnknown
            }
            let order = try body.order()
            return JSON.response(
                try await guessing(order.voucher, request, context) {
                    try await service.quote(order, through: body.provider, by: caller)
                })
        }
        router.post("/v1/orders") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewOrder.self)
            if body.provider != nil { throw EdgeRefusal.unknownMember(path: "provider") }
            if let quote = try body.quoteAlone() {
                return JSON.response(try await service.buy(quote: quote, key: key, by: caller), status: .created)
            }
            let order = try body.order()
            guard order.price != nil else { throw EdgeRefusal.bodyWrongType(path: "price") }
            let sale = try await guessing(order.voucher, request, context) {
                try await service.buy(order, key: key, by: caller)
            }
            return JSON.response(sale, status: .created)
        }
        addHolds(router)
        addPrices(router)
    }

    private func addHolds(_ router: some RouterMethods<Context>) {
        router.post("/v1/holds") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewOrder.self)
            if body.provider != nil { throw EdgeRefusal.unknownMember(path: "provider") }
            if let quote = try body.quoteAlone() {
                return JSON.response(try await service.hold(quote: quote, key: key, by: caller), status: .created)
            }
            let order = try body.order()
            guard order.price != nil else { throw EdgeRefusal.bodyWrongType(path: "price") }
            let hold = try await guessing(order.voucher, request, context) {
                try await service.hold(order, key: key, by: caller)
            }
            return JSON.response(hold, status: .created)
        }
        router.get("/v1/holds/:hold") { [service] request, context in
            JSON.response(try await service.hold(context.identifier("hold"), by: try await caller(request)))
        }
        router.post("/v1/holds/:hold/pay") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            return JSON.response(
                try await service.payHold(context.identifier("hold"), key: key, by: caller), status: .created)
        }
        router.post("/v1/holds/:hold/cancel") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            return JSON.response(
                try await service.cancelHold(context.identifier("hold"), key: key, by: caller))
        }
        router.post("/v1/holds/:hold/payments") { [service] request, context in
            let caller = try await caller(request)
            try requireOperator(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewPayment.self)
            let money = HoldMoney(provider: body.provider, reference: body.reference, amount: body.amount)
            return JSON.response(
                try await service.receive(money, for: context.identifier("hold"), key: key, by: caller),
                status: .created)
        }
        router.post("/v1/holds/:hold/refund") { [service] request, context in
            let caller = try await caller(request)
            try requireOperator(caller)
            let key = try request.idempotencyKey()
            return JSON.response(
                try await service.refundHold(context.identifier("hold"), key: key, by: caller), status: .created)
        }
    }

    private func addPrices(_ router: some RouterMethods<Context>) {
        router.get("/v1/rooms/:room/prices") { [service] _, context in
            let room: RoomID = try context.identifier("room")
            return JSON.response(
                TierList(
                    prices: try await service.prices(of: room), countries: try await service.taxCountries(of: room)))
        }
        router.put("/v1/rooms/:room/prices/:tier") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let body = try await request.json(NewTier.self)
            let draft = TierDraft(
                tier: context.parameters.get("tier") ?? "", price: body.price, most: body.most, from: body.from,
                until: body.until, places: body.places, isWithdrawn: body.withdrawn ?? false)
            return JSON.response(
                TierList(prices: try await service.setTier(draft, of: context.identifier("room"), by: caller)))
        }
        router.post("/v1/vouchers") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewVoucher.self)
            return JSON.response(
                try await service.createVoucher(try body.draft(), key: key, by: caller), status: .created)
        }
        router.get("/v1/vouchers") { [service] request, _ in
            JSON.response(VoucherList(vouchers: try await service.vouchers(by: try await caller(request))))
        }
        router.post("/v1/vouchers/:voucher/revoke") { [service] request, context in
            JSON.response(
                try await service.revokeVoucher(context.identifier("voucher"), by: try await caller(request)))
        }
    }
}
