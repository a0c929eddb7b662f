import BoxOffice
import Foundation
import LedgerService
import Values

/// What a sale costs in a ledger that already has a history: the same sales behind 1,000 entries, and behind more and
/// more of them. The cost of the first row is the baseline.
struct GrowthBenchmark {
    private static let callers = 64
    /// Tickets of one room of the history: below what a room may have.
    private static let ticketsOfARoom = 900_000

    let seconds: Double
    /// Up to how many entries the ledger is filled.
    let entries: Int

    func run() async throws -> MeasurementTable {
        try await withTemporaryFolder { folder in
            let house = try await SalesHouse.open(in: folder, "growth")
            var table = MeasurementTable(title: "Wallet sales in process behind a growing history, 64 callers")
            // The thousand top-ups of the wallets are entries as well.
            var filled = 1_000
            var sold = 0
            for goal in [1_000, 10_000, 100_000, 1_000_000, 5_000_000] where goal <= max(1_000, entries) {
                try await fill(house, from: filled, to: goal)
                filled = max(filled, goal)
                var row = try await measure(house, behind: goal, sold: &sold)
                if let first = table.rows.first { row.ratio = row.ratio(to: first, called: "the first row") }
                row.target = "flat"
                table.rows.append(row)
            }
            table.notes = ["The sales of earlier rows are part of the history of later ones."]
            await house.close()
            return table
        }
    }

    private func fill(_ house: SalesHouse, from filled: Int, to goal: Int) async throws {
        // Numbers that no measured sale has.
        let offset = 1_000_000_000_000
        for start in stride(from: filled, to: goal, by: Self.ticketsOfARoom) {
            let end = min(goal, start + Self.ticketsOfARoom)
            let room = try await house.anotherRoom()
            for slice in stride(from: start, to: end, by: 50_000) {
                Progress.say("filling the ledger: \(slice) of \(goal) entries")
                try await BareSales.fill(
                    house, room: room, numbers: (offset + slice)..<(offset + min(end, slice + 50_000)))
            }
        }
    }

    private func measure(_ house: SalesHouse, behind entries: Int, sold: inout Int) async throws -> Measurement {
        let first = sold
        let contender = Contender(what: "behind \(entries) entries", callers: Self.callers) { number in
            try await house.sell(first + number)
        }
        let rows = try await Race.run([contender], seconds: min(seconds, SalesHouse.maximumSeconds))
        // More than any run sells.
        sold += 1_000_000
        return rows[0]
    }
}
