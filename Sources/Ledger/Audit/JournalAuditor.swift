internal import Values

/// An entry as it stands in its table, with nothing believed about it.
public struct AuditedEntry: Hashable, Sendable {
    public struct Leg: Hashable, Sendable {
        public let number: Int64
        public let debit: String
        public let credit: String
        public let currency: String
        public let amount: Int64

        public init(number: Int64, debit: String, credit: String, currency: String, amount: Int64) {
            self.number = number
            self.debit = debit
            self.credit = credit
            self.currency = currency
            self.amount = amount
        }
    }

    public let sequence: Int64
    public let entry: String
    public let postedMicroseconds: Int64
    public let effectiveOn: String
    public let kind: String
    public let reverses: String?
    public let previousHash: String
    public let hash: String
    public let legs: [Leg]

    public init(
        sequence: Int64, entry: String, postedMicroseconds: Int64, effectiveOn: String, kind: String,
        reverses: String?, previousHash: String, hash: String, legs: [Leg]
    ) {
        self.sequence = sequence
        self.entry = entry
        self.postedMicroseconds = postedMicroseconds
        self.effectiveOn = effectiveOn
        self.kind = kind
        self.reverses = reverses
        self.previousHash = previousHash
        self.hash = hash
        self.legs = legs
    }
}

/// A head that was published, as it stands in its table: the chain must still pass through it.
public struct AuditedHead: Hashable, Sendable {
    public let table: String
    public let day: String
    public let sequence: Int64
    public let hash: String
    /// Where its tree begins and the tree's root; `nil` for a head without a tree.
    public let tree: (first: Int64, root: String)?

    public init(table: String, day: String, sequence: Int64, hash: String, tree: (first: Int64, root: String)? = nil) {
        self.table = table
        self.day = day
        self.sequence = sequence
        self.hash = hash
        self.tree = tree
    }

    public static func == (lhs: Self, rhs: Self) -> Bool {
        (lhs.table, lhs.day, lhs.sequence, lhs.hash) == (rhs.table, rhs.day, rhs.sequence, rhs.hash)
            && lhs.tree?.first == rhs.tree?.first && lhs.tree?.root == rhs.tree?.root
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(table)
        hasher.combine(day)
    }
}

/// A balance that was written down beside the journal, to be compared with the one that its rows make.
public struct AuditedMark: Hashable, Sendable {
    public let account: String
    public let currency: String
    public let sequence: Int64
    /// Debit positive.
    public let balance: Int64

    public init(account: String, currency: String, sequence: Int64, balance: Int64) {
        self.account = account
        self.currency = currency
        self.sequence = sequence
        self.balance = balance
    }
}

/// Reads a journal once, in order, and checks J1 to J12 of the payout rules, and that it passes through every published
/// head. Its memory grows with accounts and reversals, not with entries.
public struct JournalAuditor {
    /// An account in one currency.
    public struct Key: Hashable, Sendable {
        public let account: String
        public let currency: String

        public init(account: String, currency: String) {
            self.account = account
            self.currency = currency
        }
    }

    /// Balances so far, debit positive.
    public private(set) var balances: [Key: Int64] = [:]
    /// Where the rows end.
    public private(set) var sequence: Int64 = 0
    public private(set) var hash = SHA256Digest.zero.hex

    private let chart: ChartOfAccounts
    /// Entries that somebody reverses: only their legs are remembered.
    private let reversed: Set<String>
    private var mirrored: [String: (kind: String, legs: [AuditedEntry.Leg], by: String?)] = [:]
    private var mayGoIntoDebit: [String: Bool?] = [:]
    private var postedMicroseconds = Int64.min
    private var closedThrough = ""
    private var heads: ArraySlice<AuditedHead>
    private var marks: ArraySlice<AuditedMark>
    private var tree = MerkleAccumulator()

    private var agreement = AuditLine("J1", "rows of an entry agree and are numbered from 1")
    private var gaps = AuditLine("J2", "the sequence has no gap")
    private var times = AuditLine("J4", "times are valid and posted_at never falls")
    private var amounts = AuditLine("J5", "amounts are positive and within the limit, currencies are known")
    private var sums = AuditLine("J6", "an entry has two postings or more and sums to zero")
    private var mirrors = AuditLine("J7", "a reversal mirrors an earlier entry exactly, once, and is not reversed")
    private var closes = AuditLine("J8", "nothing is dated in a closed period")
    private var chain = AuditLine("J9", "the hash chain holds and ends at the head")
    private var published = AuditLine("heads", "the chain passes through every published head, and its trees agree")
    private var marked = AuditLine("J13", "balances that were written down are those of the rows up to them")
    private var floors = AuditLine("J10", "accounts are in the chart, and none is in debit that may not be")

