public import BoxOffice
public import Values

/// What names of another system stand for.
public enum ImportedName: String, Sendable, Hashable, CaseIterable {
    case host, room, order
}

/// A fact that came in a list, and what became of it.
public struct ImportedFactRow: Sendable, Hashable {
    /// Its place among all, from 1.
    public let number: Int64
    public let fact: String
    public let digest: SHA256Digest
    public let kind: String
    /// Why it changed nothing; `duplicate` for one that was there; empty for one that was taken.
    public let refused: String
    public let warning: String
    public let at: Instant

    public init(
        number: Int64, fact: String, digest: SHA256Digest, kind: String, refused: String, warning: String, at: Instant
    ) {
        self.number = number
        self.fact = fact
        self.digest = digest
        self.kind = kind
        self.refused = refused
        self.warning = warning
        self.at = at
    }

    public static let duplicate = "duplicate"
}

extension Transaction {
    public borrowing func insertImported(_ row: ImportedFactRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO imported_facts (shard, n, fact, digest, kind, refused, warning, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, row.number, row.fact, row.digest, row.kind, row.refused, row.warning, row.at)
    }

    /// What the first fact of an id said; `nil` for an id that is new.
    public borrowing func importedDigest(of fact: String) throws(StoreFault) -> String? {
        try row(
            "SELECT digest FROM imported_facts WHERE shard = $1 AND fact = $2 ORDER BY n LIMIT 1", shard, fact
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// Facts that were refused or warned of, in order.
    public borrowing func importedNotes(
        body: (_ fact: String, _ refused: String, _ warning: String) throws(StoreFault) -> Void
    ) throws(StoreFault) {
        try forEach(
            """
            SELECT fact, refused, warning FROM imported_facts
            WHERE shard = $1 AND (refused <> '' OR warning <> '') ORDER BY n
            """, shard
        ) { row throws(StoreFault) in try body(try row.text(0), try row.text(1), try row.text(2)) }
    }

    public borrowing func insertImportedName(
        _ name: String, _ kind: ImportedName, is target: String
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO imported_names (shard, kind, name, target) VALUES ($1, $2, $3, $4)", shard, kind.rawValue,
            name,
            target)
    }

    public borrowing func imported(_ kind: ImportedName, _ name: String) throws(StoreFault) -> String? {
        try row(
            "SELECT target FROM imported_names WHERE shard = $1 AND kind = $2 AND name = $3", shard, kind.rawValue, name
        ) { row throws(StoreFault) in try row.text(0) }
    }

    /// What something is called in the list that it came in.
    public borrowing func importedName(of target: String) throws(StoreFault) -> String? {
        try row("SELECT name FROM imported_names WHERE shard = $1 AND target = $2", shard, target) {
            row throws(StoreFault) in try row.text(0)
        }
    }

    /// Every name of a kind by what it stands for.
    public borrowing func importedNames(_ kind: ImportedName) throws(StoreFault) -> [String: String] {
        var names: [String: String] = [:]
        try forEach("SELECT target, name FROM imported_names WHERE shard = $1 AND kind = $2", shard, kind.rawValue) {
            row throws(StoreFault) in names[try row.text(0)] = try row.text(1)
        }
        return names
    }

    /// The version of a room's price list under which imported orders of a currency stand: a floor of nothing.
    public borrowing func importedPrice(
        of room: RoomID, in currency: Currency, at instant: Instant
    ) throws(StoreFault) -> Int {
        let tier = "import-\(currency.code.lowercased())"
        let known = try row(
            "SELECT version FROM price_versions WHERE shard = $1 AND room = $2 AND tier = $3 ORDER BY version LIMIT 1",
            shard, room, tier
        ) { row throws(StoreFault) in try row.int(0) }
        if let known { return known }
        let version = try priceVersions(of: room) + 1
        try insertPrice(
            PriceVersion(
                room: room, version: version, tier: tier, kind: .floor(most: Money.limit), price: Money(0, currency),
                since: instant))
        return version
    }
}

extension Transaction {
    /// A batch that another system had sent before its list came here.
    public borrowing func insertUnasked(_ batch: String) throws(StoreFault) {
        try ensure(
            "INSERT INTO payout_unasked (shard, batch) VALUES ($1, $2) ON CONFLICT DO NOTHING", shard, batch)
    }

    /// What a provider kept for one movement of a charge, minor units; 0 where it kept nothing.
    public borrowing func fees(
        of charge: ChargeID, movement: String, by provider: ProviderName
    ) throws(StoreFault) -> Int64 {
        try row(
            "SELECT fee FROM provider_fees WHERE shard = $1 AND provider = $2 AND movement = $3 AND charge = $4", shard,
            provider.rawValue, movement, charge
        ) { row throws(StoreFault) in try row.integer(0) } ?? 0
    }
}
