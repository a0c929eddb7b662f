public import BankFiles
internal import BoxOffice
internal import HTTPEdge
internal import Store
public import Values

/// The house's own accounts, from which payouts leave.
public struct DebtorAccounts: Sendable, Hashable {
    public var sepa: DebtorAccount.SEPA?
    public var ach: DebtorAccount.ACH?

    public init(sepa: DebtorAccount.SEPA? = nil, ach: DebtorAccount.ACH? = nil) {
        self.sepa = sepa
        self.ach = ach
    }
}

/// A file that asks a bank to pay, as lists show it.
public struct BankFileView: Sendable, Hashable, Encodable {
    public let batch: String
    public let file: Int64
    /// `sepa` or `nacha`.
    public let family: String
    /// In which formats its bytes can be had.
    public let formats: [String]
    /// The file's name too.
    public let messageID: String
    public let executionOn: LocalDay
    public let transfers: Int
    public let total: Money
    public let madeBy: String
    public let madeAt: Instant

    init(_ file: BankFileRow) {
        batch = file.batch
        self.file = file.n
        family = file.family
        formats = CreditTransferFile.Format.allCases.filter { $0.family.rawValue == file.family }.map(\.rawValue)
        messageID = file.messageID
        executionOn = file.executionOn
        transfers = file.transfers
        total = file.total
        madeBy = file.madeBy
        madeAt = file.madeAt
    }
}

/// The files of a batch.
public struct BankFilesView: Sendable, Hashable, Encodable {
    public let day: LocalDay
    public let files: [BankFileView]
    /// Payouts that wait for finance and stand in no file: of payees without a bank account, or with one of another
    /// currency. They are made by hand, or in the next file.
    public let unfiled: [PayoutTransferID]
}

/// The bytes of a file, and under which name they are kept.
struct BankFileBytes: Sendable {
    let name: String
    let contentType: String
    let bytes: [UInt8]
}

/// Bank files out of approved batches.
extension LedgerService {
    /// Puts what stands in no file yet into one; where there is nothing new, the last file of the family is the answer.
    func makeBankFile(
        of day: LocalDay, family: CreditTransferFile.Family, key: IdempotencyKey, by caller: Caller
    ) async throws -> BankFileView {
        try requireFinance(caller)
        let command = OnceOnly("bank-file", by: caller, key: key, request: "\(day)|\(family.rawValue)")
        let now = clock.now()
        return try await database.write { transaction in
            guard let batch = try transaction.payoutBatch(of: day) else { throw PayoutRefusal.batchUnknown }
            let outcome = try transaction.once(command, at: now) {
                let files = try transaction.bankFiles(of: batch.batch)
                let transfers = try transaction.unfiledTransfers(
                    of: batch.batch, family: family.rawValue, currency: family.currency)
                if transfers.isEmpty {
                    guard let last = files.last(where: { $0.family == family.rawValue }) else {
                        throw BankRefusal.nothing
                    }
                    return String(last.n)
                }
                let file = try file(
                    of: batch, number: files.count + 1, family, transfers, by: caller, at: now, in: transaction)
                try transaction.insertBankFile(file, transfers)
                // A file that could not be written is not made: whatever breaks a rule takes all of this back.
                let lines = try transaction.transfers(of: file)
                for format in CreditTransferFile.Format.allCases where format.family == family {
                    _ = try Self.bytes(file, lines, as: format)
                }
                try transaction.audit(
                    actor: caller.actor, act: "bank_file_made", subject: file.messageID,
                    detail: "\(file.transfers) \(file.total)", at: now)
                return String(file.n)
            }
            guard let file = try transaction.bankFiles(of: batch.batch).first(where: { String($0.n) == outcome })
            else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            return BankFileView(file)
        }
    }

