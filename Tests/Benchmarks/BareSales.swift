import Ledger
import LedgerService
import Store
import Tickets
import Values

/// The SQL statements of a wallet sale, word for word those of `Store` and in the order of `LedgerService.buy`, and one
/// Ed25519 signature: what a sale cannot cost less than. No rule, no chain of hashes, no ids, no claims; the same
/// database engine, so the same group commit.
///
/// Whoever changes the statements of a sale changes them here.
struct BareSales: Sendable {
    private static let shard = "0"
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

    init(_ house: SalesHouse) {
        database = house.service.database
        key = house.key
        room = house.room.room
        policy = house.room.policy
        escrow = Account.escrow(house.room.room).text
        buyers = house.wallets.map {
            Buyer(holder: $0.holder, account: Account.wallet($0.holder).text, scope: "order:\($0.holder)")
        }
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
        let hash: String
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
        private static func scattered(_ number: UInt64) -> String {
            var word = number &* 0x9E37_79B9_7F4A_7C15
            word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
            word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
            word ^= word >> 31
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits + String(repeating: "0", count: 48)
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
            FROM price_versions WHERE shard = $1 AND room = $2 ORDER BY version DESC LIMIT 1
            """, shard, room
        ) { _ throws(StoreFault) in true }
        _ = try head(in: transaction)
        _ = try transaction.row(
            """
            SELECT
              (SELECT coalesce(sum(amount), 0) FROM legs
               WHERE shard = $1 AND debit = $2 AND currency = $3 AND +seq <= $4),
              (SELECT coalesce(sum(amount), 0) FROM legs
               WHERE shard = $1 AND credit = $2 AND currency = $3 AND +seq <= $4)
            """, shard, sale.buyer.account, "EUR", Int64.max
        ) { _ throws(StoreFault) in true }
    }

    private func head(in transaction: borrowing Transaction) throws -> (sequence: Int64, hash: String) {
        let head = try transaction.row(
            "SELECT sequence, hash, posted_us, feed FROM heads WHERE shard = $1", Self.shard
        ) { row throws(StoreFault) in (try row.integer(0), try row.text(1)) }
        guard let head else { throw BaselineMissing(text: "The ledger has no head.") }
        return head
    }

    /// The journal entry: 5.00 with 20 % VAT inside.
    private func post(_ sale: Sale, in transaction: borrowing Transaction) throws -> Int64 {
        let shard = Self.shard
        let head = try head(in: transaction)
        let sequence = head.sequence + 1
        try transaction.execute(
            """
            INSERT INTO entries (shard, seq, entry, posted_us, effective_on, kind, reverses, is_reversal,
              target_is_reversal, prev_hash, hash)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, sequence, sale.entry, sale.microseconds, "2026-01-01", "sale", String?.none, 0, Int?.none,
            head.hash, sale.hash)
        let legs = [("liabilities:vat", 83), (escrow, 417)]
        for (index, (credit, amount)) in legs.enumerated() {
            for account in [sale.buyer.account, credit] {
                try transaction.execute(
                    """
                    INSERT INTO accounts (shard, account, currency, class) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                    """, shard, account, "EUR", "liability")
            }
            try transaction.execute(
                """
                INSERT INTO legs (shard, seq, leg, debit, credit, currency, amount)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                """, shard, sequence, index + 1, sale.buyer.account, credit, "EUR", amount)
        }
        try transaction.execute(
            """
            INSERT INTO heads (shard, sequence, hash, posted_us, feed) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (shard) DO UPDATE
            SET sequence = excluded.sequence, hash = excluded.hash, posted_us = excluded.posted_us
            """, shard, sequence, sale.hash, sale.microseconds, 0)
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

    /// The outcome under its key, and what the answer is made of.
    private func remember(_ sale: Sale, in transaction: borrowing Transaction) throws {
        let shard = Self.shard
        try transaction.execute(
            """
            INSERT INTO idempotency_keys (shard, scope, idem_key, request_hash, outcome, created_us)
            VALUES ($1, $2, $3, $4, $5, $6)
            """, shard, sale.buyer.scope, sale.once, sale.hash, sale.order, sale.microseconds)
        _ = try transaction.row(
            """
            SELECT o.order_id, o.room, r.host, r.cohosts, o.holder, o.ticket, o.price_version, o.gross, o.currency,
              o.vat, o.fee, o.fee_refundable, o.policy, o.sold_us, o.purchase, o.price_kind, o.price, o.extra,
              o.discount, o.vat_account, o.fee_account, o.channel, o.country, o.country_source, o.voucher
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            WHERE o.shard = $1 AND o.order_id = $2
            """, shard, sale.order
        ) { _ throws(StoreFault) in true }
        _ = try transaction.row(
            """
            SELECT t.ticket, t.order_id, t.room, t.seat, t.subject, t.role, t.name, t.policy, t.issued_us,
              t.not_before_us, t.not_after_us, v.at_us, v.reason
            FROM tickets t LEFT JOIN revocations v ON v.shard = t.shard AND v.ticket = t.ticket
            WHERE t.shard = $1 AND t.ticket = $2
            """, shard, sale.ticket
        ) { _ throws(StoreFault) in true }
    }
}
