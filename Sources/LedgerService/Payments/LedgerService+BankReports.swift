internal import BankFiles
internal import BoxOffice
internal import HTTPEdge
internal import Store
public import Values

/// A bank's report, and what became of each of its lines.
public struct BankReportView: Sendable, Hashable, Encodable {
    public struct Line: Sendable, Hashable, Encodable {
        /// `paid`, `returned`, `refused`, `accepted` or `notice`.
        public let said: String
        public let reference: String
        public let amount: Money?
        /// The bank's own reason, `AC04` or `R03`.
        public let code: String?
        public let payout: PayoutTransferID?
        /// `booked`, `known`, `noted` or `exception`.
        public let outcome: String
        /// Why somebody has to look at an exception.
        public let reason: String?
    }

    /// The SHA-256 of its bytes.
    public let report: String
    /// `pain002`, `camt053`, `camt054` or `nacha`.
    public let kind: String
    public let messageID: String
    public let at: Instant
    public let booked: Int
    public let exceptions: Int
    public let lines: [Line]

    init(_ row: BankReportRow) {
        report = row.report
        kind = row.kind
        messageID = row.messageID
        at = row.at
        booked = row.lines.count { $0.outcome == "booked" }
        exceptions = row.lines.count { $0.outcome == "exception" }
        lines = row.lines.map {
            Line(
                said: $0.said, reference: $0.reference, amount: $0.amount, code: $0.code.isEmpty ? nil : $0.code,
                payout: $0.payout, outcome: $0.outcome, reason: $0.reason.isEmpty ? nil : $0.reason)
        }
    }
}

/// Bank files in: what banks say of our payouts.
///
/// A file is taken in once, whole, in one transaction; each of its lines is matched to a transfer and booked by the same
/// rule as the news of a provider, so nothing is booked twice, in whatever order and however often banks repeat it. What
/// cannot be matched is an exception with its reason, and changes nothing.
extension LedgerService {
    func takeBankReport(
        _ bytes: [UInt8], key: IdempotencyKey, by caller: Caller
    ) async throws -> BankReportView {
        try requireFinance(caller)
        let digest = SHA256Digest(of: bytes).hex
        let command = OnceOnly("bank-report", by: caller, key: key, request: digest)
        let report = try BankReport.read(bytes)
        let now = clock.now()
        return try await database.write { transaction in
            _ = try transaction.once(command, at: now) {
                guard try transaction.bankReport(digest) == nil else { throw BankRefusal.taken }
                var lines: [BankReportLineRow] = []
                for line in report.lines { lines += try take(line, of: report.kind, at: now, in: transaction) }
                try transaction.insertBankReport(
                    BankReportRow(
                        report: digest, kind: report.kind.rawValue, messageID: Self.cut(report.messageID, 100),
                        actor: caller.actor, at: now, lines: lines))
                let exceptions = lines.count { $0.outcome == "exception" }
                try transaction.audit(
                    actor: caller.actor, act: "bank_report_taken", subject: digest,
                    detail: "\(report.kind.rawValue) \(lines.count) lines, \(exceptions) exceptions", at: now)
                return digest
            }
            guard let row = try transaction.bankReport(digest) else {
                throw StoreFault.corrupt(column: "bank_reports.report")
            }
            return BankReportView(row)
        }
    }

    func bankReport(_ digest: String, by caller: Caller) async throws -> BankReportView {
        try requireFinanceReading(caller)
        guard SHA256Digest(hex: digest) != nil, let row = try await database.read({ try $0.bankReport(digest) }) else {
            throw BankRefusal.fileUnknown
        }
        return BankReportView(row)
    }

    /// Texts of strangers, cut and without what PostgreSQL does not store.
    private static func cut(_ text: String, _ most: Int) -> String {
        String(text.filter { $0 != "\0" }.prefix(most))
    }

    /// Matches a line and books it.
    /// - Returns: one row; several for a line that speaks of a whole file.
    private func take(
        _ line: BankReport.Line, of kind: BankReport.Kind, at now: Instant, in transaction: borrowing Transaction
    ) throws -> [BankReportLineRow] {
        var payouts: [PayoutTransferID] = []
        switch line.reference {
        case .endToEnd(let id): if let payout = Self.payout(named: id) { payouts = [payout] }
        case .trace(let digits):
            if let number = Int64(digits.suffix(7)), let payout = try transaction.payout(traced: number) {
                payouts = [payout]
            }
        case .file(let id): payouts = try transaction.payouts(inFile: id)
        case .sum(let names, let count): return try take(line, ofFile: names, count, at: now, in: transaction)
        }
        guard !payouts.isEmpty else {
            // A statement has other people's bookings; a status report and returned entries are about our files.
            let isOthers = kind == .camt053 || kind == .camt054
            return [row(line, nil, isOthers ? .noted : .exception("no payout has this id"))]
        }
        return try payouts.map { payout in
            guard let transfer = try transaction.payoutTransfer(payout) else {
                return row(line, nil, .exception("no payout has this id"))
            }
            return row(line, payout, try settle(transfer, line, at: now, in: transaction))
        }
    }