    private func file(
        of batch: PayoutBatchRow, number: Int, _ family: CreditTransferFile.Family, _ transfers: [BankTransferRow],
        by caller: Caller, at now: Instant, in transaction: borrowing Transaction
    ) throws -> BankFileRow {
        let debtor: String? =
            switch family {
            case .sepa: settings.debtors.sepa.map { text(of: $0) }
            case .nacha: settings.debtors.ach.map { text(of: $0) }
            }
        guard let debtor else { throw BankRefusal.debtor }
        // Payees' banks read the day beside that of the execution, which follows the house's day as well.
        let (day, minute) = settings.housePolicy.calendar.localTime(of: now)
        var ach: BankFileRow.ACHStamp?
        if family == .nacha {
            let modifier = try ACHFileID.modifier(after: transaction.achFiles(on: day), on: day)
            ach = BankFileRow.ACHStamp(day: day, minute: minute, modifier: String(modifier))
        }
        return BankFileRow(
            batch: batch.batch, n: Int64(number), family: family.rawValue,
            // Eight digits of the digest, so that two houses that share a bank account do not share names.
            messageID: "payouts-\(batch.day)-\(number)-\(batch.digest.prefix(8))", debtor: debtor,
            remittance: "\(settings.platform) \(batch.day)",
            executionOn: family.executionDay(after: day),
            transfers: transfers.count,
            total: Money(transfers.reduce(0) { $0 + $1.net.minorUnits }, family.currency), madeBy: caller.actor,
            madeAt: Instant(seconds: now.seconds),
            ach: ach)
    }

    func bankFiles(of day: LocalDay, by caller: Caller) async throws -> BankFilesView {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            guard let batch = try transaction.payoutBatch(of: day) else { throw PayoutRefusal.batchUnknown }
            return BankFilesView(
                day: day, files: try transaction.bankFiles(of: batch.batch).map { BankFileView($0) },
                unfiled: try transaction.unfiledByHand(of: batch.batch))
        }
    }

    /// The same file has the same bytes for ever: they follow from what was written down when it was made.
    func bankFile(
        of day: LocalDay, file n: Int64, as format: CreditTransferFile.Format, by caller: Caller
    ) async throws -> BankFileBytes {
        try requireFinance(caller)
        return try await database.read { transaction in
            guard let batch = try transaction.payoutBatch(of: day) else { throw PayoutRefusal.batchUnknown }
            guard let file = try transaction.bankFiles(of: batch.batch).first(where: { $0.n == n }) else {
                throw BankRefusal.fileUnknown
            }
            guard file.family == format.family.rawValue else { throw BankRefusal.format }
            return BankFileBytes(
                name: "\(file.messageID).\(format.fileExtension)",
                contentType: format == .nacha ? "text/plain; charset=us-ascii" : "application/xml",
                bytes: try Self.bytes(file, try transaction.transfers(of: file), as: format))
        }
    }

    private static func bytes(
        _ file: BankFileRow, _ lines: [BankTransferRow], as format: CreditTransferFile.Format
    ) throws -> [UInt8] {
        let order = CreditTransferFile(
            messageID: file.messageID, madeAt: file.madeAt, executionOn: file.executionOn,
            transfers: try lines.map {
                CreditTransfer(
                    endToEndID: endToEndID(of: $0.payout), amount: $0.net, payee: try PayeeAccount($0.account),
                    trace: $0.trace)
            }, remittance: file.remittance)
        switch format {
        case .pain00103, .pain00109:
            let debtor = try value(DebtorAccount.SEPA.self, from: file.debtor, column: "bank_files.debtor")
            return try order.pain001(format, from: debtor)
        case .nacha:
            let debtor = try value(DebtorAccount.ACH.self, from: file.debtor, column: "bank_files.debtor")
            return try order.nacha(from: debtor, as: try fileID(of: file))
        }
    }

    /// Of a file that was made before this was written down: what it said then, of UTC.
    private static func fileID(of file: BankFileRow) throws -> ACHFileID {
        if let made = file.ach {
            guard let modifier = made.modifier.first, ACHFileID.modifiers.contains(modifier) else {
                throw StoreFault.corrupt(column: "bank_files.modifier")
            }
            return ACHFileID(day: made.day, minute: made.minute, modifier: modifier)
        }
        let day = file.madeAt.seconds / 86_400
        return ACHFileID(
            day: LocalDay(daysSince1970: Int(day)), minute: Int((file.madeAt.seconds - day * 86_400) / 60),
            modifier: "A")
    }

    /// The payout's id in letters that banks take: they have no underscore.
    static func endToEndID(of payout: PayoutTransferID) -> String { payout.text.replacing("_", with: "-") }

    /// The payout that a bank names; `nil` for an id that is none of ours.
    static func payout(named id: String) -> PayoutTransferID? {
        PayoutTransferID(id.lowercased().replacing("-", with: "_"))
    }
}
