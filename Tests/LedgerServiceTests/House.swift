import BoxOffice
import Engines
import Foundation
import HTTPEdge
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Ledger
import LedgerService
import Logging
import Schemas
import Store
import Synchronization
import Testing
import Tickets
import Values

/// A ledger service on an empty database with a clock that the test moves.
///
/// `GUICHET_TEST_ENGINE=postgreSQL` runs every test of this target on PostgreSQL; `Scripts/test` does both.
final class House: Sendable {
    let service: LedgerService
    let time: ManualTime
    /// Test money, whose faults a test asks for.
    let sandbox = SandboxProvider(publicURL: "https://ledger.test")
    private let fresh: FreshDatabase

    /// The file of the database; `nil` on PostgreSQL.
    var path: String? { fresh.path }

    /// The ledger with its payment providers.
    var desk: PaymentDesk {
        PaymentDesk(
            service: service, providers: [sandbox, ManualProvider()],
            stripeEvents: StripeSignature(secrets: ["whsec_test", "whsec_next"]), publicURL: "https://ledger.test",
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, askPatience: .seconds(600))
    }

    static let operatorKey = "gk_operator_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    static let financeKey = "gk_finance_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

    convenience init(
        policy: String = "guichet-demo-2026", sandbox: Bool = true, at start: String = "2026-03-02T12:00:00Z",
        on engine: Engine = .chosen, settings: (inout LedgerSettings) -> Void = { _ in }
    ) async throws {
        try await self.init(
            policy: policy, sandbox: sandbox, time: ManualTime(try #require(Instant(start))),
            fresh: try await FreshDatabase(engine), change: settings)
    }

    /// What a new process finds after the other one was killed at this moment: its files, nothing of its memory. On
    /// SQLite only, whose files can be copied while they are in use.
    convenience init(after killed: House) async throws {
        let fresh = try await FreshDatabase(.sqlite)
        let from = try #require(killed.fresh.path)
        let path = try #require(fresh.path)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: from + suffix) {
            try FileManager.default.copyItem(atPath: from + suffix, toPath: path + suffix)
        }
        let time = ManualTime(killed.service.clock.now())
        try await self.init(policy: "guichet-demo-2026", sandbox: true, time: time, fresh: fresh)
    }

    private init(
        policy: String, sandbox: Bool, time: ManualTime, fresh: FreshDatabase,
        change: (inout LedgerSettings) -> Void = { _ in }
    ) async throws {
        self.fresh = fresh
        self.time = time
        var settings = try #require(
            LedgerSettings(
                issuer: "https://ledger.test", audience: "https://gateway.test", sandboxTopups: sandbox,
                policies: try PolicyBook(json: PolicyPresets.json), taxes: try TaxTable(json: TaxRates.json),
                terms: try TermsBook(json: RoomTermsPresets.json),
                policy: policy))
        change(&settings)
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        service = LedgerService(
            database: try fresh.ledger(), settings: settings, signingKey: key, clock: time.clock)
        try await service.install(key: Self.operatorKey, .operator, subject: "operator")
        try await service.install(key: Self.financeKey, .finance, subject: "finance")
    }

    /// Runs a test body against the routes, without a socket.
    func api(_ body: @Sendable (API) async throws -> Void) async throws {
        try await api(as: BasicRequestContext.self, body)
    }

    /// The same with requests that come from where a context says.
    func api<Context: RequestContext>(
        as context: Context.Type, _ body: @Sendable (API) async throws -> Void
    ) async throws where Context.Source == ApplicationRequestContextSource {
        let router: Router<Context> = makeEdgeRouter()
        LedgerRoutes(service, payments: desk).add(to: router)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        try await Application(router: router, logger: logger).test(.router) { client in
            try await body(API(client: client))
        }
        await service.database.close()
    }
}

/// A clock that stands until it is moved.
final class ManualTime: Sendable {
    private let instant: Mutex<Instant>

    init(_ start: Instant) { instant = Mutex(start) }

    var clock: WallClock { WallClock { [self] in instant.withLock { $0 } } }
    func advance(bySeconds seconds: Int64) { instant.withLock { $0 = $0.advanced(bySeconds: seconds) } }
    func set(_ text: String) throws {
        let moved = try #require(Instant(text))
        instant.withLock { $0 = moved }
    }
}

