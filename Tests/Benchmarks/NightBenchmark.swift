import Foundation
import LedgerService
import Store

/// What a night costs: the same night again and again until the history behind it is ten times as long, and then the
/// night that closes a month of a fund as well, beside one aggregation of the same rows by the `sqlite3` shell, and beside
/// the bare writing of the rows that it leaves.
struct NightBenchmark {
    /// New orders of each night.
    let orders: Int
    /// How many before the last one.
    let nights: Int
    /// Of listening, in the month that the last night closes.
    let stretches: Int

    private var hosts: Int { max(1, orders / NightHouse.tickets) }
    private var done: Double { Double(hosts * NightHouse.tickets) }

    func run() async throws -> MeasurementTable {
        try await withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("night.db").path
            Progress.say("\(hosts) hosts")
            let house = try await NightHouse(at: path, hosts: hosts, nights: nights + 1)
            var table = MeasurementTable(
                title: "A night of \(orders) orders of \(hosts) hosts, on SQLite; one order each row")
            var first: Measurement?
            for number in 1...nights {
                Progress.say("night \(number) of \(nights)")
                try await house.sell()
                var row = try await night("night \(number)", house)
                if let first {
                    row.ratio = row.ratio(to: first, called: "the first night's rate")
                    row.target = "1.15 x CPU"
                } else {
                    first = row
                }
                if [1, 2, nights].contains(number) { table.rows.append(row) }
            }
            Progress.say("the night that closes a month, with \(stretches) stretches of listening")
            try await house.endow()
            let rooms = try await house.sell()
            try await house.listen(to: rooms, intervals: stretches)
            let before = folder.appendingPathComponent("before.db").path
            try Database.copy(path, to: before)
            let baseline = try aggregation(at: path, of: rooms.count)
            let resident = Machine.residentBytes()
            var last = try await night("night \(nights + 1), with \(stretches) stretches", house)
            last.ratio = last.ratio(to: baseline, called: "sqlite3's rate")
            last.target = "3 x the time"
            let grown = (Machine.residentBytes() - resident) >> 20
            await house.close()
            Progress.say("the bare rows")
            var bare = try NightRows(done: path, before: before).write(orders: done)
            bare.ratio = bare.ratio(to: baseline, called: "sqlite3's rate")
            table.rows += [baseline, bare, last]
            table.notes = [
                "Each night rates, releases and pays all orders of its day; per second and CPU are of one order.",
                "sqlite3 sums the orders of the last day by host, and what was listened to by room and listener;",
                "its bare rows are those that the last night left, copied from one file to another with all checks.",
                String(
                    format: "The time of the last night is %.2f times that of the sums, and %.2f times that of both.",
                    seconds(last) / seconds(baseline), seconds(last) / (seconds(baseline) + seconds(bare))),
                "Resident: \(grown) MiB more after the last night than before it, at most \(Machine.peakBytes() >> 20) MiB.",
            ]
            return table
        }
    }

    private func seconds(_ row: Measurement) -> Double { 1 / (row.perSecond ?? .infinity) }

    private func night(_ name: String, _ house: NightHouse) async throws -> Measurement {
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.cpuSeconds())
        let view = try await house.night()
        let (wallTime, cpuTime) = (Clocks.wallSeconds() - wall, Clocks.cpuSeconds() - cpu)
        guard Double(view.rated) == done, Double(view.released) == done, view.payouts.count == hosts else {
            throw BaselineMissing(text: "the night left something: \(view.rated) rated, \(view.payouts.count) paid.")
        }
        Progress.say(String(format: "%@: %.2f s, %.2f s CPU", name, wallTime, cpuTime))
        return Measurement(what: name, perSecond: done / wallTime, cpuMicroseconds: cpuTime / done * 1e6)
    }

    /// The sums that a night is about, by the shell of Debian's SQLite: over the rooms that were made last.
    private func aggregation(at path: String, of rooms: Int) throws -> Measurement {
        let last = "(SELECT room, host, starts_us, ends_us FROM rooms ORDER BY starts_us DESC LIMIT \(rooms))"
        return try SQLiteShell(path: path).measure(
            "sqlite3, the same rows", orders: done,
            """
            SELECT r.host, o.currency, count(*), sum(o.gross), sum(o.vat), sum(o.fee), sum(o.base),
              sum((o.base * 9700 + 5000) / 10000)
            FROM \(last) r JOIN orders o ON o.shard = '0' AND o.room = r.room GROUP BY r.host, o.currency;
            SELECT host, count(*), sum(minutes) FROM (SELECT r.host, l.listener,
                sum(min(l.to_us, r.ends_us) - max(l.from_us, r.starts_us)) / 60000000 AS minutes
              FROM \(last) r JOIN listening l ON l.shard = '0' AND l.room = r.room GROUP BY l.room, l.listener)
            GROUP BY host;
            """)
    }
}

/// Debian's `sqlite3`, and what it takes.
struct SQLiteShell {
    let path: String

    func measure(_ what: String, orders: Double, _ script: String) throws -> Measurement {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/sqlite3")
        process.arguments = ["-bail", path, script]
        process.standardOutput = FileHandle.nullDevice
        let (wall, cpu) = (Clocks.wallSeconds(), Clocks.childrenCPUSeconds())
        do { try process.run() } catch { throw BaselineMissing(text: "sqlite3 is not installed.") }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw BaselineMissing(text: "sqlite3 failed: \(what).") }
        let (wallTime, cpuTime) = (Clocks.wallSeconds() - wall, Clocks.childrenCPUSeconds() - cpu)
        Progress.say(String(format: "%@: %.2f s, %.2f s CPU", what, wallTime, cpuTime))
        return Measurement(what: what, perSecond: orders / wallTime, cpuMicroseconds: cpuTime / orders * 1e6)
    }
}
