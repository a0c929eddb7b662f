internal import BoxOffice
internal import Ledger
internal import Payouts
internal import Reporting
internal import Store
public import Values

extension Replay {
    /// Entries and orders that are held at one time.
    private static let page = 1_000

    /// The files of a replay, as the payout rules write them; and `names.csv`, which says what hosts and rooms are called
    /// in the journal.
    public static let files = [
        "payouts.csv", "balances.csv", "journal.csv", "journal.hledger", "journal.beancount", "names.csv",
        "result.json",
    ]

    /// Writes every file.
    /// - Parameter write: takes a file's name and its next piece.
    public func writeFiles(
        _ summary: ReplaySummary, to write: @escaping (_ file: String, _ text: String) throws -> Void
    ) async throws {
        let names = try await service.database.read { try $0.importedNames(.host) }
        let rooms = try await service.database.read { try $0.importedNames(.room) }
        try write("names.csv", "kind,id,name\r\n")
        for (kind, known) in [("host", names), ("room", rooms)] {
            for (id, name) in known.sorted(by: { $0.key < $1.key }) {
                try write("names.csv", "\(kind),\(id),\(ReplayResult.cell(name))\r\n")
            }
        }
        try await writeJournal(summary, to: write)
        let batches = try await batches(names)
        try write("payouts.csv", ReplayResult.payoutsHead)
        for batch in batches { for item in batch.items { try write("payouts.csv", ReplayResult.payouts(item)) } }
        try await writeResult(summary, batches, hosts: names, rooms: rooms) { try write("result.json", $0) }
    }

    private func writeJournal(
        _ summary: ReplaySummary, to write: (_ file: String, _ text: String) throws -> Void
    ) async throws {
        let (closing, days) = try await service.database.read { transaction in
            (
                try transaction.balances(through: .max).map {
                    BalanceRow(
                        account: $0.account.text, currency: $0.amount.currency, balance: $0.amount.minorUnits)
                }, try transaction.journalDays()
            )
        }
        let stream = JournalStream(
            platform: "Guichet replay", headSequence: summary.headSequence, headHash: summary.headHash,
            closing: closing, days: days)
        try write("balances.csv", stream.balances)
        try write("journal.csv", stream.csvHead)
        try write("journal.hledger", stream.hledgerHead)
        try write("journal.beancount", stream.beancountHead)
        var cursor: Int64 = 0
        while true {
            let from = cursor
            let entries = try await service.database.read {
                try $0.entries(after: from, through: .max, limit: Self.page)
            }
            guard let last = entries.last else { break }
            let rows = entries.flatMap { JournalPostingRow.rows(of: $0) }
            try write("journal.csv", stream.csv(rows))
            try write("journal.hledger", stream.hledger(rows))
            try write("journal.beancount", stream.beancount(rows))
            cursor = last.sequence
        }
        try write("journal.hledger", stream.hledgerFoot)
        try write("journal.beancount", stream.beancountFoot)
    }

    struct Batch: Sendable {
        let day: LocalDay
        let cutoff: Instant
        let items: [PayoutRow]
    }

    func batches(_ names: [String: String]) async throws -> [Batch] {
        try await service.database.read { transaction in
            try transaction.paidNights().map { night in
                guard let batch = try transaction.batch(of: night.day) else {
                    throw StoreFault.corrupt(column: "payout_batches.day")
                }
                let items = try transaction.items(of: batch.batch).map { item in
                    PayoutRow(
                        batchDay: night.day, host: names[item.host.text] ?? item.host.text,
                        currency: item.net.currency, gross: item.gross.minorUnits, withheld: item.withheld.minorUnits,
                        net: item.net.minorUnits, returned: item.last?.state == .returned)
                }
                return Batch(day: night.day, cutoff: night.cutoff, items: items)
            }
        }
    }

    private func writeResult(
        _ summary: ReplaySummary, _ batches: [Batch], hosts: [String: String], rooms: [String: String],
        to write: @escaping (String) throws -> Void
    ) async throws {
        var result = ReplayResult(to: write)
        let view = try await BooksView(lastDay: config.lastDay, policy: config.policy).read(service.database)
        try result.begin("balances")
        for row in view.balances(hosts) { try result.add(row) }
        try result.end()
        try result.begin("batches")
        for batch in batches { try result.add(batch: batch.day, cutoff: batch.cutoff, items: batch.items) }
        try result.end()
        try result.number("duplicates", Int64(summary.duplicates))
        try result.begin("ledger")
        for row in view.ledger(hosts) { try result.add(row) }
        try result.end()
        try result.begin("orders")
        try await eachOrder(hosts, rooms) { try result.add($0) }
        try result.end()
        let (pools, stipends) = try await funds(hosts)
        try result.begin("pools")
        for pool in pools { try result.add(pool) }
        try result.end()
        let notes = try await notes()
        try result.begin("rejected")
        for note in notes.rejected { try result.add(id: note.id, reason: note.reason) }
        try result.end()
        try result.begin("stipends")
        for stipend in stipends { try result.add(stipend) }
        try result.end()
        try result.number("unprocessed", Int64(summary.unprocessed))
        try result.begin("warnings")
        for note in notes.warnings { try result.add(id: note.id, reason: note.reason) }
        try result.end()
        try result.finish()
    }

    private func notes() async throws -> (
        rejected: [(id: String, reason: String)], warnings: [(id: String, reason: String)]
    ) {
        try await service.database.read { transaction in
            var rejected: [(id: String, reason: String)] = []
            var warnings: [(id: String, reason: String)] = []
            try transaction.importedNotes { id, refused, warning throws(StoreFault) in
                if !refused.isEmpty, refused != ImportedFactRow.duplicate { rejected.append((id, refused)) }
                if !warning.isEmpty { warnings.append((id, warning)) }
            }
            return (rejected, warnings)
        }
    }
}

/// A payment of a replay.
public struct ReplayPayout: Sendable, Hashable {
    public let day: LocalDay
    /// As the list calls it.
    public let host: String
    public let currency: Currency
    /// Minor units.
    public let gross: Int64
    public let withheld: Int64
    public let net: Int64
    public let isReturned: Bool
}

extension Replay {
    /// Every payment, by day, host and currency.
    public func payouts() async throws -> [ReplayPayout] {
        let names = try await service.database.read { try $0.importedNames(.host) }
        return try await batches(names).flatMap(\.items).map {
            ReplayPayout(
                day: $0.batchDay, host: $0.host, currency: $0.currency, gross: $0.gross, withheld: $0.withheld,
                net: $0.net, isReturned: $0.returned)
        }
    }

    /// A text as a cell of CSV.
    public static func cell(_ text: String) -> String { ReplayResult.cell(text) }
}
