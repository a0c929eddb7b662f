public import BoxOffice
public import HTTPEdge
public import Payouts
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
    /// Reports with queries: the product's, and those of the house.
    public var reports = ReportShelf.builtIn
    /// What one run of them may take.
    public var reportLimits = ReportLimits()
    /// Where events may be sent to.
    public var webhooks = WebhookPolicy()
    public var policies: PolicyBook
    /// How long seats that are offered to somebody who waits stay theirs: half an hour, so that a message is read in time.
    public var waitingOfferSeconds: Int64 = 1_800
    /// A gateway may be without its line when a room ends. So long behind the end a night waits before it says that what
    /// was promised was not held.
    public var deliveryPatienceSeconds: Int64 = 48 * 3_600
    /// Providers of the house whose statements can be read, so that silence of one is a fault; `nil` for all there are.
    public var statementProviders: Set<ProviderName>?
    /// What is asked for before payouts leave.
    public var payouts = PayoutSafeguards()
    /// The classes that finance sets for hosts.
    public var riskClasses = RiskClassBook.builtIn
    /// From which accounts payouts leave through banks' files.
    public var debtors = DebtorAccounts()
    /// Rates of VAT by country, for policies under which tax follows the buyer.
    public var taxes: TaxTable
    /// The terms that rooms may be made with.
    public var terms: TermsBook
    /// The policy of the house: of rooms that name none, of the night and its days.
    public var housePolicy: SalePolicy

    /// `nil` where `policy` is not in the book.
    public init?(
        issuer: String, audience: String, platform: String = "Guichet", gatewayURL: String? = nil,
        sandboxTopups: Bool = false, policies: PolicyBook, taxes: TaxTable = .empty,
        terms: TermsBook = .empty, policy: String = "guichet-default-2026"
    ) {
        guard let house = policies[policy] else { return nil }
        self.issuer = issuer
        self.audience = audience
        self.platform = platform
        self.gatewayURL = gatewayURL
        self.sandboxTopups = sandboxTopups
        self.policies = policies
        self.taxes = taxes
        self.terms = terms
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
    let ticketKeys: TicketKeys
    let bell = FeedBell()
    let keptReports = KeptReports()
    let reportTurns = ReportTurns()
    let keyUses = KeyUses()
    let knownWallets: KnownWallets
    let webhookSecrets: WebhookSecrets
    /// Set where facts of a list are played: then ids follow from the facts.
    var derivedIDs: DerivedIDs?

    /// A service with one key that is not written down, for tests and benchmarks.
    public init(
        database: Database, settings: LedgerSettings, signingKey: SigningKey, clock: WallClock = .system
    ) {
        var generator = SystemRandomNumberGenerator()
        let secret = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        self.init(
            database: database, settings: settings, ticketKeys: TicketKeys(only: signingKey),
            webhookSecrets: WebhookSecrets(master: secret), clock: clock)
    }

    /// A service with the key ring of its database and the private keys of a folder.
    /// - Throws: ``KeyRefusal`` for a private key that is missing, malformed or that others can read.
    public static func open(
        database: Database, settings: LedgerSettings, keys folder: KeyFolder, clock: WallClock = .system
    ) async throws -> LedgerService {
        let keys = try await TicketKeys.open(database, folder, at: clock.now())
        let secrets = WebhookSecrets(master: try folder.webhookKey())
        return LedgerService(
            database: database, settings: settings, ticketKeys: keys, webhookSecrets: secrets, clock: clock)
    }

    private init(
        database: Database, settings: LedgerSettings, ticketKeys: TicketKeys, webhookSecrets: WebhookSecrets,
        clock: WallClock
    ) {
        self.database = database
        self.settings = settings
        self.clock = clock
        self.ticketKeys = ticketKeys
        self.webhookSecrets = webhookSecrets
        knownWallets = KnownWallets(isShared: database.isShared)
    }

    /// The keys whose tickets are accepted: the signing key, announced ones, and earlier ones whose tickets have not
    /// ended.
    public var keyRing: KeyRing { ticketKeys.schedule.published }

    /// Answers the long polls of gateways at once from now on, so that they do not hold a server that ends.
    public func endWaits() { bell.close() }

    /// A new id of this moment.
    func makeID<Kind>(_ type: Identifier<Kind>.Type = Identifier<Kind>.self) -> Identifier<Kind> {
        if let derivedIDs { return derivedIDs.next(at: clock.now()) }
        var generator = SystemRandomNumberGenerator()
        return Identifier.make(at: clock.now(), using: &generator)
    }
}
