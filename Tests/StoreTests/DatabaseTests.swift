import Engines
import Foundation
import Store
import Testing

private let migrations = [
    Migration(
        number: 1, name: "test-0001",
        script: "CREATE TABLE facts (n INTEGER NOT NULL PRIMARY KEY, word TEXT) STRICT;")
]

private struct No: Error, Equatable {}

@Suite struct DatabaseTests {
    @Test func `a file that was closed is whole without the log beside it`() async throws {
        // Several times: connections that go at once each take the other for the last, now and then.
        for round in 0..<20 {
            let file = TemporaryFile()
            let database = try Database(path: file.path, migrations: migrations, readers: 4)
            try await database.write { try $0.execute("INSERT INTO facts (n, word) VALUES ($1, $2)", round, "mot") }
            await database.close()
            let alone = TemporaryFile()
            try FileManager.default.copyItem(atPath: file.path, toPath: alone.path)
            let copy = try Database(path: alone.path, migrations: migrations)
            let rows = try await copy.read { transaction in
                try transaction.rows("SELECT n FROM facts") { row throws(StoreFault) in try row.int(0) }
            }
            #expect(rows == [round])
            await copy.close()
        }
    }

    @Test(arguments: Engine.allCases)
    func `what was written is read back, null and empty included`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(migrations)
        try await database.write { transaction in
            try transaction.execute("INSERT INTO facts (n, word) VALUES ($1, $2)", 1, "mot")
            try transaction.execute("INSERT INTO facts (n, word) VALUES ($1, $2)", 2, String?.none)
            try transaction.execute("INSERT INTO facts (n, word) VALUES ($1, $2)", 3, "")
        }
        let words = try await database.read { transaction in
            try transaction.rows("SELECT word FROM facts ORDER BY n") { row throws(StoreFault) in
                try row.optionalText(0)
            }
        }
        #expect(words == ["mot", nil, ""])
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `dollar parameters are positions and not names in order of appearance`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open([])
        let pair = try await database.read { transaction in
            try transaction.row("SELECT $2, $1, $2", "one", "two") { row throws(StoreFault) in
                [try row.text(0), try row.text(1), try row.text(2)]
            }
        }
        #expect(pair == ["two", "one", "two"])
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `a body that throws is rolled back alone and its neighbours are stored`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(migrations)
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for n in 1...200 {
                group.addTask {
                    do {
                        try await database.write { transaction in
                            try transaction.execute("INSERT INTO facts (n) VALUES ($1)", n)
                            if n.isMultiple(of: 3) { throw No() }
                        }
                        return (n, true)
                    } catch { return (n, false) }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        let stored = try await database.read { transaction in
            try transaction.rows("SELECT n FROM facts ORDER BY n") { row throws(StoreFault) in try row.int(0) }
        }
        #expect(stored == (1...200).filter { !$0.isMultiple(of: 3) })
        #expect(outcomes.filter(\.value).keys.sorted() == stored)
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `a broken constraint is a fault that names no value`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(migrations)
        let insert: @Sendable () async throws -> Void = {
            _ = try await database.write { transaction in
                try transaction.execute("INSERT INTO facts (n, word) VALUES ($1, $2)", 1, "secret")
            }
        }
        try await insert()
        let fault = await #expect(throws: StoreFault.self) { try await insert() }
        #expect(fault?.isConstraint == true)
        #expect(fault?.isTransient == false)
        #expect(fault.map { "\($0)".contains("secret") } == false)
        await database.close()
    }

    @Test func `a program that is being started does not keep a closed file`() async throws {
        let file = TemporaryFile()
        let first = try Database(path: file.path, migrations: migrations)
        // Between fork and exec a child has a copy of each descriptor. A copy made here is the same to the kernel.
        let held = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").compactMap(Int32.init)
            .filter { descriptor in
                let name = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(descriptor)")
                return name == file.path + ".lock"
            }
        let copy = dup(try #require(held.first))
        #expect(held.count == 1 && copy >= 0)
        defer { close(copy) }
        await first.close()
        let second = try Database(path: file.path, migrations: migrations)
        await second.close()
    }

    @Test func `a second opener is refused until the first has closed`() async throws {
        let file = TemporaryFile()
        let first = try Database(path: file.path, migrations: migrations)
        #expect(throws: StoreFault.inUse(path: file.path)) {
            _ = try Database(path: file.path, migrations: migrations)
        }
        await first.close()
        let second = try Database(path: file.path, migrations: migrations)
        await second.close()
        await #expect(throws: StoreFault.closed) { try await second.write { _ in } }
    }

    @Test(arguments: Engine.allCases)
    func `a migration that was applied may not change, and one more is added later`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        await (try fresh.open(migrations)).close()
        let changed = [Migration(number: 1, name: "test-0001", script: "CREATE TABLE other (n INTEGER) STRICT;")]
        #expect(throws: StoreFault.migrationChanged(name: "test-0001")) {
            _ = try fresh.open(changed)
        }
        let more = Migration(number: 2, name: "test-0002", script: "ALTER TABLE facts ADD COLUMN extra TEXT;")
        let later = try fresh.open(migrations + [more])
        try await later.write { try $0.execute("INSERT INTO facts (n, extra) VALUES ($1, $2)", 1, "x") }
        await later.close()
        #expect(throws: StoreFault.schemaTooNew(number: 2)) {
            _ = try fresh.open(migrations)
        }
    }

    @Test func `a migration with an error leaves nothing behind`() async throws {
        let file = TemporaryFile()
        let broken = [Migration(number: 1, name: "broken", script: "CREATE TABLE a (n INTEGER) STRICT; CREATE oops;")]
        #expect(throws: StoreFault.self) { _ = try Database(path: file.path, migrations: broken) }
        let database = try Database(path: file.path, migrations: [])
        let tables = try await database.read { transaction in
            try transaction.rows("SELECT name FROM sqlite_schema WHERE name = 'a'") { row throws(StoreFault) in
                try row.text(0)
            }
        }
        #expect(tables.isEmpty)
        await database.close()
    }

    @Test func `a copy of the files taken while the database is open has every answered write`() async throws {
        let file = TemporaryFile()
        let copy = TemporaryFile()
        let database = try Database(path: file.path, migrations: migrations)
        for n in 1...20 { try await database.write { try $0.execute("INSERT INTO facts (n) VALUES ($1)", n) } }
        // What a process that is killed here would leave: no checkpoint, no clean close.
        for suffix in ["", "-wal"] {
            try FileManager.default.copyItem(atPath: file.path + suffix, toPath: copy.path + suffix)
        }
        await database.close()
        let reopened = try Database(path: copy.path, migrations: migrations)
        let count = try await reopened.read { transaction in
            try transaction.row("SELECT count(*) FROM facts") { row throws(StoreFault) in try row.int(0) }
        }
        #expect(count == 20)
        await reopened.close()
    }

    @Test(arguments: Engine.allCases)
    func `the same statement can run inside its own rows`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(migrations)
        let seen = try await database.write { transaction in
            for n in 1...3 { try transaction.execute("INSERT INTO facts (n) VALUES ($1)", n) }
            return try walk(transaction, from: 0)
        }
        #expect(seen == [1, 2, 3])
        await database.close()
    }

    @Test(arguments: Engine.allCases)
    func `a reader cannot write`(on engine: Engine) async throws {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(migrations)
        await #expect(throws: StoreFault.self) {
            try await database.read { try $0.execute("INSERT INTO facts (n) VALUES ($1)", 1) }
        }
        await database.close()
    }
}

private func walk(_ transaction: borrowing Transaction, from n: Int) throws(StoreFault) -> [Int] {
    var seen: [Int] = []
    var next: Int?
    try transaction.forEach("SELECT n FROM facts WHERE n > $1 ORDER BY n LIMIT 1", n) { row throws(StoreFault) in
        next = try row.int(0)
    }
    if let next { seen = [next] + (try walk(transaction, from: next)) }
    return seen
}
