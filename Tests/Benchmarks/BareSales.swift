import Ledger
import LedgerService
import Store
import Tickets
import Values

/// The SQL statements of a wallet sale, word for word those of `Store` and in the order of `LedgerService.buy`, and one
/// Ed25519 signature: what a sale cannot cost less than. No rule, no chain of hashes, no ids, no claims; the same
/// database engine, so the same group commit.
///
/// Whoever changes the statements of a sale changes them here: the benchmarks compare the two before they measure.
struct BareSales: Sendable {
    /// No measured sale has this number.
    private static let trial = 900_000_000_000
    private static let shard = "0"
    private static let taxes = "liabilities:vat"
    /// As long as the signed part of a token.
    private static let message = [UInt8](repeating: 0x61, count: 420)

    private let database: Database
    private let key: SigningKey
    private let room: RoomID
    private let policy: String
    private let escrow: String
    private let buyers: [Buyer]

    private struct Buyer: Sendable {
        let holder: HolderID
        let account: String
        let scope: String
    }

    /// Opens the accounts of tax and escrow as well, which a ledger does with its first sale.
    static func open(_ house: SalesHouse) async throws -> BareSales {
        let bare = BareSales(house)
        try await house.service.database.write { transaction in
            for account in [Self.taxes, bare.escrow] {
                try transaction.execute(
                    """
                    INSERT INTO accounts (shard, account, currency, class) VALUES ($1, $2, $3, $4)
                    ON CONFLICT DO NOTHING
                    """, Self.shard, account, "EUR", "liability")
            }
        }
        return bare
    }

    private init(_ house: SalesHouse) {
        database = house.service.database
        key = house.key
        room = house.room.room
        policy = house.room.policy
        escrow = Account.escrow(house.room.room).text
        buyers = house.wallets.map {
            Buyer(holder: $0.holder, account: Account.wallet($0.holder).text, scope: "order:\($0.holder)")
        }
    }

    /// Sells one ticket each way on new ledgers and compares what the two asked of the database for the first time.
    /// - Throws: ``BaselineMissing`` with the statements that only one of them ran.
    static func requireSameStatements(_ house: SalesHouse, _ bareHouse: SalesHouse) async throws {
        let bare = try await BareSales.open(bareHouse)
        let real = try await statements(of: house) { try await house.sell(trial) }
        let copied = try await statements(of: bareHouse) { try await bare.sell(trial) }
        guard real == copied else {
            let odd = real.symmetricDifference(copied).sorted().joined(separator: "\n")
            throw BaselineMissing(text: "the bare sale is out of date: \(odd)")
        }
    }

    private static func statements(
        of house: SalesHouse, _ act: () async throws -> Void
    ) async throws -> Set<String> {
        let earlier = try await house.service.database.write { $0.statementTexts }
        try await act()
        return try await house.service.database.write { $0.statementTexts }.subtracting(earlier)
    }

    func sell(_ number: Int) async throws {
        let sale = Sale(number, by: buyers[number % buyers.count])
        try await database.write { transaction in
            try look(sale, in: transaction)
            let sequence = try post(sale, in: transaction)
            try issue(sale, sequence: sequence, in: transaction)
            try remember(sale, in: transaction)
        }
        _ = key.sign(Self.message)
    }

    /// Texts as long as the real ones; the hash is as scattered, since it stands in an index.
    private struct Sale: Sendable {
        let buyer: Buyer
        let order: String
        let ticket: String
        let entry: String
        let once: String
        let hash: SHA256Digest
        let microseconds: Int64

        init(_ number: Int, by buyer: Buyer) {
            self.buyer = buyer
            let digits = String(number)
            let tail = String(repeating: "0", count: 26 - digits.count) + digits
            order = "order_" + tail
            ticket = "ticket_" + tail
            entry = "entry_" + tail
            once = "sale-" + digits
            hash = Self.scattered(UInt64(number) + 1)
            microseconds = 1_800_000_000_000_000 + Int64(number)
        }

        /// 64 hexadecimal digits, other ones for every number (SplitMix64's mixing, which is one to one and leaves only
        /// 0, the hash before the first entry, where it is).
        private static func scattered(_ number: UInt64) -> SHA256Digest {
            var word = number &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            word ^= word >> 31
            let digits = String(word, radix: 16)
            let text = String(repeating: "0", count: 16 - digits.count) + digits + String(repeating: "0", count: 48)
            guard let digest = SHA256Digest(hex: text) else { preconditionFailure("64 hexadecimal digits are a digest.") }
            return digest
        }
    }

