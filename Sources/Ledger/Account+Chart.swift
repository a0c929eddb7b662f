public import Values

/// The accounts that the posting recipes use. Their meaning stands in the chart of accounts.
extension Account {
    /// What the payment provider holds for us, net of its fees.
    public static let provider = Account(known: "assets:psp", .asset)
    /// The part of that which came through one door, such as an app store: `assets:psp:ios`.
    public static func provider(of channel: String?) -> Account {
        channel.map { Account(known: "assets:psp:\($0)", .asset) } ?? .provider
    }
    /// Our bank account.
    public static let bank = Account(known: "assets:bank", .asset)
    /// VAT inside ticket prices, owed to the state.
    public static let vat = Account(known: "liabilities:vat", .liability)
    /// VAT of one country at one rate: `liabilities:vat:fr-2000`.
    public static func vat(country: String, basisPoints: Int64) -> Account {
        Account(known: "liabilities:vat:\(country.lowercased())-\(basisPoints)", .liability)
    }
    /// Tax kept back from payouts, owed to the state.
    public static let withholding = Account(known: "liabilities:withholding", .liability)
    /// The platform's part of ticket sales.
    public static let commission = Account(known: "income:commission", .income)
    /// What nobody has explained yet.
    public static let suspense = Account(known: "suspense", .asset)
    /// Money that arrived and could not be placed: owed to somebody we don't know yet; never in debit.
    public static let unplaced = Account(known: "liabilities:suspense", .liability)
    /// Money that left wallets for its payers and that no provider has paid out yet; never in debit.
    public static let onItsWay = Account(known: "liabilities:repayments", .liability)
    /// What providers took back because of disputes and we claim.
    public static let contested = Account(known: "assets:contested", .asset)
    /// What orders and wallets gave for disputes that are not decided; never in debit.
    public static let contestedClaims = Account(known: "liabilities:contested", .liability)
    /// What providers keep of payments, less what the terms of tickets say that they keep.
    public static let providerFees = Account(known: "expenses:provider-fees", .expense)
    public static let disputeFees = Account(known: "expenses:dispute-fees", .expense)
    public static let adjustments = Account(known: "expenses:adjustments", .expense)
    /// What funds give to hosts.
    public static let fund = Account(known: "expenses:fund", .expense)
    /// What a fund with a cohort has and has not given yet; never in debit. Named as the fund is.
    public static func fund(_ name: String) -> Account { Account(known: "liabilities:fund:\(name)", .liability) }
    public static let disputeLosses = Account(known: "expenses:dispute-losses", .expense)
    /// What closed periods have earned.
    public static let earnings = Account(known: "equity:earnings", .equity)

    /// What a holder has topped up and not spent; never in debit.
    public static func wallet(_ holder: HolderID) -> Account {
        Account(known: "liabilities:wallet:\(holder)", .liability)
    }

    /// The wallet of a part that somebody plays, such as `buyer`, in an entry that is shown and not posted.
    public init(wallet part: StaticString) { self.init(known: "liabilities:wallet:\(part)", .liability) }

    /// Ticket money of a room, kept until the room was delivered; never in debit.
    public static func escrow(_ room: RoomID) -> Account { Account(known: "liabilities:escrow:\(room)", .liability) }

    /// What we owe a host. May go into debit: a refund after the payout is recovered from later sales (R6).
    public static func host(_ host: HostID) -> Account { Account(known: "liabilities:host:\(host)", .liability) }

    /// What is kept back of what a host is owed, for refunds and disputes; never in debit.
    public static func reserve(_ host: HostID) -> Account {
        Account(known: "liabilities:reserve:\(host)", .liability)
    }
}
