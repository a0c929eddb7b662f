public import BoxOffice
public import HTTPEdge
public import Store
public import Tickets
internal import Values

/// What one installation decides: names, addresses, policies. No secrets.
public struct LedgerSettings: Sendable {
    /// `iss` of tickets.
    public var issuer: String
    /// `aud` of tickets.
    public var audience: String
    /// The name at the head of reports.
    public var platform: String
    /// Where listeners connect, as rooms tell their pages; `nil` where the gateway answers under the same origin.
    public var gatewayURL: String?
    /// Whether wallets may top themselves up with test money.
    public var sandboxTopups: Bool
    /// Where the signed heads of the journal are written as files; `nil` writes none.
    public var headsFolder: String?
    public var policies: PolicyBook
    /// Rates of VAT by country, for policies under which tax follows the buyer.
    public var taxes: TaxTable
    /// The policy of the house: of rooms that name none, of the night and its days.
    public var housePolicy: SalePolicy

    /// `nil` where `policy` is not in the book.
    public init?(
        issuer: String, audience: String, platform: String = "Guichet", gatewayURL: String? = nil,
        sandboxTopups: Bool = false, policies: PolicyBook, taxes: TaxTable = .empty,
        policy: String = "guichet-default-2026"
    ) {
        guard let house = policies[policy] else { return nil }
        self.issuer = issuer
        self.audience = audience
        self.platform = platform
        self.gatewayURL = gatewayURL
        self.sandboxTopups = sandboxTopups
        self.policies = policies
        self.taxes = taxes
        housePolicy = house
    }
}

/// The ledger service: sells, refunds, keeps the books and tells gateways. Used in process and, through
/// ``LedgerRoutes``, over HTTP; both ways meet the same rules.
///
/// Every command is *fetch, decide, append* inside one database transaction; only *decide* holds rules, and those are
/// pure functions of the modules below.
public struct LedgerService: Sendable {
    public let database: Database
    public let settings: LedgerSettings
    public let clock: WallClock
    /// The keys whose tickets are accepted: the signing key, and earlier ones whose tickets have not ended.
    public let keyRing: KeyRing
    let signer: TicketSigner
    let bell = FeedBell()
    let keptReports = KeptReports()

    public init(
        database: Database, settings: LedgerSettings, signingKey: SigningKey, earlierKeys: [VerifyingKey] = [],
        clock: WallClock = .system
    ) {
        self.database = database
        self.settings = settings
        self.clock = clock
        signer = TicketSigner(key: signingKey)
        keyRing = KeyRing([signingKey.verifyingKey] + earlierKeys)
    }

    /// A new id of this moment.
    func makeID<Kind>(_ type: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        var generator = SystemRandomNumberGenerator()
        return Identifier.make(at: clock.now(), using: &generator)
    }
}