extension House {
    /// Makes anew what follows from facts, after somebody damaged only that: the books are clean again, each table that was
    /// wrong stands in the log, and a second time nothing changes.
    func mend(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let now = time.clock.now()
        let changed = try await service.database.rebuildDerived(by: "operator", at: now).filter(\.isChanged)
        #expect(!changed.isEmpty && changed.allSatisfy { !$0.changes.isEmpty }, sourceLocation: sourceLocation)
        let report = try await service.audit(by: .auditor)
        #expect(report.isClean, "\(report.lines.flatMap(\.findings))", sourceLocation: sourceLocation)
        let again = try await service.database.rebuildDerived(by: "operator", at: now)
        #expect(again.filter(\.isChanged).isEmpty, sourceLocation: sourceLocation)
        let logged = try await service.database.read { transaction in
            try transaction.rows("SELECT subject FROM audit_log WHERE act = 'derived_rebuilt' ORDER BY n") {
                row throws(StoreFault) in try row.text(0)
            }
        }
        #expect(logged == changed.map(\.table), sourceLocation: sourceLocation)
    }
}

/// Requests in the words of the interface.
struct API: Sendable {
    let client: any TestClientProtocol

    struct Answer: Sendable {
        let status: Int
        let headers: HTTPFields
        let bytes: [UInt8]

        /// The members of the JSON object; empty for any other body.
        var json: [String: any Sendable] {
            (try? JSONSerialization.jsonObject(with: Data(bytes))) as? [String: any Sendable] ?? [:]
        }
        func text(_ member: String) -> String { json[member] as? String ?? "" }
        func int(_ member: String) -> Int? { json[member] as? Int }
        var code: String { text("code") }
    }

    func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: String? = nil, key: String? = nil, once: String? = nil,
        contentType: String = "application/json", language: String? = nil, proof: String? = nil
    ) async throws -> Answer {
        var headers: HTTPFields = [:]
        if body != nil { headers[.contentType] = contentType }
        if let key { headers[.authorization] = "Bearer \(key)" }
        if let once { headers[try #require(HTTPField.Name("Idempotency-Key"))] = once }
        if let language { headers[.acceptLanguage] = language }
        if let proof { headers[try #require(HTTPField.Name("DPoP"))] = proof }
        return try await client.execute(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) }
        ) { response in
            Answer(
                status: response.status.code, headers: response.headers, bytes: Array(response.body.readableBytesView))
        }
    }

    func post(_ path: String, _ body: String = "{}", key: String? = nil, once: String? = nil) async throws -> Answer {
        try await send(.post, path, body, key: key, once: once)
    }

    func get(_ path: String, key: String? = nil) async throws -> Answer { try await send(.get, path, key: key) }

    /// A host and the key to it.
    func host(_ name: String = "Ana") async throws -> (id: String, key: String) {
        let answer = try await post("/v1/hosts", #"{"name":"\#(name)"}"#, key: House.operatorKey)
        #expect(answer.status == 201)
        return (answer.text("host"), answer.text("key"))
    }

    /// A room tonight from seven to eight, in UTC.
    func room(
        _ key: String, capacity: Int = 3, price: Int = 500, on day: String = "2026-03-02"
    ) async throws -> String {
        let body = """
            {"title":"Soirée","startsAt":"\(day)T19:00:00Z","endsAt":"\(day)T20:00:00Z",\
            "doorsOpenAt":"\(day)T18:30:00Z","capacity":\(capacity),\
            "price":{"amount":\(price),"currency":"EUR"},"language":"fr"}
            """
        let answer = try await post("/v1/rooms", body, key: key)
        #expect(answer.status == 201, "\(answer.json)")
        return answer.text("room")
    }

    /// A wallet with money in it.
    func wallet(_ amount: Int = 2_000) async throws -> (holder: String, key: String) {
        let wallet = try await post("/v1/wallets")
        let pair = (wallet.text("holder"), wallet.text("key"))
        guard amount > 0 else { return pair }
        let topup = try await post(
            "/v1/wallets/\(pair.0)/topups", #"{"amount":{"amount":\#(amount),"currency":"EUR"}}"#, key: pair.1,
            once: "start")
        #expect(topup.status == 201, "\(topup.json)")
        return pair
    }

    func buy(_ room: String, key: String, price: Int = 500, once: String = "buy") async throws -> Answer {
        try await post(
            "/v1/orders", #"{"room":"\#(room)","price":{"amount":\#(price),"currency":"EUR"}}"#, key: key, once: once)
    }
}
