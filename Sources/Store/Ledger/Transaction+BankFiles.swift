public import Values

/// A file that asks a bank to pay, as it was made.
public struct BankFileRow: Sendable, Hashable {
    public let batch: String
    public let n: Int64
    /// `sepa` or `nacha`.
    public let family: String
    public let messageID: String
    /// The house's own account as it was then, as JSON.
    public let debtor: String
    public let remittance: String
    public let executionOn: LocalDay
    public let transfers: Int
    public let total: Money
    public let madeBy: String
    public let madeAt: Instant
    /// Of an ACH file; `nil` for one that was made before this was written down.
    public let ach: ACHStamp?

    /// When an ACH file was made, on the house's own clock, and which of its day it is.
    public struct ACHStamp: Sendable, Hashable {
        public let day: LocalDay
        /// Of the day, 0…1439.
        public let minute: Int
        /// One character.
        public let modifier: String

        public init(day: LocalDay, minute: Int, modifier: String) {
            self.day = day
            self.minute = minute
            self.modifier = modifier
        }
    }

    public init(
        batch: String, n: Int64, family: String, messageID: String, debtor: String, remittance: String,
        executionOn: LocalDay, transfers: Int, total: Money, madeBy: String, madeAt: Instant, ach: ACHStamp?
    ) {
        self.batch = batch
        self.n = n
        self.family = family
        self.messageID = messageID
        self.debtor = debtor
        self.remittance = remittance
        self.executionOn = executionOn
        self.transfers = transfers
        self.total = total
        self.madeBy = madeBy
        self.madeAt = madeAt
        self.ach = ach
    }
}

/// A transfer that a file asks for, or may ask for.
public struct BankTransferRow: Sendable, Hashable {
    public let payout: PayoutTransferID
    public let host: HostID
    /// The number of the host's destination that the transfer goes to.
    public let destination: Int64
    public let net: Money
    /// Of an ACH entry; 0 for others and for what stands in no file yet.
    public let trace: Int64
    public let account: BankAccountRow
}

extension Transaction {
    /// Transfers of a batch that wait for finance, have an account of a kind, and stand in no file yet: by host.
    public borrowing func unfiledTransfers(
        of batch: String, family: String, currency: Currency
    ) throws(StoreFault) -> [BankTransferRow] {
        let found = try rows(
            """
            SELECT t.payout, t.host, t.destination, t.net, t.currency, 0 FROM payout_transfers t
            JOIN bank_accounts a ON a.shard = t.shard AND a.host = t.host AND a.n = t.destination
            WHERE t.shard = $1 AND t.batch = $2 AND a.family = $3 AND t.currency = $4
              AND NOT EXISTS (SELECT 1 FROM bank_file_lines l WHERE l.shard = t.shard AND l.payout = t.payout)
              AND NOT EXISTS (SELECT 1 FROM payout_transfer_facts f WHERE f.shard = t.shard AND f.payout = t.payout
                AND f.n > 1)
            ORDER BY t.host, t.payout
            """, shard, batch, family, currency, read: readTransferHead)
        return try withAccounts(found)
    }

