import Engines
import Foundation
import Store
import Synchronization
import Testing

/// Two transactions that meet: PostgreSQL really sends one of them back, and the group is run again.
@Suite(.timeLimit(.minutes(2))) struct RetryTests {
    private static let schema = [
        Migration(
            number: 1, name: "t",
            script: "CREATE TABLE counters (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL) STRICT;")
    ]

    /// Turns of two threads that wait for one another, in the first run of each body only.
    private final class Meeting: Sendable {
        private let arrived = Mutex<Set<String>>([])
        private let runs = Mutex<[String: Int]>([:])

        /// Which run of a body this is.
        func begin(_ name: String) -> Int {
            runs.withLock { runs in
                runs[name, default: 0] += 1
                return runs[name, default: 0]
            }
        }

        func count(_ name: String) -> Int { runs.withLock { $0[name] ?? 0 } }

        func say(_ word: String) { arrived.withLock { _ = $0.insert(word) } }

        /// Blocks the thread, which belongs to one connection, until somebody has said the word.
        func wait(for word: String) {
            for _ in 0..<20_000 {
                if arrived.withLock({ $0.contains(word) }) { return }
                usleep(1_000)
            }
        }
    }

    private func counters(_ fresh: FreshDatabase) async throws -> (Database, Database) {
        let first = try fresh.open(Self.schema)
        let second = try fresh.open(Self.schema)
        try await first.write { try $0.execute("INSERT INTO counters (id, n) VALUES (1, 0), (2, 0)") }
        return (first, second)
    }

    private func values(_ database: Database) async throws -> [Int] {
        try await database.read { transaction in
            try transaction.rows("SELECT n FROM counters ORDER BY id") { row throws(StoreFault) in try row.int(0) }
        }
    }

    @Test func `a deadlock of two processes is broken, and both of them get what they asked for`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let (first, second) = try await counters(fresh)
        let meeting = Meeting()
        // A second run takes the locks in the order of the other one: it waits for it. In its own order it could
        // take a free row before the other one, whom nobody has woken yet, and meet it again.
        async let one: Void = first.write { transaction in
            guard meeting.begin("one") == 1 else {
                try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 2")
                try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 1")
                return
            }
            try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 1")
            meeting.say("one has 1")
            meeting.wait(for: "two has 2")
            try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 2")
        }
        async let two: Void = second.write { transaction in
            guard meeting.begin("two") == 1 else {
                try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 1")
                try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 2")
                return
            }
            try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 2")
            meeting.say("two has 2")
            meeting.wait(for: "one has 1")
            try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 1")
        }
        _ = try await (one, two)
        #expect(try await values(first) == [2, 2])
        // Exactly one of them was sent back (40P01), once.
        #expect(meeting.count("one") + meeting.count("two") == 3)
        await first.close()
        await second.close()
    }

    @Test func `a transaction that cannot be serialised is run again and sees what the other one did`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let (first, second) = try await counters(fresh)
        let meeting = Meeting()
        async let one: Int? = first.write { transaction in
            let isFirstRun = meeting.begin("one") == 1
            try transaction.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
            let seen = try transaction.row("SELECT n FROM counters WHERE id = 1") { row throws(StoreFault) in
                try row.int(0)
            }
            if isFirstRun {
                meeting.say("one has read")
                meeting.wait(for: "two has written")
            }
            try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 1")
            return seen
        }
        try await second.write { transaction in
            meeting.wait(for: "one has read")
            try transaction.execute("UPDATE counters SET n = n + 10 WHERE id = 1")
        }
        meeting.say("two has written")
        #expect(try await one == 10)
        #expect(meeting.count("one") == 2)
        #expect(try await values(first) == [11, 0])
        await first.close()
        await second.close()
    }

    @Test func `whoever is sent back again and again hears of it, and nothing of theirs is stored`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let (first, second) = try await counters(fresh)
        let meeting = Meeting()
        let other = Task {
            // Writes between the reading and the writing of every run.
            for run in 1...5 {
                try await second.write { transaction in
                    meeting.wait(for: "read \(run)")
                    try transaction.execute("UPDATE counters SET n = n + 10 WHERE id = 1")
                }
                meeting.say("written \(run)")
            }
        }
        let fault = await #expect(throws: StoreFault.self) {
            try await first.write { transaction in
                let run = meeting.begin("one")
                try transaction.execute("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
                _ = try transaction.row("SELECT n FROM counters WHERE id = 1") { row throws(StoreFault) in
                    try row.int(0)
                }
                meeting.say("read \(run)")
                meeting.wait(for: "written \(run)")
                try transaction.execute("UPDATE counters SET n = n + 1 WHERE id = 1")
            }
        }
        try await other.value
        guard case .postgreSQL("40001", _, _)? = fault else {
            Issue.record("ended otherwise: \(String(describing: fault))")
            return
        }
        #expect(fault?.isTransient == true)
        #expect(meeting.count("one") == 5)
        #expect(try await values(first) == [50, 0])
        await first.close()
        await second.close()
    }

    @Test func `a server that may only be read from says so, and goes on when it may be written to`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.open(Self.schema)
        try await database.write { try $0.execute("INSERT INTO counters (id, n) VALUES (1, 0)") }
        try await database.write { try $0.execute("SET default_transaction_read_only = on") }
        let fault = await #expect(throws: StoreFault.self) {
            try await database.write { try $0.execute("UPDATE counters SET n = 1") }
        }
        #expect(fault?.isReadOnly == true && fault?.isTransient == true, "\(String(describing: fault))")
        #expect("\(try #require(fault))" == "The database can be read and not written to.")
        #expect(try await values(database) == [0])
        try await database.write { try $0.execute("SET default_transaction_read_only = off") }
        try await database.write { try $0.execute("UPDATE counters SET n = 1") }
        #expect(try await values(database) == [1])
        await database.close()
    }
}
