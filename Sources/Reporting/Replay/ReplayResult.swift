public import Values

/// What a host is owed at the end of a replay.
public struct ReplayBalance: Hashable, Sendable {
    public let host: String
    public let currency: Currency
    public let available: Int64
    public let pending: Int64
    public let isBlocked: Bool
    public let tierUsed: [Int64]

    public init(
        host: String, currency: Currency, available: Int64, pending: Int64, isBlocked: Bool, tierUsed: [Int64]
    ) {
        self.host = host
        self.currency = currency
        self.available = available
        self.pending = pending
        self.isBlocked = isBlocked
        self.tierUsed = tierUsed
    }
}

/// What a stipend program gave a host for a month.
public struct ReplayStipend: Hashable, Sendable {
    public let program: String
    public let month: String
    public let host: String
    public let amount: Int64
    public let weeks: Int
    public let weeksEnrolled: Int
    public let weeksMet: Int

    public init(
        program: String, month: String, host: String, amount: Int64, weeks: Int, weeksEnrolled: Int, weeksMet: Int
    ) {
        self.program = program
        self.month = month
        self.host = host
        self.amount = amount
        self.weeks = weeks
        self.weeksEnrolled = weeksEnrolled
        self.weeksMet = weeksMet
    }
}

/// How a pool was shared.
public struct ReplayPool: Hashable, Sendable {
    public struct Host: Hashable, Sendable {
        public let host: String
        public let minutes: Int64
        public let listeners: Int
        public let isEligible: Bool
        public let amount: Int64

        public init(host: String, minutes: Int64, listeners: Int, isEligible: Bool, amount: Int64) {
            self.host = host
            self.minutes = minutes
            self.listeners = listeners
            self.isEligible = isEligible
            self.amount = amount
        }
    }

    public let month: String
    public let currency: Currency
    public let pool: Int64
    public let cap: Int64
    public let hosts: [Host]

    public init(month: String, currency: Currency, pool: Int64, cap: Int64, hosts: [Host]) {
        self.month = month
        self.currency = currency
        self.pool = pool
        self.cap = cap
        self.hosts = hosts
    }
}

/// `result.json` of a replay, written piece by piece: members in byte order, each list as long as it is, so that a million
/// orders need no more memory than one.
public struct ReplayResult {
    private let write: (String) throws -> Void
    private var hasMember = false
    private var hasElement = false

    /// - Parameter write: takes the text in order.
    public init(to write: @escaping (String) throws -> Void) { self.write = write }

    /// Begins a list. Lists and numbers come in byte order of their names.
    public mutating func begin(_ name: String) throws {
        try member(name)
        hasElement = false
        try write("[")
    }

    public mutating func end() throws { try write(hasElement ? "\n ]" : "]") }

    public mutating func number(_ name: String, _ value: Int64) throws {
        try member(name)
        try write(String(value))
    }

    /// The end of the document.
    public func finish() throws { try write("\n}\n") }

    private mutating func member(_ name: String) throws {
        try write((hasMember ? "," : "{") + "\n \"\(name)\": ")
        hasMember = true
    }

    private mutating func add(_ value: JSONText) throws {
        var text = hasElement ? ",\n  " : "\n  "
        value.write(to: &text, indent: "\n  ")
        hasElement = true
        try write(text)
    }

    // What the lists hold

    public mutating func add(_ row: ReplayBalance) throws {
        try add(
            .object([
                "host": .string(row.host), "currency": .string(row.currency.code), "available": .integer(row.available),
                "pending": .integer(row.pending), "blocked": .bool(row.isBlocked),
                "tier_used": .array(row.tierUsed.map { .integer($0) }),
            ]))
    }

    /// A batch and its items, by host and currency.
    public mutating func add(batch day: LocalDay, cutoff: Instant, items: [PayoutRow]) throws {
        try add(
            .object([
                "day": .string(day.description), "cutoff": .string(cutoff.description),
                "items": .array(items.map(ResultFile.payout)),
            ]))
    }

    public mutating func add(_ row: BalanceRow) throws { try add(ResultFile.ledger(row)) }

    public mutating func add(_ row: OrderRow) throws { try add(ResultFile.order(row)) }

    public mutating func add(_ row: ReplayPool) throws {
        let given = row.hosts.reduce(Int64(0)) { $0 + $1.amount }
        try add(
            .object([
                "month": .string(row.month), "currency": .string(row.currency.code), "pool": .integer(row.pool),
                "cap": .integer(row.cap), "unallocated": .integer(row.pool - given),
                "hosts": .array(
                    row.hosts.map {
                        .object([
                            "host": .string($0.host), "minutes": .integer($0.minutes),
                            "listeners": .integer(Int64($0.listeners)), "eligible": .bool($0.isEligible),
                            "amount": .integer($0.amount),
                        ])
                    }),
            ]))
    }

    public mutating func add(_ row: ReplayStipend) throws {
        try add(
            .object([
                "program": .string(row.program), "month": .string(row.month), "host": .string(row.host),
                "amount": .integer(row.amount), "weeks": .integer(Int64(row.weeks)),
                "weeks_enrolled": .integer(Int64(row.weeksEnrolled)), "weeks_met": .integer(Int64(row.weeksMet)),
            ]))
    }

    /// A fact that was refused, or warned of.
    public mutating func add(id: String, reason: String) throws {
        try add(.object(["id": .string(id), "reason": .string(reason)]))
    }

    /// A text as a cell of CSV.
    public static func cell(_ text: String) -> String { String(CSVText.record([text]).dropLast()) }

    /// A record of `payouts.csv`, and its heading.
    public static let payoutsHead = "batch_day,host,currency,gross,withheld,net\r\n"
    public static func payouts(_ row: PayoutRow) -> String {
        CSVText.record([
            row.batchDay.description, row.host, row.currency.code, String(row.gross), String(row.withheld),
            String(row.net),
        ])
    }
}
