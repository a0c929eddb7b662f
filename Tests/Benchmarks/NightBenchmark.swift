import Foundation
import LedgerService

/// What a night costs: its CPU beside one aggregation of the same orders by the `sqlite3` shell, and the same night again
/// and again until the history behind it is ten times as long.
struct NightBenchmark {
    private static let nights = 11

    /// New orders of each night.
    let orders: Int

    private var hosts: Int { max(1, orders / NightHouse.tickets) }

    func run() async throws -> MeasurementTable {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("night.db").path
            Progress.say("\(hosts) hosts")
            let house = try await NightHouse(at: path, hosts: hosts, nights: Self.nights)
            var table = MeasurementTable(
                title: "A night of \(orders) orders of \(hosts) hosts, on SQLite; baseline: sqlite3 adds them up")
            var first: Measurement?
            for number in 1...Self.nights {
                Progress.say("night \(number) of \(Self.nights)")
                try await house.sell()
                let baseline = number == 1 ? try aggregation(at: path) : nil
                var row = try await night(number, house)
                if let baseline {
                    table.rows.append(baseline)
                    first = row
                    row.ratio = row.ratio(to: baseline, called: "sqlite3's rate")
                } else if let first {
                    row.ratio = row.ratio(to: first, called: "the first night's rate")
                    row.target = "1.15 x CPU"
                }
                if [1, 2, Self.nights].contains(number) { table.rows.append(row) }
            }
            table.notes = [
                "Each night rates, releases and pays all orders of its day; per second and CPU are of one order.",
                "Resident at the end: \(Machine.residentBytes() >> 20) MiB.",
            ]
            await house.close()
            return table
        }
    }

    private func night(_ number: Int, _ house: NightHouse) async throws -> Measurement {
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.cpuSeconds())
        let view = try await house.night()
        let (wallTime, cpuTime) = (Clocks.wallSeconds() - wall, Clocks.cpuSeconds() - cpu)
        let done = hosts * NightHouse.tickets
        guard view.rated == done, view.released == done, view.payouts.count == hosts else {
            throw BaselineMissing(text: "the night left something: \(view.rated) rated, \(view.payouts.count) paid.")
        }
        return Measurement(
            what: "night behind \((number - 1) * done) orders", perSecond: Double(done) / wallTime,
            cpuMicroseconds: cpuTime / Double(done) * 1e6)
    }

    /// The sums that a night is about, by the shell of Debian's SQLite.
    private func aggregation(at path: String) throws -> Measurement {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [
            path,
            """
            SELECT r.host, o.currency, count(*), sum(o.gross), sum(o.vat), sum(o.fee), sum(o.base),
              sum((o.base * 9700 + 5000) / 10000)
            FROM orders o JOIN rooms r ON r.shard = o.shard AND r.room = o.room
            WHERE o.sold_seq > 0 GROUP BY r.host, o.currency;
            """,
        ]
        process.standardOutput = FileHandle.nullDevice
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.childrenCPUSeconds())
        do { try process.run() } catch { throw BaselineMissing(text: "sqlite3 is not installed.") }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BaselineMissing(text: "sqlite3 could not add up.") }
        let done = Double(hosts * NightHouse.tickets)
        return Measurement(
            what: "sqlite3: sums by host", perSecond: done / (Clocks.wallSeconds() - wall),
            cpuMicroseconds: (Clocks.childrenCPUSeconds() - cpu) / done * 1e6)
    }
}
