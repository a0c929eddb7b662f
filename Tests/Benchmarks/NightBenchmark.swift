import Foundation
import LedgerService

/// What a night costs: the same night again and again until the history behind it is ten times as long, and then the
/// night that closes a month of a fund as well, beside one aggregation of the same rows by the `sqlite3` shell.
struct NightBenchmark {
    private static let nights = 11

    /// New orders of each night; the last one has ten times as many stretches of listening.
    let orders: Int

    private var hosts: Int { max(1, orders / NightHouse.tickets) }

    func run() async throws -> MeasurementTable {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("night.db").path
            Progress.say("\(hosts) hosts")
            let house = try await NightHouse(at: path, hosts: hosts, nights: Self.nights + 1)
            var table = MeasurementTable(
                title: "A night of \(orders) orders of \(hosts) hosts, on SQLite; one order each row")
            var first: Measurement?
            for number in 1...Self.nights {
                Progress.say("night \(number) of \(Self.nights)")
                try await house.sell()
                var row = try await night("night \(number)", house)
                if let first {
                    row.ratio = row.ratio(to: first, called: "the first night's rate")
                    row.target = "1.15 x CPU"
                } else {
                    first = row
                }
                if [1, 2, Self.nights].contains(number) { table.rows.append(row) }
            }
            Progress.say("the night that closes a month, with \(orders * 10) stretches of listening")
            try await house.endow()
            let rooms = try await house.sell()
            try await house.listen(to: rooms, intervals: orders * 10)
            let baseline = try aggregation(at: path, of: rooms.count)
            var last = try await night("night \(Self.nights + 1), with \(orders * 10) stretches", house)
            last.ratio = last.ratio(to: baseline, called: "sqlite3's rate")
            last.target = "3 x the time"
            table.rows += [baseline, last]
            table.notes = [
                "Each night rates, releases and pays all orders of its day; per second and CPU are of one order.",
                "sqlite3 sums the orders of the last day by host, and what was listened to by room and listener.",
                "Resident at the end: \(Machine.residentBytes() >> 20) MiB.",
            ]
            await house.close()
            return table
        }
    }

    private func night(_ name: String, _ house: NightHouse) async throws -> Measurement {
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.cpuSeconds())
        let view = try await house.night()
        let (wallTime, cpuTime) = (Clocks.wallSeconds() - wall, Clocks.cpuSeconds() - cpu)
        let done = hosts * NightHouse.tickets
        guard view.rated == done, view.released == done, view.payouts.count == hosts else {
            throw BaselineMissing(text: "the night left something: \(view.rated) rated, \(view.payouts.count) paid.")
        }
        return Measurement(
            what: name, perSecond: Double(done) / wallTime,
            cpuMicroseconds: cpuTime / Double(done) * 1e6)
    }

    /// The sums that a night is about, by the shell of Debian's SQLite: over the rooms that were made last.
    private func aggregation(at path: String, of rooms: Int) throws -> Measurement {
        let last = "(SELECT room, host, starts_us, ends_us FROM rooms ORDER BY starts_us DESC LIMIT \(rooms))"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = [
            path,
            """
            SELECT r.host, o.currency, count(*), sum(o.gross), sum(o.vat), sum(o.fee), sum(o.base),
              sum((o.base * 9700 + 5000) / 10000)
            FROM \(last) r JOIN orders o ON o.shard = '0' AND o.room = r.room GROUP BY r.host, o.currency;
            SELECT host, count(*), sum(minutes) FROM (SELECT r.host, l.listener,
                sum(min(l.to_us, r.ends_us) - max(l.from_us, r.starts_us)) / 60000000 AS minutes
              FROM \(last) r JOIN listening l ON l.shard = '0' AND l.room = r.room GROUP BY l.room, l.listener)
            GROUP BY host;
            """,
        ]
        process.standardOutput = FileHandle.nullDevice
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.childrenCPUSeconds())
        do { try process.run() } catch { throw BaselineMissing(text: "sqlite3 is not installed.") }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BaselineMissing(text: "sqlite3 could not add up.") }
        let done = Double(hosts * NightHouse.tickets)
        return Measurement(
            what: "sqlite3, the same rows", perSecond: done / (Clocks.wallSeconds() - wall),
            cpuMicroseconds: (Clocks.childrenCPUSeconds() - cpu) / done * 1e6)
    }
}
