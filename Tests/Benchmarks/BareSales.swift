import BoxOffice
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
    private let host: HostID
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
        self.init(house, room: house.room, holders: house.wallets.map(\.holder))
    }

    private init(_ house: SalesHouse, room: RoomView, holders: [HolderID]) {
        database = house.service.database
        key = house.key
        self.room = room.room
        host = room.host
        policy = room.policy
        escrow = Account.escrow(room.room).text
        buyers = holders.map {
            Buyer(holder: $0, account: Account.wallet($0).text, scope: "order:\($0)")
        }
    }

    /// Sells the tickets of a room to wallets without money, so that a ledger has a history: the rows of real sales, in
    /// large transactions.
    /// - Parameter numbers: of these sales; none may come twice.
    static func fill(_ house: SalesHouse, room: RoomView, numbers: Range<Int>) async throws {
        // Two hundred tickets a wallet, as a faithful listener has after some years.
        let holders = (0...(numbers.count / 200)).compactMap { index in
            let digits = String(numbers.lowerBound + index)
            return HolderID("holder_" + String(repeating: "0", count: 26 - digits.count) + digits)
        }
        let filler = BareSales(house, room: room, holders: holders)
        try await filler.database.write { transaction in
            for buyer in filler.buyers {
                try transaction.execute(
                    "INSERT INTO wallets (shard, holder, created_us) VALUES ($1, $2, $3)", shard, buyer.holder, 0)
                try transaction.execute(
                    "INSERT INTO accounts (shard, account, currency, class) VALUES ($1, $2, $3, $4)", shard,
                    buyer.account, "EUR", "liability")
            }
            try transaction.execute(
                """
                INSERT INTO accounts (shard, account, currency, class) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                """, shard, filler.escrow, "EUR", "liability")
            try transaction.execute(
                """
                INSERT INTO accounts (shard, account, currency, class) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
                """, shard, taxes, "EUR", "liability")
        }
        for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: 5_000) {
            try await filler.database.write { transaction in
                for number in start..<min(start + 5_000, numbers.upperBound) {
                    let sale = Sale(number, by: filler.buyers[number % filler.buyers.count])
                    try filler.issue(sale, sequence: try filler.post(sale, in: transaction), in: transaction)
                    try filler.tell(sale, in: transaction)
                    try filler.remember(sale, in: transaction)
                }
            }
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
            try tell(sale, in: transaction)
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
            guard let digest = SHA256Digest(hex: text) else {
                preconditionFailure("64 hexadecimal digits are a digest.")
            }
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
        // Read once a group, as for every sale.
        _ = try transaction.room(room)
        _ = try transaction.prices(of: room)
        _ = try transaction.terms(of: room)
        _ = try transaction.hasQueue(for: room)
        _ = try transaction.isBanned(sale.buyer.holder, by: host)
        _ = try transaction.row(
            """
            SELECT coalesce((SELECT balance FROM balance_marks WHERE shard = $1 AND account = $2 AND currency = $3
                 ORDER BY seq DESC LIMIT 1), 0), d.total, c.total, d.postings + c.postings
            FROM (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
                WHERE shard = $1 AND debit = $2 AND currency = $3 AND seq > coalesce((SELECT max(seq) FROM balance_marks
                  WHERE shard = $1 AND account = $2 AND currency = $3), 0)) d,
              (SELECT coalesce(sum(amount), 0) AS total, count(*) AS postings FROM legs
                WHERE shard = $1 AND credit = $2 AND currency = $3 AND seq > coalesce((SELECT max(seq) FROM balance_marks
                  WHERE shard = $1 AND account = $2 AND currency = $3), 0)) c
            """, shard, sale.buyer.account, "EUR"
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
        // Read once a group, as for every sale.
        let seat = try transaction.seatUse(of: room).highest + 1
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
        guard let ticket = TicketID(sale.ticket) else { preconditionFailure("Digits are the rest of an id.") }
        try transaction.occupy(seat, in: room, by: ticket)
    }

    /// What other systems will hear of it: a text as long as the real one.
    private func tell(_ sale: Sale, in transaction: borrowing Transaction) throws {
        let body = """
            {"amount":{"amount":500,"currency":"EUR"},"fee":{"amount":0,"currency":"EUR"},\
            "order":"\(sale.order)","room":"\(room)","seat":1,"ticket":"\(sale.ticket)",\
            "vat":{"amount":83,"currency":"EUR"}}
            """
        try transaction.appendEvent(
            .orderSold, of: sale.order, host: host, body: body, at: Instant(microseconds: sale.microseconds))
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
