internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Schemas
public import Store
internal import Synchronization
internal import Tickets
public import Values

/// How far a replay has come.
public struct ReplayProgress: Sendable, Hashable {
    public let day: LocalDay
    public let lastDay: LocalDay
    /// Facts read so far, and in all.
    public let facts: Int
    public let of: Int
}

/// What a replay did.
public struct ReplaySummary: Sendable, Hashable {
    public let days: Int
    public let facts: Int
    public let rejected: Int
    public let duplicates: Int
    /// Facts posted behind the last day.
    public let unprocessed: Int
    public let headSequence: Int64
    public let headHash: String
}

/// Plays a list of facts through a fresh ledger: the service's own tables and transactions, with a clock that stands where
/// the facts say, and the night of every business day.
public struct Replay: Sendable {
    let config: ReplayConfig
    let service: LedgerService
    private let names: ReplayNames
    private let path: String
    private let time: ReplayTime
    private let ids: DerivedIDs

    /// Facts in one transaction.
    private static let batch = 500

    /// Reads the list through: damage is found before anything is written.
    /// - Parameters:
    ///   - path: of the list.
    ///   - database: an empty ledger.
    public init(_ config: ReplayConfig, events path: String, in database: Database) throws {
        self.config = config
        self.path = path
        names = try ReplayNames(of: path)
        time = ReplayTime(config.policy.calendar.cutoff(of: config.firstDay.advanced(byDays: -1)))
        ids = DerivedIDs()
        // Heads are signed as in any ledger; nobody verifies those of a replay, so the key is known.
        guard let key = SigningKey(seed: [UInt8](repeating: 1, count: 32)),
            let settings = LedgerSettings(
                issuer: "replay", audience: "replay", policies: PolicyBook([config.policy]), policy: config.policy.id)
        else { preconditionFailure("Any 32 bytes are a key, and the policy is the only one of its book.") }
        var service = LedgerService(database: database, settings: settings, signingKey: key, clock: time.clock)
        service.derivedIDs = ids
        self.service = service
    }

    /// Takes every fact and runs every night.
    public func run(progress: (ReplayProgress) -> Void) async throws -> ReplaySummary {
        try await begin()
        let door = FactImport(service: service, names: names, withholding: config.withholding)
        let lines = try ReplayLines(path: path)
        var next = try lines.next()
        var taken = 0
        var day = config.firstDay
        while day <= config.lastDay {
            let cutoff = config.policy.calendar.cutoff(of: day)
            while true {
                var facts: [ReplayEvent] = []
                while facts.count < Self.batch, let event = next, event.postedAt < cutoff {
                    facts.append(event)
                    next = try lines.next()
                }
                guard !facts.isEmpty else { break }
                try await take(facts, behind: taken, through: door)
                taken += facts.count
            }
            time.set(cutoff)
            ids.begin("night|\(day)")
            let night = NightRun(
                service: service, day: day, actor: FactImport.actor, releasesWhenAvailable: true)
            try await night.run(cutNow: false)
            progress(ReplayProgress(day: day, lastDay: config.lastDay, facts: taken, of: names.count))
            day = day.advanced(byDays: 1)
        }
        return try await summary(facts: taken)
    }

    private func begin() async throws {
        let programs = config.programs
        let now = time.clock.now()
        try await service.database.write { transaction in
            guard try transaction.journalHead().chain.sequence == 0, try transaction.hosts().isEmpty else {
                throw ReplayRefusal.notEmpty
            }
            for (place, program) in programs.enumerated() {
                try transaction.insertFundProgram(program, place: place, by: FactImport.actor, at: now)
            }
        }
    }

    private func take(_ facts: [ReplayEvent], behind taken: Int, through door: FactImport) async throws {
        let (time, ids) = (time, ids)
        try await service.database.write { transaction in
            for (index, event) in facts.enumerated() {
                time.set(event.postedAt)
                // Begun here, so that a transaction that is run again makes the same ids again.
                ids.begin("fact|\(event.seq)")
                try door.take(event, number: Int64(taken + index + 1), in: transaction)
            }
        }
    }

    private func summary(facts: Int) async throws -> ReplaySummary {
        let (config, count) = (config, names.count)
        return try await service.database.read { transaction in
            var (rejected, duplicates) = (0, 0)
            try transaction.importedNotes { _, refused, _ throws(StoreFault) in
                if refused == ImportedFactRow.duplicate { duplicates += 1 } else if !refused.isEmpty { rejected += 1 }
            }
            let head = try transaction.journalHead().chain
            return ReplaySummary(
                days: config.lastDay.daysSince1970 - config.firstDay.daysSince1970 + 1, facts: facts,
                rejected: rejected, duplicates: duplicates, unprocessed: count - facts, headSequence: head.sequence,
                headHash: head.hash.hex)
        }
    }
}

/// The clock of a replay: it stands where the last fact, or the end of the day, has put it.
final class ReplayTime: Sendable {
    // Protects the instant; held to read or to set it.
    private let instant: Mutex<Instant>

    init(_ start: Instant) { instant = Mutex(start) }

    var clock: WallClock { WallClock { [self] in instant.withLock { $0 } } }
    func set(_ now: Instant) { instant.withLock { $0 = now } }
}
