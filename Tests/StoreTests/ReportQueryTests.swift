import Engines
import Store
import Testing

private let migrations = [
    Migration(
        number: 1, name: "test-0001",
        script: "CREATE TABLE facts (shard TEXT NOT NULL, n INTEGER NOT NULL PRIMARY KEY, word TEXT) STRICT;")
]

/// The texts that become SQL though they are in no literal: what passes, what doesn't, and what the engines do with it.
@Suite struct ReportQueryTests {
    @Test(
        arguments: [
            ("", .empty), ("  -- nothing\n", .empty),
            ("DELETE FROM facts WHERE shard = :shard", .notSelect("DELETE")),
            ("SELECT 1 WHERE 'a' = :shard; DROP TABLE facts", .character(";")),
            ("SELECT 1 FROM facts WHERE shard = :shard FOR UPDATE", .word("FOR")),
            ("SELECT n INTO other FROM facts WHERE shard = :shard", .word("INTO")),
            ("WITH x AS (DELETE FROM facts RETURNING n) SELECT n FROM x WHERE :shard = ''", .word("DELETE")),
            ("SELECT pg_sleep(9) WHERE :shard = ''", .secret("pg_sleep")),
            ("SELECT load_extension('x') WHERE :shard = ''", .function("load_extension")),
            ("SELECT random() WHERE :shard = ''", .function("random")),
            ("SELECT hash FROM api_keys WHERE shard = :shard", .secret("api_keys")),
            ("SELECT sql FROM Sqlite_Master WHERE :shard = ''", .secret("Sqlite_Master")),
            ("SELECT code_hash FROM vouchers WHERE shard = :shard", .secret("code_hash")),
            (#"SELECT "n" FROM facts WHERE shard = :shard"#, .character("\"")),
            ("SELECT n::text FROM facts WHERE shard = :shard", .character(":")),
            ("SELECT n FROM facts WHERE shard = $1", .character("$")),
            ("SELECT n FROM facts WHERE shard = ?", .character("?")),
            ("SELECT n /* hidden */ FROM facts WHERE shard = :shard", .character("/*")),
            (#"SELECT 'a\' FROM facts WHERE shard = :shard"#, .character("\\")),
            ("SELECT E'a' FROM facts WHERE shard = :shard", .word("E'")),
            ("SELECT 'a FROM facts WHERE shard = :shard", .literalOpen),
            ("SELECT (n FROM facts WHERE shard = :shard", .parenthesis),
            ("SELECT n) FROM facts WHERE shard = :shard", .parenthesis),
            ("SELECT n FROM facts WHERE shard = :shards", .parameter("shards")),
            ("SELECT n FROM facts", .shardMissing),
            ("SELECT é FROM facts WHERE shard = :shard", .character("beyond ASCII")),
            ("WITH RECURSIVE x AS (SELECT 1) SELECT * FROM x WHERE :shard = ''", .word("RECURSIVE")),
            ("SELECT '" + String(repeating: "a", count: 20_000) + "' WHERE :shard = ''", .tooLong(limit: 20_000)),
        ] as [(String, QueryRefusal.Reason)])
    func `a text that is more than a reading SELECT is refused`(text: String, reason: QueryRefusal.Reason) {
        let refusal = #expect(throws: QueryRefusal.self) { _ = try ReportQuery(text) }
        #expect(refusal?.reason == reason)
    }

    @Test func `a refusal says where`() {
        let refusal = #expect(throws: QueryRefusal.self) {
            _ = try ReportQuery("SELECT n\nFROM facts -- ; in a comment is nothing\n  WHERE shard = :shard AND n = :no")
        }
        #expect(refusal?.line == 3)
        #expect(refusal?.column == 32)
        #expect(
            refusal?.description.hasPrefix("line 3, column 32: there is no parameter :no; known are :shard,") == true)
    }

    @Test func `words in literals are only words`() throws {
        _ = try ReportQuery("SELECT 'it''s; DROP \"$1\" :x' FROM facts WHERE shard = :shard")
    }