    /// - Parameters:
    ///   - reversed: ids of the entries that reversals name.
    ///   - heads: in the order of their sequence.
    ///   - marks: in the order of their sequence.
    public init(chart: ChartOfAccounts, reversed: Set<String>, heads: [AuditedHead], marks: [AuditedMark] = []) {
        self.chart = chart
        self.reversed = reversed
        self.heads = heads[...]
        self.marks = marks[...]
        published.counted = heads.count
        marked.counted = marks.count
        mirrors.counted = reversed.count
        passHeads()
    }

    public mutating func add(_ entry: AuditedEntry) {
        let key = "\(entry.sequence)"
        if entry.sequence != sequence + 1 { gaps.add("entries", key, "follows \(sequence)") }
        checkRows(entry, key)
        checkTimes(entry, key)
        let text = Self.hashedText(entry)
        if entry.previousHash != hash { chain.add("entries", key, "prev_hash is not the hash before it") }
        if SHA256Digest(of: text).hex != entry.hash { chain.add("entries", key, "the content has another hash") }
        checkMirror(entry, key)
        for leg in entry.legs {
            post(leg.debit, leg.currency, leg.amount)
            post(leg.credit, leg.currency, -leg.amount)
        }
        checkFloors(entry, key)
        sequence = entry.sequence
        hash = entry.hash
        tree.append(leaf: MerkleTree.leaf(SHA256Digest(hex: entry.hash) ?? .zero))
        passHeads()
        passMarks()
        for line in [\JournalAuditor.agreement, \.gaps, \.times, \.amounts, \.sums, \.chain] {
            self[keyPath: line].counted += 1
        }
    }

    /// - Parameter head: the row of the shard's head; `nil` where there is none.
    /// - Returns: one line a check.
    public mutating func finish(
        head: (sequence: Int64, hash: String, postedMicroseconds: Int64)?
    ) -> [AuditLine] {
        for head in heads {
            published.add(head.table, head.day, "the journal ends before its sequence \(head.sequence)")
        }
        heads = []
        for mark in marks { marked.add("balance_marks", Self.name(mark), "the journal ends before it") }
        marks = []
        if let head {
            if head.sequence != sequence || head.hash != hash {
                chain.add(
                    "heads", "head", "says \(head.sequence) \(head.hash), the journal ends at \(sequence) \(hash)")
            }
            if sequence > 0, head.postedMicroseconds != postedMicroseconds {
                times.add("heads", "head", "posted_us is not that of the last entry")
            }
        } else if sequence > 0 {
            chain.add("heads", "head", "is missing")
        }
        floors.counted = balances.count
        var trial = AuditLine("J11", "the trial balance is zero")
        var clearing = AuditLine("J12", "accounts for clearing are empty")
        var totals: [String: Int64] = [:]
        for (key, balance) in balances {
            totals[key.currency, default: 0] += balance
            if key.account == "suspense" || key.account.hasPrefix("clearing:") {
                clearing.counted += 1
                if balance != 0 { clearing.add("legs", "\(key.account) \(key.currency)", "ends at \(balance)") }
            }
        }
        for (currency, total) in totals.sorted(by: { $0.key < $1.key }) {
            trial.counted += 1
            if total != 0 { trial.add("legs", currency, "sums to \(total)") }
        }
        return [
            agreement, gaps, times, amounts, sums, mirrors, closes, chain, published, floors, trial, clearing, marked,
        ]
    }

    /// What is hashed (payout rules, "Chain"), from the rows themselves.
    private static func hashedText(_ entry: AuditedEntry) -> String {
        var text =
            "\(entry.previousHash)\n\(entry.sequence)|\(entry.entry)|\(Instant(microseconds: entry.postedMicroseconds))|\(entry.effectiveOn)|\(entry.kind)|\(entry.reverses ?? "")"
        for leg in entry.legs {
            text += "\n\(leg.debit)|\(leg.currency)|\(leg.amount)\n\(leg.credit)|\(leg.currency)|\(0 &- leg.amount)"
        }
        return text
    }

    private mutating func checkRows(_ entry: AuditedEntry, _ key: String) {
        if EntryID(entry.entry) == nil { agreement.add("entries", key, "has no entry id") }
        if EntryKind(rawValue: entry.kind) == nil { agreement.add("entries", key, "is of no known kind") }
        for (index, leg) in entry.legs.enumerated() {
            if leg.number != Int64(index + 1) {
                agreement.add("legs", "\(key)/\(leg.number)", "a leg is missing before it")
            }
            if !(1...Money.limit).contains(leg.amount) {
                amounts.add("legs", "\(key)/\(leg.number)", "amount \(leg.amount)")
            }
            if Currency(leg.currency) == nil { amounts.add("legs", "\(key)/\(leg.number)", "currency \(leg.currency)") }
            if leg.debit == leg.credit { sums.add("legs", "\(key)/\(leg.number)", "both sides are one account") }
        }
        if entry.legs.isEmpty { sums.add("entries", key, "has no legs") }
    }

