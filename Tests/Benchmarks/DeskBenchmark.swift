import BoxOffice
import Foundation
import HTTPEdge
import LedgerService
import Store
import Values

/// What it costs to look at the batch of a night that has thousands of payees: the batch itself, a page of payees, one
/// found by name, and how all of them divide; beside the `sqlite3` shell reading the same register.
struct DeskBenchmark {
    let payees: Int
    let seconds: Double

    func run() async throws -> MeasurementTable {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("desk.db").path
            Progress.say("a night of \(payees) payees")
            let house = try await NightHouse(at: path, hosts: payees, nights: 1)
            try await house.sell()
            let day = try await house.night().day
            let service = house.service
            let providers: Set<ProviderName> = [.manual]
            let page = PageRequest(list: "payout-payees", limit: 50)
            // Ids grow with time, so the last host made is the last of the register.
            let last = PayeeFilter(find: try NameSearch("host \(payees - 1)"))
            let first = PageRequest(list: "payout-items", limit: 50)
            var table = MeasurementTable(title: "The finance desk over a night of \(payees) payees, on SQLite")
            let baseline = try SQLiteShell(path: path).measure(
                "sqlite3, the register with names", orders: 1,
                """
                SELECT c.host, h.name, c.currency, c.available, c.pending, c.reason, i.net FROM carried c
                JOIN hosts h ON h.shard = c.shard AND h.host = c.host
                LEFT JOIN payout_items i ON i.shard = c.shard AND i.batch = 'batch_' || c.day AND i.host = c.host
                  AND i.currency = c.currency
                WHERE c.shard = '0' ORDER BY c.host, c.currency;
                """)
            table.rows = [
                baseline,
                try await measured("the batch", beside: baseline) {
                    try await service.payoutBatch(of: day, through: providers, by: .finance).approval.round == 1
                },
                try await measured("a page of payees", beside: baseline) {
                    try await service.payoutPayees(
                        of: day, page, PayeeFilter(), in: .en, through: providers, by: .finance
                    ).payees.count == 50
                },
                try await measured("a page of items", beside: baseline) {
                    try await service.payoutItems(
                        of: day, first, PayoutItemFilter(), through: providers, by: .finance
                    ).items.count == 50
                },
                try await measured("one payee, by name", beside: baseline) {
                    try await service.payoutPayees(of: day, page, last, in: .en, through: providers, by: .finance)
                        .payees.map(\.name) == ["Host \(payees - 1)"]
                },
                try await measured("all payees, by reason", beside: baseline) {
                    try await service.payoutReasonCounts(of: day, through: providers, by: .finance).payees == payees
                },
            ]
            table.notes = [
                "Pages have fifty lines. By name the whole register is looked through, and so it is by reason."
            ]
            await house.close()
            return table
        }
    }

    private func measured(
        _ what: String, beside baseline: Measurement, _ look: () async throws -> Bool
    ) async throws -> Measurement {
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.cpuSeconds())
        var count = 0.0
        repeat {
            guard try await look() else { throw BaselineMissing(text: "\(what): not what was asked for.") }
            count += 1
        } while Clocks.wallSeconds() - wall < seconds
        var row = Measurement(
            what: what, perSecond: count / (Clocks.wallSeconds() - wall),
            cpuMicroseconds: (Clocks.cpuSeconds() - cpu) / count * 1e6)
        row.ratio = row.ratio(to: baseline, called: "sqlite3's rate")
        return row
    }
}