    private func filled(_ engine: Engine, rows: Int) async throws -> (FreshDatabase, Database) {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(migrations)
        try await database.write { transaction in
            for n in 0..<rows {
                try transaction.execute("INSERT INTO facts (shard, n, word) VALUES ($1, $2, $3)", "0", n, "w$?:\(n)")
            }
        }
        return (fresh, database)
    }

    @Test(arguments: Engine.allCases)
    func `rows come in order, with parameters by name and as many as are wanted`(on engine: Engine) async throws {
        let (fresh, database) = try await filled(engine, rows: 5_003)
        let query = try ReportQuery(
            """
            SELECT n, word, '$1?' AS literal FROM facts
            WHERE n >= :first_sequence AND shard = :shard AND n <= :last_sequence ORDER BY n
            """)
        var values = ReportQueryValues.none
        (values.firstSequence, values.lastSequence) = (2, 5_002)
        let asked = values
        let (columns, all, some) = try await database.report { transaction in
            var all: [Int64] = []
            var some = 0
            try transaction.forEach(query, asked, seconds: 30) { row throws(StoreFault) in
                all.append(try row.integer(0))
                guard try row.text(1) == "w$?:\(try row.integer(0))", try row.text(2) == "$1?" else { return false }
                return true
            }
            try transaction.forEach(query, asked, seconds: 30) { _ throws(StoreFault) in
                some += 1
                return some < 3
            }
            return (try transaction.columns(of: query), all, some)
        }
        #expect(columns == ["n", "word", "literal"])
        #expect(all == Array(2...5_002))
        #expect(some == 3)
        await database.close()
        withExtendedLifetime(fresh) {}
    }

    @Test(arguments: Engine.allCases)
    func `a query that takes too long ends, and the next one runs`(on engine: Engine) async throws {
        let (fresh, database) = try await filled(engine, rows: 3_000)
        let slow = try ReportQuery(
            "SELECT count(*) FROM facts a, facts b, facts c WHERE a.shard = :shard AND a.n + b.n + c.n = -1")
        let fault = await #expect(throws: StoreFault.self) {
            try await database.report { transaction in
                try transaction.forEach(slow, .none, seconds: 1) { _ throws(StoreFault) in true }
            }
        }
        #expect(fault?.isTimeout == true)
        let quick = try ReportQuery("SELECT count(*) FROM facts WHERE shard = :shard")
        let count = try await database.report { transaction in
            var count: Int64 = 0
            try transaction.forEach(quick, .none, seconds: 10) { row throws(StoreFault) in
                count = try row.integer(0)
                return true
            }
            return count
        }
        #expect(count == 3_000)
        await database.close()
        withExtendedLifetime(fresh) {}
    }

    @Test(arguments: Engine.allCases)
    func `what an engine does not understand is its fault, told with its words`(on engine: Engine) async throws {
        let (fresh, database) = try await filled(engine, rows: 1)
        let query = try ReportQuery("SELECT nothing FROM facts WHERE shard = :shard")
        await #expect(throws: StoreFault.self) { try await database.report { try $0.columns(of: query) } }
        await database.close()
        withExtendedLifetime(fresh) {}
    }

    @Test func `an export has a million rows without holding them`() async throws {
        // On SQLite, where the rows are made by the query itself: sixty rows to the third are enough.
        let (fresh, database) = try await filled(.sqlite, rows: 100)
        let query = try ReportQuery(
            "SELECT a.n * 10000 + b.n * 100 + c.n FROM facts a, facts b, facts c WHERE a.shard = :shard")
        let count = try await database.report { transaction in
            var count = 0
            try transaction.forEach(query, .none, seconds: 60) { row throws(StoreFault) in
                count += try row.integer(0) >= 0 ? 1 : 0
                return true
            }
            return count
        }
        #expect(count == 1_000_000)
        await database.close()
        withExtendedLifetime(fresh) {}
    }
}
