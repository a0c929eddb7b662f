public import Ledger
public import Values

/// The end of a shard's journal: the row that a writer reads first and moves last.
public struct JournalHead: Sendable, Hashable {
    public let chain: ChainHead
    /// `posted_at` of the last entry; it never falls.
    public let postedAt: Instant
    /// The last cursor of the feed.
    public let feed: Int64

    public init(chain: ChainHead, postedAt: Instant, feed: Int64) {
        self.chain = chain
        self.postedAt = postedAt
        self.feed = feed
    }
}

extension Transaction {
    /// Where the journal ends now.
    public borrowing func journalHead() throws(StoreFault) -> JournalHead {
        if let head = memory?.head { return head }
        let head =
            try row("SELECT sequence, hash, posted_us, feed FROM heads WHERE shard = $1", shard) {
                row throws(StoreFault) in
                guard let hash = SHA256Digest(hex: try row.text(1)) else { throw row.corrupt(1) }
                return JournalHead(
                    chain: ChainHead(sequence: try row.integer(0), hash: hash), postedAt: try row.instant(2),
                    feed: try row.integer(3))
            } ?? JournalHead(chain: .genesis, postedAt: Instant(microseconds: 0), feed: 0)
        memory?.read(head)
        return head
    }

    /// A time for a fact without an entry: `instant`, or that of the last entry where that is later. Such facts are known
    /// to a report up to an entry by their time, so none that is written behind the entry may be earlier.
    borrowing func notBeforeHead(_ instant: Instant) throws(StoreFault) -> Instant {
        max(instant, try journalHead().postedAt)
    }

    /// Moves the head: in the memory of the group, which is written at its end, or at once where there is none.
    public borrowing func moveHead(to head: JournalHead) throws(StoreFault) {
        if let memory { memory.move(to: head) } else { try write(head) }
    }

    private borrowing func write(_ head: JournalHead) throws(StoreFault) {
        try execute(
            """
            INSERT INTO heads (shard, sequence, hash, posted_us, feed) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (shard) DO UPDATE SET sequence = excluded.sequence, hash = excluded.hash,
              posted_us = excluded.posted_us, feed = excluded.feed
            """, shard, head.chain.sequence, head.chain.hash, head.postedAt, head.feed)
    }

    /// Writes what the group's memory still owes the database; to be called before COMMIT.
    borrowing func settle(_ memory: GroupMemory) throws(StoreFault) {
        if let head = memory.movedHead { try write(head) }
        for mark in memory.marks {
            try ensure(
                """
                INSERT INTO balance_marks (shard, account, currency, seq, balance) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT DO NOTHING
                """, shard, mark.account, mark.currency, mark.sequence, mark.balance)
        }
    }

    /// Appends an entry behind the head and moves the head.
    @discardableResult
    public borrowing func append(_ entry: JournalEntry) throws(StoreFault) -> ChainedEntry {
        let head = try journalHead()
        let chained = ChainedEntry(entry, after: head.chain)
        try insert(chained)
        try moveHead(
            to: JournalHead(
                chain: ChainHead(sequence: chained.sequence, hash: chained.hash), postedAt: entry.postedAt,
                feed: head.feed))
        return chained
    }