    /// A file that the bank booked in one sum: if that is the sum of its open payouts, all of them are paid.
    /// - Returns: a row for each payout; one for what is an exception or of others.
    private func take(
        _ line: BankReport.Line, ofFile names: [String], _ count: Int?, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> [BankReportLineRow] {
        var payouts: [PayoutTransferID] = []
        for name in names where payouts.isEmpty { payouts = try transaction.payouts(inFile: name) }
        let transfers = try payouts.compactMap { try transaction.payoutTransfer($0) }
        if transfers.isEmpty || line.said == .accepted { return [row(line, nil, .noted)] }
        let open = transfers.filter { $0.state == .requested }
        let settled = transfers.filter { $0.state == .paid || $0.state == .returned }
        let told: [PayoutTransferRow]
        switch FileSum(line, count: count, open: open.map(\.net), settled: settled.map(\.net)) {
        case .pays: told = open
        case .known: told = settled
        case .differs(let why): return [row(line, nil, .exception(why))]
        }
        return try told.map { transfer in
            // Of each its own part of the sum.
            let own = BankReport.Line(.paid, line.reference, amount: transfer.net)
            return row(own, transfer.payout, try settle(transfer, own, at: now, in: transaction))
        }
    }

    /// What became of a line.
    private enum Outcome {
        case booked, known, noted
        case exception(String)
    }

    private func row(_ line: BankReport.Line, _ payout: PayoutTransferID?, _ outcome: Outcome) -> BankReportLineRow {
        let (word, reason) =
            switch outcome {
            case .booked: ("booked", "")
            case .known: ("known", "")
            case .noted: ("noted", "")
            case .exception(let reason): ("exception", reason)
            }
        return BankReportLineRow(
            said: line.said.rawValue, reference: Self.cut(line.reference.text, 100), amount: line.amount,
            code: Self.cut(line.code, 35), payout: payout, outcome: word, reason: reason)
    }

    /// Checks in this order: finance makes it; the line can be read; currency; amount; what it says does not contradict what is known.
    private func settle(
        _ transfer: PayoutTransferRow, _ line: BankReport.Line, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> Outcome {
        guard transfer.provider == .manual else { return .exception("its provider speaks for it") }
        guard line.trouble.isEmpty else {
            // A part of a sum that was booked as a whole.
            let isKnown =
                transfer.state == .returned
                ? [.paid, .returned].contains(line.said)
                : transfer.state == .paid && line.said == .paid
            return isKnown ? .known : .exception(line.trouble)
        }
        if let amount = line.amount {
            guard amount.currency == transfer.net.currency else {
                return .exception("it is of \(transfer.net.currency), not \(amount.currency)")
            }
            guard amount == transfer.net else { return .exception("it is of \(transfer.net), not \(amount)") }
        }
        let code = Self.cut(line.code, 35)
        switch line.said {
        case .accepted, .notice: return .noted
        case .refused: return try refuse(transfer, code, at: now, in: transaction)
        case .paid, .returned:
            let told = ProviderTransfer(
                name: "manual \(transfer.payout)", ours: transfer.payout, amount: transfer.net,
                state: line.said == .paid ? .paid : .returned)
            switch try apply(told, from: .manual, because: BankReason.words(code), at: now, in: transaction) {
            case .applied: return .booked
            case .refused(let why): return .exception(why)
            case .known, .parked: return .known
            }
        }
    }

    private func refuse(
        _ transfer: PayoutTransferRow, _ code: String, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Outcome {
        switch transfer.state {
        case .requested:
            let why = code.isEmpty ? "refused by the bank" : BankReason.words(code)
            try transaction.append(.refused, to: transfer.payout, detail: why, at: now)
            try transaction.audit(
                actor: "bank", act: "payout_refused", subject: transfer.payout.text, detail: why, at: now)
            return .booked
        case .refused: return .known
        case .paid, .returned: return .exception("it was refused after it was \(transfer.state.rawValue)")
        }
    }
}