    /// Transfers of a batch that wait for finance and stand in no file, whatever their accounts.
    public borrowing func unfiledByHand(of batch: String) throws(StoreFault) -> [PayoutTransferID] {
        try rows(
            """
            SELECT t.payout FROM payout_transfers t WHERE t.shard = $1 AND t.batch = $2 AND t.provider = 'manual'
              AND NOT EXISTS (SELECT 1 FROM bank_file_lines l WHERE l.shard = t.shard AND l.payout = t.payout)
              AND NOT EXISTS (SELECT 1 FROM payout_transfer_facts f WHERE f.shard = t.shard AND f.payout = t.payout
                AND f.n > 1)
            ORDER BY t.payout
            """, shard, batch
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// The transfers of a file in the order of its lines.
    public borrowing func transfers(of file: BankFileRow) throws(StoreFault) -> [BankTransferRow] {
        let found = try rows(
            """
            SELECT payout, host, destination, net, currency, coalesce(trace, 0) FROM bank_file_lines
            WHERE shard = $1 AND batch = $2 AND n = $3 ORDER BY line
            """, shard, file.batch, file.n, read: readTransferHead)
        return try withAccounts(found)
    }

    private borrowing func withAccounts(_ found: [TransferHead]) throws(StoreFault) -> [BankTransferRow] {
        var transfers: [BankTransferRow] = []
        for head in found {
            guard let account = try bankAccount(of: head.host, n: head.destination) else {
                throw .corrupt(column: "payout_transfers.destination")
            }
            transfers.append(
                BankTransferRow(
                    payout: head.payout, host: head.host, destination: head.destination, net: head.net,
                    trace: head.trace, account: account))
        }
        return transfers
    }

    /// Writes a file down, with its lines; ACH entries get the next trace numbers.
    public borrowing func insertBankFile(
        _ file: BankFileRow, _ transfers: [BankTransferRow]
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO bank_files (shard, batch, n, prev_n, family, currency, message_id, debtor, remittance,
              execution_on, transfers, total, made_by, made_us, local_day, local_minute, modifier)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
            """, shard, file.batch, file.n, file.n == 1 ? Int64?.none : file.n - 1, file.family, file.total.currency,
            file.messageID, file.debtor, file.remittance, file.executionOn, file.transfers, file.total.minorUnits,
            file.madeBy, file.madeAt, file.ach?.day, file.ach?.minute, file.ach?.modifier)
        let last = try row("SELECT coalesce(max(trace), 0) FROM bank_file_lines WHERE shard = $1", shard) {
            row throws(StoreFault) in try row.integer(0)
        }
        var trace = last ?? 0
        var before: Int64 = 0
        for (index, transfer) in transfers.enumerated() {
            trace += 1
            try execute(
                """
                INSERT INTO bank_file_lines (shard, payout, batch, n, line, prev_line, family, currency, host,
                  destination, before, net, after, trace)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
                """, shard, transfer.payout, file.batch, file.n, index + 1, index == 0 ? Int?.none : index, file.family,
                transfer.net.currency, transfer.host, transfer.destination, before, transfer.net.minorUnits,
                before + transfer.net.minorUnits, file.family == "nacha" ? trace : Int64?.none)
            before += transfer.net.minorUnits
        }
    }

    /// How many ACH files were made on a day of the house's clock; those from before it was written down count on their
    /// day of UTC.
    public borrowing func achFiles(on day: LocalDay) throws(StoreFault) -> Int {
        let midnight = Instant(seconds: Int64(day.daysSince1970) * 86_400)
        return try row(
            """
            SELECT count(*) FROM bank_files WHERE shard = $1 AND family = 'nacha' AND (local_day = $2
              OR (local_day IS NULL AND made_us >= $3 AND made_us < $4))
            """, shard, day, midnight, midnight.advanced(bySeconds: 86_400)
        ) { row throws(StoreFault) in try row.int(0) } ?? 0
    }

    /// The files of a batch in the order of their making.
    public borrowing func bankFiles(of batch: String) throws(StoreFault) -> [BankFileRow] {
        try rows(
            """
            SELECT batch, n, family, message_id, debtor, remittance, execution_on, transfers, total, currency, made_by,
              made_us, local_day, local_minute, coalesce(modifier, 'A') FROM bank_files WHERE shard = $1 AND batch = $2 ORDER BY n
            """, shard, batch
        ) { row throws(StoreFault) in
            BankFileRow(
                batch: try row.text(0), n: try row.integer(1), family: try row.text(2), messageID: try row.text(3),
                debtor: try row.text(4), remittance: try row.text(5), executionOn: try row.day(6),
                transfers: try row.int(7), total: try row.money(8, 9), madeBy: try row.text(10),
                madeAt: try row.instant(11),
                ach: row.isNull(12)
                    ? nil
                    : BankFileRow.ACHStamp(day: try row.day(12), minute: try row.int(13), modifier: try row.text(14)))
        }
    }
}

private typealias TransferHead = (
    payout: PayoutTransferID, host: HostID, destination: Int64, net: Money, trace: Int64
)

private func readTransferHead(_ row: borrowing Row) throws(StoreFault) -> TransferHead {
    (
        payout: try row.identifier(0), host: try row.identifier(1), destination: try row.integer(2),
        net: try row.money(3, 4), trace: try row.integer(5)
    )
}
