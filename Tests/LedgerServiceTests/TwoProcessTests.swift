import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Reporting
import Schemas
import Simulation
import Store
import Synchronization
import Testing
import Tickets
import Values

@testable import LedgerService

/// One seeded list of facts, fed to one ledger by two processes in turns that a seed decides, and every night run by both:
/// books, payouts and reports are those of one process alone, to the byte.
@Suite(.timeLimit(.minutes(20))) struct TwoProcessTests {
    /// One of the two: what `guichet replay` makes of a list, but only the facts whose turn it is.
    private struct Player {
        let config: ReplayConfig
        let path: String
        let service: LedgerService
        let door: FactImport
        let time: ReplayTime
        let ids: DerivedIDs
        let facts: [ReplayEvent]
        /// Whose each fact is.
        let owners: [Int]
        let part: Int

        init(config bytes: [UInt8], events path: String, seed: UInt64, part: Int, in database: Database) throws {
            self.part = part
            self.path = path
            config = try ReplayConfig(json: bytes)
            time = ReplayTime(config.policy.calendar.cutoff(of: config.firstDay.advanced(byDays: -1)))
            ids = DerivedIDs()
            let key = try #require(SigningKey(seed: [UInt8](repeating: 1, count: 32)))
            let settings = try #require(
                LedgerSettings(
                    issuer: "replay", audience: "replay", policies: PolicyBook([config.policy]),
                    policy: config.policy.id))
            var service = LedgerService(database: database, settings: settings, signingKey: key, clock: time.clock)
            service.derivedIDs = ids
            self.service = service
            door = FactImport(
                service: service, names: try ReplayNames(of: path), withholding: config.withholding)
            let lines = try ReplayLines(path: path)
            var facts: [ReplayEvent] = []
            while let fact = try lines.next() { facts.append(fact) }
            self.facts = facts
            var generator = SeededGenerator(seed: seed)
            owners = facts.map { _ in Int.random(in: 0...1, using: &generator) }
        }

        /// The programs of the list, by whoever comes first.
        func begin() async throws {
            let (programs, now) = (config.programs, time.clock.now())
            try await service.database.write { transaction in
                guard try transaction.fundVersions(before: Instant(seconds: 4_000_000_000)).isEmpty else { return }
                for (place, program) in programs.enumerated() {
                    try transaction.insertFundProgram(program, place: place, by: FactImport.actor, at: now)
                }
            }
        }

        /// Takes the facts that come next, as long as they are this one's and of a day that is not over.
        /// - Returns: how many are in the books.
        func takeTurn(before cutoff: Instant) async throws -> Int {
            let (time, ids, facts, owners, part, door) = (time, ids, facts, owners, part, door)
            return try await service.database.write { transaction in
                var taken =
                    try transaction.row("SELECT coalesce(max(n), 0) FROM imported_facts WHERE shard = $1", "0") {
                        row throws(StoreFault) in try row.int(0)
                    } ?? 0
                while taken < facts.count, facts[taken].postedAt < cutoff, owners[taken] == part {
                    time.set(facts[taken].postedAt)
                    ids.begin("fact|\(facts[taken].seq)")
                    try door.take(facts[taken], number: Int64(taken + 1), in: transaction)
                    taken += 1
                }
                return taken
            }
        }

        func isOver(_ taken: Int, before cutoff: Instant) -> Bool {
            taken == facts.count || facts[taken].postedAt >= cutoff
        }

        func night(of day: LocalDay) async throws {
            time.set(config.policy.calendar.cutoff(of: day))
            ids.begin("night|\(day)")
            try await NightRun(
                service: service, day: day, actor: FactImport.actor, releasesWhenAvailable: true, stepLimit: 3
            ).run(cutNow: false)
        }

        var days: [LocalDay] {
            (0...config.lastDay.daysSince1970 - config.firstDay.daysSince1970).map {
                config.firstDay.advanced(byDays: $0)
            }
        }

        /// Everything, beside another one who does the same.
        func play() async throws {
            try await begin()
            for day in days {
                let cutoff = config.policy.calendar.cutoff(of: day)
                while try await !isOver(takeTurn(before: cutoff), before: cutoff) { await Task.yield() }
                try await night(of: day)
            }
        }
    }

    /// Every file of a replay, and of the reports of each night that paid.
    private static func files(
        of database: Database, config bytes: [UInt8], events path: String
    ) async throws -> [String: [UInt8]] {
        let config = try ReplayConfig(json: bytes)
        let replay = try Replay(config, events: path, in: database)
        let head = try await database.read { try $0.journalHead().chain }
        let summary = ReplaySummary(
            days: 0, facts: 0, rejected: 0, duplicates: 0, unprocessed: 0, headSequence: head.sequence,
            headHash: head.hash.hex)
        let made = Mutex<[String: [UInt8]]>([:])
        try await replay.writeFiles(summary) { file, text in
            made.withLock { $0[file, default: []] += Array(text.utf8) }
        }
        var files = made.withLock { $0 }
        for night in try await database.read({ try $0.paidNights() }) {
            for file in try await replay.service.reportFiles(of: night.day, language: .en, by: .finance) {
                files["\(night.day)/\(file.name)"] = file.bytes
            }
        }
        let chart = try ChartOfAccounts(json: ChartOfAccountsFile.json)
        let audit = try await database.read { try $0.auditBooks(chart: chart) }
        #expect(audit.isClean, "\(audit.lines.flatMap(\.findings))")
        return files
    }

    private struct Input {
        let config: [UInt8]
        let configPath: String
        let events: String

        init(seed: UInt64) throws {
            config = try RandomFacts.config(feeBearer: "platform")
            let folder = FileManager.default.temporaryDirectory.path
            let name = "\(folder)/two-\(UUID().uuidString)"
            (configPath, events) = (name + ".json", name + ".ndjson")
            try Data(config).write(to: URL(fileURLWithPath: configPath))
            try Data(try RandomFacts(seed: seed, count: 160, feeBearer: "platform").bytes)
                .write(to: URL(fileURLWithPath: events))
        }

        func remove() { for path in [configPath, events] { try? FileManager.default.removeItem(atPath: path) } }

        /// What one process alone makes of it.
        func alone() async throws -> [String: [UInt8]] {
            let fresh = try await FreshDatabase(.sqlite)
            let database = try fresh.ledger()
            _ = try await Replay(try ReplayConfig(json: config), events: events, in: database).run { _ in }
            let files = try await TwoProcessTests.files(of: database, config: config, events: events)
            await database.close()
            return files
        }
    }

    private func compare(_ one: [String: [UInt8]], _ two: [String: [UInt8]]) {
        #expect(one.count > 20 && Set(one.keys) == Set(two.keys))
        for (name, bytes) in one { #expect(two[name] == bytes, "\(name)") }
    }

    @Test(arguments: [UInt64(31), 32])
    func `two processes that share a server make the books of one`(seed: UInt64) async throws {
        let input = try Input(seed: seed)
        defer { input.remove() }
        let fresh = try await FreshDatabase(.postgreSQL)
        let shared = try fresh.ledger()
        let address = try fresh.conninfo()
        let (config, events) = (input.configPath, input.events)
        // Each is a process of its own: nothing is shared but the server.
        func process(_ part: Int) async {
            await #expect(processExitsWith: .success) {
                [
                    part = part as Int, seed = seed as UInt64, address = address as String, config = config as String,
                    events = events as String,
                ] in
                let place = try #require(PostgreSQLAddress(address))
                let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: config)))
                let database = try Database.ledger(at: place, readers: 1)
                try await Player(config: bytes, events: events, seed: seed, part: part, in: database).play()
                await database.close()
            }
        }
        async let first: Void = process(0)
        async let second: Void = process(1)
        _ = await (first, second)
        compare(try await input.alone(), try await Self.files(of: shared, config: input.config, events: input.events))
        await shared.close()
    }

    @Test(arguments: [UInt64(33), 34])
    func `two processes that take turns with one file make the books of one`(seed: UInt64) async throws {
        let input = try Input(seed: seed)
        defer { input.remove() }
        let fresh = try await FreshDatabase(.sqlite)
        // The file has one writer at a time: each opens it anew for its turn, and knows what the file says.
        func turn<Value: Sendable>(_ part: Int, _ body: (Player) async throws -> Value) async throws -> Value {
            let database = try fresh.ledger()
            let value = try await body(
                try Player(config: input.config, events: input.events, seed: seed, part: part, in: database))
            await database.close()
            return value
        }
        let days = try await turn(0) { player in
            try await player.begin()
            return player.days
        }
        for (number, day) in days.enumerated() {
            var (part, isOver) = (0, false)
            while !isOver {
                isOver = try await turn(part) { player in
                    let cutoff = player.config.policy.calendar.cutoff(of: day)
                    return player.isOver(try await player.takeTurn(before: cutoff), before: cutoff)
                }
                part = 1 - part
            }
            try await turn(number % 2) { try await $0.night(of: day) }
            // The other one finds it done.
            try await turn(1 - number % 2) { try await $0.night(of: day) }
        }
        let database = try fresh.ledger()
        compare(try await input.alone(), try await Self.files(of: database, config: input.config, events: input.events))
        await database.close()
    }
}