    /// What a sale reads before it decides.
    private func look(_ sale: Sale, in transaction: borrowing Transaction) throws {
        let shard = Self.shard
        _ = try transaction.row(
            "SELECT request_hash, outcome FROM idempotency_keys WHERE shard = $1 AND scope = $2 AND idem_key = $3",
            shard, sale.buyer.scope, sale.once
        ) { _ throws(StoreFault) in true }
        _ = try transaction.row(
            """
            SELECT r.room, r.host, r.title, r.starts_us, r.ends_us, r.doors_us, r.capacity, r.language,
              r.sale_opens_us, r.cohosts, r.policy, f.state, f.at_us
            FROM rooms r LEFT JOIN room_facts f ON f.shard = r.shard AND f.room = r.room
              AND f.n = (SELECT max(n) FROM room_facts WHERE shard = r.shard AND room = r.room)
            WHERE r.shard = $1 AND r.room = $2
            """, shard, room
        ) { _ throws(StoreFault) in true }
        _ = try transaction.row(
            """
            SELECT room, version, tier, kind, most, amount, currency, from_us, until_us, places, since_us
            FROM price_versions WHERE shard = $1 AND room = $2 AND version IN (
              SELECT max(version) FROM price_versions WHERE shard = $1 AND room = $2 GROUP BY tier)
            """, shard, room
        ) { _ throws(StoreFault) in true }
        let mark = try transaction.row(
            """
            SELECT seq, balance FROM balance_marks
            WHERE shard = $1 AND account = $2 AND currency = $3 AND seq <= $4 ORDER BY seq DESC LIMIT 1
            """, shard, sale.buyer.account, "EUR", Int64.max
        ) { row throws(StoreFault) in try row.integer(0) }
        _ = try transaction.row(
            """
            SELECT d.total, d.postings, c.total, c.postings FROM
              (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
               WHERE shard = $1 AND debit = $2 AND currency = $3 AND seq > $4 AND seq <= $5) d,
              (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
               WHERE shard = $1 AND credit = $2 AND currency = $3 AND seq > $4 AND seq <= $5) c
            """, shard, sale.buyer.account, "EUR", mark ?? 0, Int64.max
        ) { _ throws(StoreFault) in true }
    }

    /// The journal entry: 5.00 with 20 % VAT inside. The head is read and written once a group, as for every sale.
    private func post(_ sale: Sale, in transaction: borrowing Transaction) throws -> Int64 {
        let shard = Self.shard
        let head = try transaction.journalHead()
        let sequence = head.chain.sequence + 1
        try transaction.execute(
            """
            INSERT INTO entries (shard, seq, prev_seq, entry, posted_us, effective_on, kind, reverses, is_reversal,
              target_is_reversal, prev_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, sequence, head.chain.sequence, sale.entry, sale.microseconds, "2026-01-01", "sale",
            String?.none, 0, Int?.none, head.chain.hash, sale.hash)
        let legs = [(Self.taxes, 83), (escrow, 417)]
        for (index, (credit, amount)) in legs.enumerated() {
            try transaction.execute(
                """
                INSERT INTO legs (shard, seq, leg, debit, credit, currency, amount)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, shard, sequence, index + 1, sale.buyer.account, credit, "EUR", amount)
        }
        try transaction.moveHead(
            to: JournalHead(
                chain: ChainHead(sequence: sequence, hash: sale.hash), postedAt: head.postedAt, feed: head.feed))
        return sequence
    }

    /// The order, the ticket and its seat.
    private func issue(_ sale: Sale, sequence: Int64, in transaction: borrowing Transaction) throws {
        let shard = Self.shard
        let seat = try transaction.row(
            """
            SELECT (SELECT coalesce(max(seat), 0) FROM seats WHERE shard = $1 AND room = $2),
              (SELECT count(*) FROM seats
               WHERE shard = $1 AND room = $2 AND ticket IS NULL AND purchase IS NULL),
              (SELECT min(seat) FROM seats
               WHERE shard = $1 AND room = $2 AND ticket IS NULL AND purchase IS NULL)
            """, shard, room
        ) { row throws(StoreFault) in try row.int(0) + 1 }
        try transaction.execute(
            """
            INSERT INTO orders (shard, order_id, purchase, room, holder, price_version, price_kind, currency, price,
              extra, discount, gross, vat, fee, base, fee_refundable, vat_account, fee_account, policy, channel,
              country, country_source, voucher, ticket, sold_us, sold_seq, sold_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21,
              $22, $23, $24, $25, $26, $27)
            """, shard, sale.order, String?.none, room, sale.buyer.holder, 1, "fixed", "EUR", 500, 0, 0, 500, 83, 0,
            417, 0, "liabilities:vat", "assets:psp", policy, "wallet", String?.none, String?.none, String?.none,
            sale.ticket, sale.microseconds, sequence, "2026-01-01")
        try transaction.execute(
            """
            INSERT INTO tickets (shard, ticket, order_id, room, capacity, seat, subject, role, name, policy,
              issued_us, not_before_us, not_after_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, sale.ticket, sale.order, room, SalesHouse.capacity, seat, sale.buyer.holder, "listener",
            String?.none, policy, sale.microseconds, sale.microseconds, sale.microseconds + 1)
        try transaction.execute(
            """
            INSERT INTO seats (shard, room, seat, ticket) VALUES ($1, $2, $3, $4)
            ON CONFLICT (shard, room, seat) DO UPDATE SET ticket = excluded.ticket
            WHERE seats.ticket IS NULL AND seats.purchase IS NULL
            """, shard, room, seat, sale.ticket)
    }

    /// The outcome under its key.
    private func remember(_ sale: Sale, in transaction: borrowing Transaction) throws {
        let shard = Self.shard
        try transaction.execute(
            """
            INSERT INTO idempotency_keys (shard, scope, idem_key, request_hash, outcome, created_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, sale.buyer.scope, sale.once, sale.hash, sale.order, sale.microseconds)
    }
}