    private borrowing func insert(_ chained: ChainedEntry) throws(StoreFault) {
        let entry = chained.entry
        let isReversal = entry.reverses == nil ? 0 : 1
        try execute(
            """
            INSERT INTO entries (shard, seq, prev_seq, entry, posted_us, effective_on, kind, reverses, is_reversal,
              target_is_reversal, prev_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, chained.sequence, chained.sequence == 1 ? Int64?.none : chained.sequence - 1, entry.id,
            entry.postedAt, entry.effectiveOn, entry.kind.rawValue, entry.reverses, isReversal,
            entry.reverses == nil ? Int?.none : 0, chained.previousHash, chained.hash)
        for (index, leg) in entry.legs.enumerated() {
            try know(leg.debit, leg.amount.currency)
            try know(leg.credit, leg.amount.currency)
            try execute(
                """
                INSERT INTO legs (shard, seq, leg, debit, credit, currency, amount)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, shard, chained.sequence, index + 1, leg.debit.text, leg.credit.text, leg.amount.currency,
                leg.amount.minorUnits)
        }
    }

    private borrowing func know(_ account: Account, _ currency: Currency) throws(StoreFault) {
        let known = GroupMemory.AccountName(account: account.text, currency: currency)
        memory?.notePosting(to: known)
        if memory?.knows(known) == true { return }
        try ensure(
            """
            INSERT INTO accounts (shard, account, currency, class) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
            """, shard, account.text, currency, account.accountClass.rawValue)
        memory?.learn(known)
    }

    /// The balance of an account at the end of the journal: its last mark, and the postings since; debit positive.
    ///
    /// A writer that had to add up many postings leaves a mark behind, so the cost does not grow with the history.
    public borrowing func balance(of account: Account, in currency: Currency) throws(StoreFault) -> Money {
        let name = GroupMemory.AccountName(account: account.text, currency: currency)
        let sums = try row(
            """
            SELECT coalesce((SELECT balance FROM balance_marks WHERE shard = $1 AND account = $2 AND currency = $3
                 ORDER BY seq DESC LIMIT 1), 0), d.total, c.total, d.postings + c.postings
            FROM (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
                WHERE shard = $1 AND debit = $2 AND currency = $3 AND seq > coalesce((SELECT max(seq) FROM balance_marks
                  WHERE shard = $1 AND account = $2 AND currency = $3), 0)) d,
              (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
                WHERE shard = $1 AND credit = $2 AND currency = $3 AND seq > coalesce((SELECT max(seq) FROM balance_marks
                  WHERE shard = $1 AND account = $2 AND currency = $3), 0)) c
            """, shard, account.text, currency, seesWaiting: memory?.hasPosted(to: name) ?? true
        ) { row throws(StoreFault) in
            (mark: try row.integer(0), debit: try row.integer(1), credit: try row.integer(2), count: try row.int(3))
        }
        // An aggregate always gives a row.
        guard let sums else { throw .corrupt(column: "balance_marks.seq") }
        let balance = sums.mark + sums.debit - sums.credit
        if let memory {
            // What was posted to is there.
            if sums.mark != 0 || sums.count > 0 { memory.learn(name) }
            if sums.count >= GroupMemory.postingsPerMark {
                let last = try journalHead().chain.sequence
                memory.mark(
                    GroupMemory.Mark(account: account.text, currency: currency, sequence: last, balance: balance))
            }
        }
        return Money(balance, currency)
    }

    /// The balance of an account after an entry: its last mark before it, and the postings since; debit positive.
    public borrowing func balance(
        of account: Account, in currency: Currency, through sequence: Int64
    ) throws(StoreFault) -> Money {
        let balance = try row(
            """
            SELECT coalesce((SELECT balance FROM balance_marks b
               WHERE b.shard = $1 AND b.account = $2 AND b.currency = $3 AND b.seq = m.seq), 0),
              (SELECT coalesce(sum(amount), 0) FROM legs l
               WHERE l.shard = $1 AND l.debit = $2 AND l.currency = $3 AND l.seq > m.seq AND l.seq <= $4),
              (SELECT coalesce(sum(amount), 0) FROM legs l
               WHERE l.shard = $1 AND l.credit = $2 AND l.currency = $3 AND l.seq > m.seq AND l.seq <= $4)
            FROM (SELECT coalesce(max(seq), 0) AS seq FROM balance_marks
              WHERE shard = $1 AND account = $2 AND currency = $3 AND seq <= $4) m
            """, shard, account.text, currency, sequence
        ) { row throws(StoreFault) in try row.integer(0) + row.integer(1) - row.integer(2) }
        guard let balance else { throw .corrupt(column: "balance_marks.seq") }
        return Money(balance, currency)
    }

    /// The same on the side on which the account grows: a wallet with money in it is positive.
    public borrowing func amount(in account: Account, _ currency: Currency) throws(StoreFault) -> Money {
        let balance = try balance(of: account, in: currency)
        return account.accountClass.growsInDebit ? balance : -balance
    }

    /// In which currencies an account was ever posted to.
    public borrowing func currencies(of account: Account) throws(StoreFault) -> [Currency] {
        try rows(
            "SELECT currency FROM accounts WHERE shard = $1 AND account = $2 ORDER BY currency", shard, account.text
        ) { row throws(StoreFault) in try row.currency(0) }
    }

    /// The entries after one sequence and up to another, in order.
    public borrowing func entries(
        after start: Int64, through end: Int64, limit: Int
    ) throws(StoreFault) -> [ChainedEntry] {
        let heads = try rows(
            """
            SELECT seq, entry, posted_us, effective_on, kind, reverses, prev_hash, hash FROM entries
            WHERE shard = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4
            """, shard, start, end, limit
        ) { row throws(StoreFault) in
            guard let kind = EntryKind(rawValue: try row.text(4)) else { throw row.corrupt(4) }
            guard let previous = SHA256Digest(hex: try row.text(6)) else { throw row.corrupt(6) }
            guard let hash = SHA256Digest(hex: try row.text(7)) else { throw row.corrupt(7) }
            let id: EntryID = try row.identifier(1)
            let stamp = EntryStamp(id: id, postedAt: try row.instant(2), effectiveOn: try row.day(3))
            let reverses: EntryID? = try row.optionalIdentifier(5)
            return (try row.integer(0), stamp, kind, reverses, previous, hash)
        }
        var entries: [ChainedEntry] = []
        for (sequence, stamp, kind, reverses, previous, hash) in heads {
            guard let entry = JournalEntry(stamp, kind: kind, reverses: reverses, legs: try legs(of: sequence)) else {
                throw .corrupt(column: "entries.kind")
            }
            entries.append(
                ChainedEntry(stored: entry, sequence: sequence, previousHash: previous, hash: hash))
        }
        return entries
    }

    private borrowing func legs(of sequence: Int64) throws(StoreFault) -> [Leg] {
        try rows(
            "SELECT debit, credit, amount, currency FROM legs WHERE shard = $1 AND seq = $2 ORDER BY leg", shard,
            sequence
        ) { row throws(StoreFault) in
            guard let debit = Account(try row.text(0)) else { throw row.corrupt(0) }
            guard let credit = Account(try row.text(1)) else { throw row.corrupt(1) }
            guard let leg = Leg(debit: debit, credit: credit, amount: try row.money(2, 3)) else {
                throw row.corrupt(2)
            }
            return leg
        }
    }

    /// Every account's balance at a sequence, by account and currency; debit positive, zero balances included.
    public borrowing func balances(through sequence: Int64) throws(StoreFault) -> [Posting] {
        try rows(
            """
            SELECT account, currency,
              (SELECT coalesce(sum(amount), 0) FROM legs l WHERE l.shard = a.shard AND l.debit = a.account
                 AND l.currency = a.currency AND +l.seq <= $2)
              - (SELECT coalesce(sum(amount), 0) FROM legs l WHERE l.shard = a.shard AND l.credit = a.account
                 AND l.currency = a.currency AND +l.seq <= $2)
            FROM accounts a WHERE shard = $1
              AND (EXISTS (SELECT 1 FROM legs l WHERE l.shard = a.shard AND l.debit = a.account
                 AND l.currency = a.currency AND +l.seq <= $2)
              OR EXISTS (SELECT 1 FROM legs l WHERE l.shard = a.shard AND l.credit = a.account
                 AND l.currency = a.currency AND +l.seq <= $2))
            ORDER BY account, currency
            """, shard, sequence
        ) { row throws(StoreFault) in
            guard let account = Account(try row.text(0)) else { throw row.corrupt(0) }
            return Posting(account: account, amount: Money(try row.integer(2), try row.currency(1)))
        }
    }
}
