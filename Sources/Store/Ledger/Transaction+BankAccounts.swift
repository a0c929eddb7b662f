public import Values

/// An account of a payee at a bank, as stored behind a manual destination. `description` shows nothing of it, so that no
/// log does by accident.
public struct BankAccountRow: Sendable, Hashable, CustomStringConvertible {
    /// `sepa` or `nacha`.
    public let family: String
    public let legalName: String
    public var iban: String?
    public var bic: String?
    public var routing: String?
    public var account: String?
    public var accountKind: String?
    public var holder: String?
    public var street: String?
    public var building: String?
    public var postcode: String?
    public let town: String
    public let country: String

    public init(family: String, legalName: String, town: String, country: String) {
        self.family = family
        self.legalName = legalName
        self.town = town
        self.country = country
    }

    public var description: String { "a bank account (\(family))" }
}

/// That an account was set, without the account.
public struct BankAccountSetting: Sendable, Hashable {
    /// Masked.
    public let shown: String
    public let family: String
    public let actor: String
    public let at: Instant
}

extension Transaction {
    /// Where a host is paid from now on: an account at a bank. The same again is not stored twice.
    /// - Parameter shown: what people may see of it.
    /// - Returns: whether it is new.
    public borrowing func setBankAccount(
        _ account: BankAccountRow, shown: String, of host: HostID, by actor: String, at instant: Instant
    ) throws(StoreFault) -> Bool {
        let last = try destination(of: host)
        if let last, try bankAccount(of: host, n: last.n) == account { return false }
        let n = (last?.n ?? 0) + 1
        try execute(
            """
            INSERT INTO payout_destinations (shard, host, n, prev_n, provider, destination, actor, at_us)
            VALUES ($1, $2, $3, $4, 'manual', $5, $6, $7)
            """, shard, host, n, last?.n, shown, actor, instant)
        try execute(
            """
            INSERT INTO bank_accounts (shard, host, n, provider, family, legal_name, iban, bic, routing, account,
              account_kind, holder, street, building, postcode, town, country)
            VALUES ($1, $2, $3, 'manual', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """, shard, host, n, account.family, account.legalName, account.iban, account.bic, account.routing,
            account.account, account.accountKind, account.holder, account.street, account.building, account.postcode,
            account.town, account.country)
        return true
    }

    /// The account behind a destination; `nil` where there is none.
    public borrowing func bankAccount(of host: HostID, n: Int64) throws(StoreFault) -> BankAccountRow? {
        try row(
            """
            SELECT family, legal_name, iban, bic, routing, account, account_kind, holder, street, building, postcode,
              town, country FROM bank_accounts WHERE shard = $1 AND host = $2 AND n = $3
            """, shard, host, n
        ) { row throws(StoreFault) in
            var account = BankAccountRow(
                family: try row.text(0), legalName: try row.text(1), town: try row.text(11), country: try row.text(12))
            account.iban = try row.optionalText(2)
            account.bic = try row.optionalText(3)
            account.routing = try row.optionalText(4)
            account.account = try row.optionalText(5)
            account.accountKind = try row.optionalText(6)
            account.holder = try row.optionalText(7)
            account.street = try row.optionalText(8)
            account.building = try row.optionalText(9)
            account.postcode = try row.optionalText(10)
            return account
        }
    }

    /// That a host's accounts were set, the last one first: as many as a page shows.
    public borrowing func bankAccountSettings(
        of host: HostID, limit: Int
    ) throws(StoreFault) -> [BankAccountSetting] {
        try rows(
            """
            SELECT d.destination, a.family, d.actor, d.at_us FROM bank_accounts a
            JOIN payout_destinations d ON d.shard = a.shard AND d.host = a.host AND d.n = a.n
            WHERE a.shard = $1 AND a.host = $2 ORDER BY a.n DESC LIMIT $3
            """, shard, host, limit
        ) { row throws(StoreFault) in
            BankAccountSetting(
                shown: try row.text(0), family: try row.text(1), actor: try row.text(2), at: try row.instant(3))
        }
    }
}