    private mutating func checkTimes(_ entry: AuditedEntry, _ key: String) {
        if LocalDay(entry.effectiveOn) == nil { times.add("entries", key, "effective_on is no day") }
        if entry.postedMicroseconds < postedMicroseconds {
            times.add("entries", key, "was posted before the one before it")
        }
        postedMicroseconds = max(postedMicroseconds, entry.postedMicroseconds)
        if !closedThrough.isEmpty {
            closes.counted += 1
            if entry.effectiveOn <= closedThrough {
                closes.add("entries", key, "is dated \(entry.effectiveOn), closed through \(closedThrough)")
            }
        }
        if entry.kind == EntryKind.periodClose.rawValue { closedThrough = max(closedThrough, entry.effectiveOn) }
    }

    private mutating func checkMirror(_ entry: AuditedEntry, _ key: String) {
        if (entry.reverses == nil) == (entry.kind == EntryKind.reversal.rawValue) {
            mirrors.add("entries", key, "kind and reverses do not fit")
        }
        if reversed.contains(entry.entry) { mirrored[entry.entry] = (entry.kind, entry.legs, nil) }
        guard let target = entry.reverses else { return }
        guard let earlier = mirrored[target], target != entry.entry else {
            return mirrors.add("entries", key, "reverses no earlier entry")
        }
        if earlier.kind == EntryKind.reversal.rawValue { mirrors.add("entries", key, "reverses a reversal") }
        if let other = earlier.by { mirrors.add("entries", key, "\(other) reverses the same entry") }
        let mirror = earlier.legs.map {
            AuditedEntry.Leg(
                number: $0.number, debit: $0.credit, credit: $0.debit, currency: $0.currency, amount: $0.amount)
        }
        if mirror != entry.legs { mirrors.add("entries", key, "is not the mirror of \(target)") }
        mirrored[target]?.by = entry.entry
    }

    private mutating func post(_ account: String, _ currency: String, _ amount: Int64) {
        let key = Key(account: account, currency: currency)
        let (sum, overflow) = balances[key, default: 0].addingReportingOverflow(amount)
        if overflow { amounts.add("legs", "\(account) \(currency)", "the balance is beyond 64 bits") }
        balances[key] = sum
    }

    /// Only what the entry touched can have gone into debit with it.
    private mutating func checkFloors(_ entry: AuditedEntry, _ key: String) {
        for leg in entry.legs {
            for account in [leg.debit, leg.credit] {
                guard let mayGoIntoDebit = mayGoIntoDebit(account) else {
                    floors.add("legs", "\(key)/\(leg.number)", "\(account) is not in the chart")
                    continue
                }
                let balance = balances[Key(account: account, currency: leg.currency)] ?? 0
                if !mayGoIntoDebit, balance > 0 {
                    floors.add("legs", "\(key)/\(leg.number)", "takes \(account) into debit by \(balance)")
                }
            }
        }
    }

    private mutating func mayGoIntoDebit(_ text: String) -> Bool? {
        if let known = mayGoIntoDebit[text] { return known }
        let found = Account(text).flatMap { chart.line(for: $0)?.mayGoIntoDebit }
        mayGoIntoDebit[text] = .some(found)
        return found
    }

    /// Compares the heads that were published here, and begins the next tree.
    private mutating func passHeads() {
        while let head = heads.first, head.sequence <= sequence {
            heads.removeFirst()
            if head.sequence < sequence || head.hash != hash {
                published.add(head.table, head.day, "the journal has another hash at \(head.sequence)")
            }
            guard let expected = head.tree else { continue }
            if expected.first != head.sequence - tree.size + 1 || expected.root != tree.root.hex {
                published.add(head.table, head.day, "the entries since \(expected.first) have another tree")
            }
            tree = MerkleAccumulator()
        }
    }

    private mutating func passMarks() {
        while let mark = marks.first, mark.sequence <= sequence {
            marks.removeFirst()
            let balance = balances[Key(account: mark.account, currency: mark.currency)] ?? 0
            if mark.sequence < sequence || mark.balance != balance {
                marked.add("balance_marks", Self.name(mark), "says \(mark.balance), the rows make \(balance)")
            }
        }
    }

    private static func name(_ mark: AuditedMark) -> String { "\(mark.account) \(mark.currency) \(mark.sequence)" }
}
