public import Values

/// A second opinion on a ledger: plain arrays of what stands in its tables, and the rules written again from their text.
///
/// Shares no code with the ledger or with `guichet audit`, only the values; slow on purpose, so that it is plain.
public struct IndependentAuditor: Sendable {
    public struct Entry: Sendable {
        public var sequence: Int64
        public var id: String
        public var postedAt: Instant
        public var day: String
        public var kind: String
        public var reverses: String?
        public var previousHash: String
        public var hash: String
        /// Debit account, credit account, currency, amount.
        public var legs: [(debit: String, credit: String, currency: String, amount: Int64)]

        public init(
            sequence: Int64, id: String, postedAt: Instant, day: String, kind: String, reverses: String?,
            previousHash: String, hash: String,
            legs: [(debit: String, credit: String, currency: String, amount: Int64)] = []
        ) {
            self.sequence = sequence
            self.id = id
            self.postedAt = postedAt
            self.day = day
            self.kind = kind
            self.reverses = reverses
            self.previousHash = previousHash
            self.hash = hash
            self.legs = legs
        }
    }

    public struct Ticket: Sendable {
        public var id: String
        public var order: String?
        public var room: String
        public var seat: Int64?
        public var isRevoked: Bool

        public init(id: String, order: String?, room: String, seat: Int64?, isRevoked: Bool) {
            self.id = id
            self.order = order
            self.room = room
            self.seat = seat
            self.isRevoked = isRevoked
        }
    }

    public var entries: [Entry] = []
    public var tickets: [Ticket] = []
    public var capacities: [String: Int64] = [:]
    /// Room, seat, ticket on it.
    public var seats: [(room: String, seat: Int64, ticket: String?)] = []
    /// Sum of what was given back by order, with the order's price.
    public var reversed: [(order: String, gross: Int64, reversed: Int64)] = []
    public var feed: [Int64] = []
    public var head: (sequence: Int64, hash: String, feed: Int64)?

    public init() {}

    /// Debit positive, by account and currency.
    public var balances: [String: Int64] {
        var sums: [String: Int64] = [:]
        for entry in entries {
            for leg in entry.legs {
                sums["\(leg.debit) \(leg.currency)", default: 0] += leg.amount
                sums["\(leg.credit) \(leg.currency)", default: 0] -= leg.amount
            }
        }
        return sums
    }

    /// Everything that is wrong; empty for sound books.
    public var problems: [String] { journalProblems + houseProblems }

    private var journalProblems: [String] {
        var problems: [String] = []
        var previous = String(repeating: "0", count: 64)
        var sums: [String: Int64] = [:]
        var undone: Set<String> = []
        var closed = ""
        for (index, entry) in entries.enumerated() {
            let name = "entry \(entry.sequence)"
            if entry.sequence != Int64(index + 1) { problems.append("\(name) stands at \(index + 1)") }
            if index > 0, entry.postedAt < entries[index - 1].postedAt {
                problems.append("\(name) is earlier than the last")
            }
            if entries[..<index].contains(where: { $0.id == entry.id }) { problems.append("\(name) has a used id") }
            if entry.legs.isEmpty { problems.append("\(name) moves nothing") }
            var text =
                "\(previous)\n\(entry.sequence)|\(entry.id)|\(entry.postedAt)|\(entry.day)|\(entry.kind)|\(entry.reverses ?? "")"
            for leg in entry.legs {
                text += "\n\(leg.debit)|\(leg.currency)|\(leg.amount)\n\(leg.credit)|\(leg.currency)|-\(leg.amount)"
                if leg.amount < 1 || leg.debit == leg.credit { problems.append("\(name) has a leg of nothing") }
                sums["\(leg.debit) \(leg.currency)", default: 0] += leg.amount
                sums["\(leg.credit) \(leg.currency)", default: 0] -= leg.amount
            }
            if entry.previousHash != previous || SHA256Digest(of: text).hex != entry.hash {
                problems.append("\(name) breaks the chain")
            }
            previous = entry.hash
            for prefix in ["liabilities:wallet:", "liabilities:escrow:", "liabilities:suspense", "liabilities:fund:"] {
                for (account, sum) in sums where account.hasPrefix(prefix) && sum > 0 {
                    problems.append("\(name) leaves \(account) in debit by \(sum)")
                }
            }
            if entry.day <= closed { problems.append("\(name) is dated in a closed period") }
            if entry.kind == "period_close" { closed = entry.day }
            if (entry.kind == "reversal") != (entry.reverses != nil) { problems.append("\(name): kind and reverses") }
            if let target = entry.reverses {
                let earlier = entries[..<index].first { $0.id == target }
                let mirror = earlier?.legs.map { "\($0.credit)|\($0.debit)|\($0.currency)|\($0.amount)" }
                if mirror != entry.legs.map({ "\($0.debit)|\($0.credit)|\($0.currency)|\($0.amount)" })
                    || !undone.insert(target).inserted || earlier?.kind == "reversal"
                {
                    problems.append("\(name) mirrors no earlier entry, once")
                }
            }
        }
        if let head, head.sequence != Int64(entries.count) || head.hash != previous {
            problems.append("the head is not where the journal ends")
        }
        return problems
    }

    private var houseProblems: [String] {
        var problems: [String] = []
        if feed != Array(1...Int64(feed.count + 1)).dropLast() { problems.append("the feed has a gap") }
        if let head, head.feed != Int64(feed.count) { problems.append("the feed ends elsewhere than its head") }
        for (room, capacity) in capacities {
            let taken = tickets.filter { $0.room == room && $0.seat != nil && !$0.isRevoked }
            if Int64(taken.count) > capacity {
                problems.append("\(room) has \(taken.count) tickets for \(capacity) seats")
            }
            let seated = seats.filter { $0.room == room && $0.ticket != nil }
            let places = taken.map { "\($0.seat ?? 0) \($0.id)" }.sorted()
            if places != seated.map({ "\($0.seat) \($0.ticket ?? "")" }).sorted() {
                problems.append("\(room): seats are not those of its tickets")
            }
        }
        for order in reversed where order.reversed > order.gross || order.reversed < 0 {
            problems.append("\(order.order) was given back beyond its price")
        }
        return problems
    }
}
