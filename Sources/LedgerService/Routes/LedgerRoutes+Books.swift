internal import BoxOffice
internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Ledger
internal import Values

/// An audit as the API shows it.
private struct AuditView: Encodable {
    let clean: Bool
    let sequence: Int64
    let hash: String
    let checks: [AuditLine]

    init(_ report: AuditReport) {
        clean = report.isClean
        sequence = report.sequence
        hash = report.hash
        checks = report.lines
    }
}

private struct NewSuspense: Decodable {
    let source: String
    let reference: String
    let amount: Money
    let reason: String
    let occurredOn: LocalDay?
}

/// Exactly one of the two.
private struct NewResolution: Decodable {
    let holder: HolderID?
    let refund: Bool?
}

private struct NewPeriod: Decodable {
    let month: String
}

private struct NewReversal: Decodable {
    let reason: String
}

private struct PeriodList: Encodable {
    let periods: [PeriodView]
}

extension LedgerRoutes {
    /// What an accountant asks of the books.
    func addBooks(_ router: some RouterMethods<Context>) {
        router.get("/v1/audit") { [service] request, _ in
            JSON.response(AuditView(try await service.audit(by: try await caller(request))))
        }
        router.get("/v1/audits") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(try await service.auditRuns(try PageRequest(request, list: "audits"), by: caller))
        }
        router.post("/v1/audits") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            return JSON.response(try await service.recordAudit(key: key, by: caller), status: .created)
        }
        router.get("/v1/journal/heads") { [service] request, _ in
            let after = try request.day("after")
            let limit = try request.count("limit") ?? LedgerService.headsPerPage
            return JSON.response(try await service.journalHeads(after: after, limit: limit))
        }
        router.get("/v1/journal/heads/:day") { [service] _, context in
            guard let day = context.parameters.get("day").flatMap({ LocalDay($0) }) else { throw EdgeRefusal.notFound }
            return JSON.response(try await service.journalHead(day))
        }
        router.get("/v1/orders/:order/receipt") { [service] request, context in
            let caller = try await caller(request)
            return JSON.response(try await service.receipt(of: context.identifier("order"), by: caller))
        }
    }
}

extension LedgerRoutes {
    /// Money without a place.
    func addSuspense(_ router: some RouterMethods<Context>) {
        router.post("/v1/suspense") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireOperator(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewSuspense.self)
            let item = try await service.bookSuspense(
                source: body.source, reference: body.reference, amount: body.amount, reason: body.reason,
                occurredOn: body.occurredOn, key: key, by: caller)
            return JSON.response(item, status: .created)
        }
        router.get("/v1/suspense") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let cursor = try request.query("after").map { text throws(EdgeRefusal) in
                guard let id = SuspenseID(text) else { throw EdgeRefusal.parameterMalformed(path: "after") }
                return id
            }
            let limit = try request.count("limit") ?? LedgerService.suspensePerPage
            let all = request.query("all") == "true"
            return JSON.response(try await service.suspense(all: all, after: cursor, limit: limit, by: caller))
        }
        router.post("/v1/suspense/:item/resolve") { [service] request, context in
            let caller = try await caller(request)
            try service.requireOperator(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewResolution.self)
            let resolution: SuspenseResolution
            switch (body.holder, body.refund ?? false) {
            case (let holder?, false): resolution = .wallet(holder)
            case (nil, true): resolution = .refund
            default: throw EdgeRefusal.bodyWrongType(path: "holder")
            }
            let item = try await service.resolveSuspense(
                context.identifier("item"), resolution, key: key, by: caller)
            return JSON.response(item, status: .created)
        }
    }

    /// Closes, reversals and balances.
    func addJournal(_ router: some RouterMethods<Context>) {
        router.post("/v1/periods") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewPeriod.self)
            guard let month = AccountingMonth(body.month) else { throw EdgeRefusal.bodyWrongType(path: "month") }
            return JSON.response(try await service.closePeriod(month, key: key, by: caller), status: .created)
        }
        router.get("/v1/periods") { [service] request, _ in
            JSON.response(PeriodList(periods: try await service.periods(by: try await caller(request))))
        }
        router.post("/v1/journal/entries/:entry/reversal") { [service] request, context in
            let caller = try await caller(request)
            try service.requireOperator(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewReversal.self)
            let reversal = try await service.reverse(
                context.identifier("entry"), reason: body.reason, key: key, by: caller)
            return JSON.response(reversal, status: .created)
        }
        router.get("/v1/balances") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let today = service.settings.housePolicy.calendar.businessDay(of: service.clock.now())
            let order = try request.query("by").map { text throws(EdgeRefusal) in
                guard let order = BalanceOrder(rawValue: text) else { throw EdgeRefusal.parameterMalformed(path: "by") }
                return order
            }
            return JSON.response(
                try await service.balances(
                    asOf: try request.day("as_of") ?? today, by: order ?? .recorded,
                    prefix: request.query("account") ?? "", caller: caller))
        }
    }
}

extension Request {
    /// A day of the query; `nil` where it is not given.
    func day(_ name: String) throws(EdgeRefusal) -> LocalDay? {
        guard let text = query(name) else { return nil }
        guard let day = LocalDay(text) else { throw .parameterMalformed(path: name) }
        return day
    }

    /// A positive number of the query.
    func count(_ name: String) throws(EdgeRefusal) -> Int? {
        guard let text = query(name) else { return nil }
        guard let count = Int(text), count > 0 else { throw .parameterMalformed(path: name) }
        return count
    }
}
