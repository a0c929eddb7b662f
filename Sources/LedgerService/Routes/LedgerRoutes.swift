internal import BoxOffice
internal import HTTPTypes
public import HTTPEdge
public import Hummingbird
internal import Schemas
internal import Store
internal import Tickets
internal import Values

/// The HTTP interface under `/v1`. Translates and holds no rule.
public struct LedgerRoutes<Context: RequestContext>: Sendable {
    let service: LedgerService
    /// A wallet needs no key to be made and is a durable row for ever.
    let walletLimiter: NetworkLimiter?

    /// A code of a host's own may have four characters, a million and a half of them: at twenty typing errors at once
    /// and two a minute after that, half of them take nine months to try.
    let voucherLimiter = GuessLimiter(RateLimiter.Rate(burst: 20, perSecond: 1.0 / 30))

    let keyLimiter: KeyLimiter?
    let payments: PaymentDesk

    /// - Parameters:
    ///   - perKey: how often one key may ask; without a limit if `nil`.
    ///   - wallets: how many wallets one network may make; without a limit if `nil`. Thirty a minute are more than any
    ///     household or classroom needs.
    ///   - payments: the providers of the house; none if `nil`.
    public init(
        _ service: LedgerService, perKey: RateLimiter.Rate? = nil,
        wallets: RateLimiter.Rate? = RateLimiter.Rate(burst: 30, perSecond: 0.5), payments: PaymentDesk? = nil
    ) {
        self.service = service
        walletLimiter = wallets.map { NetworkLimiter($0) }
        self.payments = payments ?? PaymentDesk(service: service)
        keyLimiter = perKey.map { KeyLimiter($0) }
    }

    /// Every route of the ledger.
    public func add(to router: some RouterMethods<Context>) {
        addHosts(router)
        addRooms(router)
        addDoors(router)
        addHolderKeys(router)
        addBans(router)
        addWallets(router)
        addSales(router)
        addWaiting(router)
        addResales(router)
        addRoomReports(router)
        addCancellations(router)
        addTips(router)
        addSeries(router)
        addMoves(router)
        addOvertimes(router)
        addPayments(router)
        addProviderStatements(router)
        addProviderCalls(router)
        addPayouts(router)
        addExplanations(router)
        addPayoutApprovals(router)
        addPayoutLists(router)
        addFunds(router)
        addCohorts(router)
        addRisk(router)
        addBanks(router)
        addTickets(router)
        addAfterSale(router)
        addTransfers(router)
        addTicketKeys(router)
        addGateways(router)
        addActs(router)
        addNights(router)
        addReports(router)
        addBooks(router)
        addSuspense(router)
        addJournal(router)
        addWebhooks(router)
        addOpen(router)
    }

    /// Without a key: what anybody may read.
    private func addOpen(_ router: some RouterMethods<Context>) {
        router.get("/healthz") { [service] _, _ in
            _ = try await service.database.read { try $0.journalHead() }
            return JSON.response(["status": "ok"])
        }
        router.get("/.well-known/jwks.json") { [service] _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/jwk-set+json", .cacheControl: "max-age=60"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: service.keyRing.jwks)))
        }
        router.get("/v1/openapi.yaml") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "application/yaml"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: OpenAPIDescription.yaml)))
        }
    }

    /// Carries out what names the code of a voucher, as often as codes may be guessed wrongly.
    func guessing<Value: Sendable>(
        _ voucher: String?, _ request: Request, _ context: Context, _ body: () async throws -> Value
    ) async throws -> Value {
        guard voucher != nil else { return try await body() }
        return try await voucherLimiter.guess(
            by: request.bearer, context, at: service.clock.now(),
            isWrong: { ($0 as? any Refusal)?.code == PurchaseRefusal.voucherUnknown.code }, body)
    }

    /// Whose key the request carries; `anybody` without one.
    func caller(_ request: Request) async throws -> Caller {
        guard let key = request.bearer else { return .anybody }
        let caller = try await service.authenticate(key)
        try keyLimiter?.check(key, at: service.clock.now())
        return caller
    }
}

extension LedgerService {
    /// Lets through whoever has an operator or finance key.
    public func requireFinance(_ caller: Caller) throws {
        switch caller {
        case .operator, .finance: return
        case .anybody: throw EdgeRefusal.keyMissing
        case .host, .moderator, .auditor, .gateway, .wallet: throw EdgeRefusal.keyScope("finance, operator")
        }
    }

    /// The same for what is only read: auditors as well.
    public func requireFinanceReading(_ caller: Caller) throws {
        switch caller {
        case .operator, .finance, .auditor: return
        case .anybody: throw EdgeRefusal.keyMissing
        case .host, .moderator, .gateway, .wallet: throw EdgeRefusal.keyScope("finance, operator, auditor")
        }
    }

    /// The same for a request.
    public func requireFinanceReading(_ request: Request) async throws {
        guard let key = request.bearer else { throw EdgeRefusal.keyMissing }
        try requireFinanceReading(try await authenticate(key))
    }
}
