import Foundation

/// Wallet sales in process, durable on SQLite (WAL, `synchronous=FULL`), against the bare SQL of the same sale with the
/// same group commit and one Ed25519 signature each.
struct SalesBenchmark {
    let seconds: Double

    func run() async throws -> MeasurementTable {
        let seconds = min(seconds, SalesHouse.maximumSeconds)
        return try await withTemporaryFolder { folder in
            Progress.say("opening two ledgers with a thousand wallets each")
            let house = try await SalesHouse.open(in: folder, "sales")
            let bareHouse = try await SalesHouse.open(in: folder, "bare")
            try await BareSales.requireSameStatements(house, bareHouse)
            let bare = try await BareSales.open(bareHouse)
            var table = MeasurementTable(
                title: "Wallet sales in process, durable; baseline: the same SQL statements and one signature")
            for callers in [64, 1] {
                let who = callers == 1 ? "1 caller" : "\(callers) callers"
                var rows = try await Race.run(
                    [
                        Contender(what: "bare SQL and a signature, \(who)", callers: callers) {
                            // Both counts of callers sell from one ledger, so their numbers must not meet.
                            try await bare.sell($0 + callers * 10_000_000)
                        },
                        Contender(what: "sale in process, \(who)", callers: callers) {
                            try await house.sell($0 + callers * 10_000_000)
                        },
                    ], seconds: seconds)
                rows[1].ratio = rows[1].ratio(to: rows[0], called: "bare SQL")
                if callers == 64 { rows[1].target = "60 % of the rate" }
                table.rows += rows
            }
            table.notes = ["CPU is that of this whole process: callers, writer thread, signatures."]
            await house.close()
            await bareHouse.close()
            return table
        }
    }
}
