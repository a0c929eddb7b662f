internal import BoxOffice
internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Values

/// With a quote nothing else is said but through whom it is paid.
private struct NewCheckout: Decodable, QuotedBody {
    let provider: ProviderName
    let quote: String?
    let room: RoomID?
    let count: Int?
    let tier: String?
    let price: Money?
    let voucher: String?
    let channel: String?
    let country: String?
}

/// Money into a wallet, and from the page of which room or series its owner comes.
private struct NewTopupCheckout: Decodable {
    let provider: ProviderName
    let amount: Money
    let room: RoomID?
    let series: SeriesID?

    func page() throws(EdgeRefusal) -> TopupPage? {
        if room != nil, series != nil { throw .unknownMember(path: "series") }
        return room.map { .room($0) } ?? series.map { .series($0) }
    }
}

private struct NewRepayment: Decodable {
    let amount: Money?
}

/// Either what was received, or what became of a repayment.
private struct NewConfirmation: Decodable {
    let amount: Money?
    let reference: String?
    let repayment: RepaymentID?
    let outcome: RepaymentEvent?

    func confirmation() throws(EdgeRefusal) -> ManualConfirmation {
        switch (amount, reference, repayment, outcome) {
        case (let amount?, let reference?, nil, nil): return .received(amount, reference: reference)
        case (nil, nil, let repayment?, let outcome?): return .repaid(repayment, outcome)
        default: throw .bodyWrongType(path: "amount")
        }
    }
}

private struct SandboxPlay: Decodable {
    let outcome: SandboxOutcome
}

private struct Taken: Encodable {
    let events: [String]
}

private struct ProviderList: Encodable {
    let providers: [String]
    /// How much is put into a wallet at one time, by currency.
    let topups: [TopupRangeView]
}

private struct TopupRangeView: Encodable {
    let least: Money
    let most: Money
}

extension LedgerRoutes {
    /// Paying through a provider, and what providers tell.
    func addPayments(_ router: some RouterMethods<Context>) {
        router.get("/v1/providers") { [payments] _, _ in
            let ranges = payments.service.settings.housePolicy.topupRange.sorted { $0.key.code < $1.key.code }
            let topups = ranges.map { currency, range in
                TopupRangeView(least: Money(range.lowerBound, currency), most: Money(range.upperBound, currency))
            }
            return JSON.response(ProviderList(providers: payments.names.map(\.rawValue), topups: topups))
        }
        router.post("/v1/checkouts") { [payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewCheckout.self)
            if let quote = try body.quoteAlone() {
                return JSON.response(
                    try await payments.checkout(quote: quote, through: body.provider, key: key, by: caller),
                    status: .created)
            }
            guard let room = body.room else { throw EdgeRefusal.bodyWrongType(path: "room") }
            guard let price = body.price else { throw EdgeRefusal.bodyWrongType(path: "price") }
            let order = try body.order(of: room, at: price)
            let charge = try await guessing(order.voucher, request, context) {
                try await payments.checkout(order, through: body.provider, key: key, by: caller)
            }
            return JSON.response(charge, status: .created)
        }
        router.post("/v1/wallets/:holder/checkouts") { [payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewTopupCheckout.self)
            let charge = try await payments.checkout(
                topup: body.amount, of: context.identifier("holder"), from: try body.page(), through: body.provider,
                key: key, by: caller)
            return JSON.response(charge, status: .created)
        }
        router.get("/v1/charges") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(try await service.charges(try PageRequest(request, list: "charges"), by: caller))
        }
        router.get("/v1/charges/:charge") { [service] request, context in
            JSON.response(try await service.charge(context.identifier("charge"), by: try await caller(request)))
        }
        router.post("/v1/charges/:charge/ask") { [payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            // Asking twice is harmless; the key is wanted so that every POST is alike.
            _ = try request.idempotencyKey()
            return JSON.response(try await payments.ask(after: context.identifier("charge"), by: caller))
        }
        router.post("/v1/charges/:charge/repayments") { [payments] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewRepayment.self)
            return JSON.response(
                try await payments.repay(body.amount, of: context.identifier("charge"), key: key, by: caller),
                status: .created)
        }
        router.post("/v1/charges/:charge/confirmation") { [payments] request, context in
            let caller = try await caller(request)
            try requireOperator(caller)
            let body = try await request.json(NewConfirmation.self)
            return JSON.response(
                try await payments.confirm(context.identifier("charge"), try body.confirmation(), by: caller))
        }
        router.get("/v1/disputes") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(try await service.disputes(try PageRequest(request, list: "disputes"), by: caller))
        }
        router.get("/v1/provider-payouts") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(
                try await service.providerPayouts(try PageRequest(request, list: "provider-payouts"), by: caller))
        }
        addProviderEvents(router)
    }

    /// What comes from providers: not with a key of ours, but signed.
    private func addProviderEvents(_ router: some RouterMethods<Context>) {
        router.post("/v1/providers/stripe/events") { [payments] request, _ in
            // The largest events of Stripe have some tens of KB; the limit is a bound and no measure.
            let bytes = try await request.bytes(limit: 512 * 1024)
            let header = HTTPField.Name("Stripe-Signature").flatMap { request.headers[$0] }
            try await payments.takeStripeEvent(bytes, signature: header)
            return JSON.response(["received": true])
        }
        router.get("/v1/providers/sandbox/checkouts/:checkout") { [payments] _, context in
            let checkout = context.parameters.get("checkout") ?? ""
            guard let page = payments.sandbox?.page(of: checkout) else { throw ChargeRefusal.sandboxCheckout }
            return JSON.response(page)
        }
        router.post("/v1/providers/sandbox/checkouts/:checkout") { [payments] request, context in
            let body = try await request.json(SandboxPlay.self)
            let events = try await payments.play(body.outcome, on: context.parameters.get("checkout") ?? "")
            return JSON.response(Taken(events: events))
        }
    }
}
