import BoxOffice
import Engines
import Store
import Testing
import Values

/// Who delivers to an endpoint: one at a time, whatever clocks and crashes do.
@Suite struct LeaseTests {
    private static let now = Instant(seconds: 1_772_000_000)
    private static let id = WebhookID.derived(at: now, from: "endpoint")

    private func take(_ name: String, _ database: Database, after seconds: Int64 = 0, isAlone: Bool = false)
        async throws
        -> Bool
    {
        let at = Self.now.advanced(bySeconds: seconds)
        return try await database.write {
            try $0.takeLease(of: Self.id, as: name, until: at.advanced(bySeconds: 30), at: at, isAlone: isAlone)
        }
    }

    private func advance(_ name: String, to sequence: Int64, _ database: Database) async throws -> Bool {
        try await database.write {
            try $0.advance(
                Self.id,
                to: WebhookProgress(sequence: sequence, failures: 0, failingSince: nil, nextAt: Self.now), as: name,
                until: Self.now.advanced(bySeconds: 30))
        }
    }

    @Test(arguments: Engine.allCases)
    func `one holds the lease until it ends, and whoever lost it stores nothing`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        try await database.write { transaction in
            for _ in 0..<9 {
                try transaction.appendEvent(.nightDone, of: "day", host: nil, body: "{}", at: Self.now)
            }
            try transaction.insertWebhook(
                Self.id, host: nil, url: "https://example.org/", kinds: [], keyPrint: "0123456789abcdef", by: "test",
                at: Self.now)
        }
        #expect(try await database.read { try $0.progress(of: Self.id)?.sequence } == 9)
        #expect(try await take("a", database))
        #expect(try await take("a", database))
        #expect(try await !take("b", database))
        #expect(try await !take("b", database, after: 29))
        #expect(try await !advance("b", to: 5, database))
        #expect(try await advance("a", to: 5, database))
        // It has ended: the other one may.
        #expect(try await take("b", database, after: 30))
        #expect(try await !advance("a", to: 6, database))
        // A clock that is a day behind sees a lease that no right clock could have written.
        #expect(try await take("c", database, after: -86_400))
        // Alone on a file: who had it is gone.
        #expect(try await take("d", database, after: -86_400, isAlone: true))
        try await database.write { try $0.releaseLease(of: Self.id, as: "c") }
        #expect(try await !take("e", database, after: -86_400))
        try await database.write { try $0.releaseLease(of: Self.id, as: "d") }
        #expect(try await take("e", database, after: -86_400))
        // A replay takes it from whoever has it.
        try await database.write { try $0.rewind(Self.id, to: 2) }
        #expect(try await !advance("e", to: 6, database))
        #expect(try await database.read { try $0.progress(of: Self.id)?.sequence } == 2)
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `events are numbered without gaps, whoever of a group is undone`(on engine: Engine) async throws {
        struct Undo: Error {}
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.ledger()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<60 {
                group.addTask {
                    try? await database.write { transaction in
                        try transaction.appendEvent(.nightDone, of: "\(number)", host: nil, body: "{}", at: Self.now)
                        if number % 3 == 0 { throw Undo() }
                    }
                }
            }
        }
        let events = try await database.read { try $0.events(after: 0, limit: 100) }
        #expect(events.map(\.sequence) == Array(1...40))
        await database.close()
    }
}
