import BoxOffice
import Engines
import Ledger
import Simulation
import Testing
import Values

@testable import Store

/// What only PostgreSQL has: several processes on one database, connections that break, its own dialect and rights.
@Suite struct PostgreSQLTests {
    private static let now = Instant(seconds: 1_772_000_000)

    private func topUp(_ number: Int) throws -> JournalEntry {
        let stamp = EntryStamp(
            id: .derived(at: Self.now, from: "entry \(number)"), postedAt: Self.now,
            effectiveOn: try #require(LocalDay("2026-02-25")))
        let holder = HolderID.derived(at: Self.now, from: "holder")
        return try #require(
            JournalEntry(stamp, kind: .topup, legs: PostingRecipe.topup(of: holder, Money(500, .eur))))
    }

    @Test func `two processes append to one journal without a gap or a fork`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let pair = [try fresh.ledger(), try fresh.ledger()]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...60 {
                let entry = try topUp(number)
                group.addTask { _ = try await pair[number % 2].write { try $0.append(entry) } }
            }
            try await group.waitForAll()
        }
        let (entries, head) = try await pair[0].read { transaction in
            (try transaction.entries(after: 0, through: .max, limit: 100), try transaction.journalHead())
        }
        #expect(entries.map(\.sequence) == Array(1...60))
        #expect(Set(entries.map(\.entry.id)).count == 60)
        #expect(try verifyChain(entries) == head.chain)
        for database in pair { await database.close() }
    }

    @Test func `a connection that is cut loses nothing that was answered, and is made again`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.open([
            Migration(number: 1, name: "t", script: "CREATE TABLE facts (n INTEGER NOT NULL PRIMARY KEY) STRICT;")
        ])
        var answered: Set<Int> = []
        for round in 0..<5 {
            let numbers = try await withThrowingTaskGroup(of: Int?.self) { group in
                for number in (round * 40)..<(round * 40 + 40) {
                    group.addTask {
                        do {
                            try await database.write { try $0.execute("INSERT INTO facts (n) VALUES ($1)", number) }
                            return number
                        } catch let fault as StoreFault {
                            #expect(fault.isTransient, "\(fault)")
                            return nil
                        }
                    }
                }
                try fresh.administer(
                    """
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """)
                return try await group.reduce(into: Set<Int>()) { if let number = $1 { $0.insert(number) } }
            }
            answered.formUnion(numbers)
        }
        var stored: [Int]?
        for _ in 0..<200 where stored == nil {
            // The reader's connection may still be on its way back.
            stored = try? await database.read { transaction in
                try transaction.rows("SELECT n FROM facts ORDER BY n") { row throws(StoreFault) in try row.int(0) }
            }
        }
        #expect(answered.isSubset(of: try #require(stored)))
        await database.close()
    }

    @Test func `every key of the schema holds the shard in the first place`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.ledger()
        let (tables, without) = try await database.read { transaction in
            let tables = try transaction.rows(
                """
                SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'shard'
                WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY 1
                """
            ) { row throws(StoreFault) in try row.text(0) }
            // Primary, unique and foreign keys, and unique indexes: what Citus asks of a distributed table.
            let without = try transaction.rows(
                """
                SELECT k.conname FROM pg_constraint k
                LEFT JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'shard'
                LEFT JOIN pg_attribute f ON f.attrelid = k.confrelid AND f.attname = 'shard'
                JOIN pg_class c ON c.oid = k.conrelid
                WHERE k.contype IN ('p', 'u', 'f') AND c.relname <> 'schema_migrations'
                  AND c.relnamespace = current_schema()::regnamespace
                  AND (a.attnum IS NULL OR k.conkey[1] <> a.attnum
                    OR (k.contype = 'f' AND (f.attnum IS NULL OR k.confkey[1] <> f.attnum)))
                UNION ALL
                SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'shard'
                WHERE i.indisunique AND c.relname <> 'schema_migrations'
                  AND c.relnamespace = current_schema()::regnamespace
                  AND (a.attnum IS NULL OR i.indkey[0] <> a.attnum)
                """
            ) { row throws(StoreFault) in try row.text(0) }
            return (tables, without)
        }
        await database.close()
        #expect(without == [])
        #expect(tables.count > 20)
        // What the scripts say and what the database has are the same tables.
        #expect(PostgreSQLDialect.tables(of: Migration.ledger).filter(\.hasShard).map(\.name).sorted() == tables)
    }

    @Test func `a cluster gets every table once, side by side, after its triggers have gone`() throws {
        let statements = PostgreSQLDialect.citus(of: Migration.ledger)
        #expect(statements.first == "CREATE EXTENSION IF NOT EXISTS citus")
        for (name, hasShard) in PostgreSQLDialect.tables(of: Migration.ledger) {
            let call =
                hasShard
                ? "SELECT create_distributed_table('\(name)', 'shard'," : "SELECT create_reference_table('\(name)')"
            #expect(statements.filter { $0.hasPrefix(call) }.count == 1, "\(name)")
        }
        let lastDrop = try #require(statements.lastIndex { $0.hasPrefix("DROP TRIGGER") })
        let firstTable = try #require(statements.firstIndex { $0.hasPrefix("SELECT create_") })
        #expect(lastDrop < firstTable)
        #expect(statements[firstTable].contains("('accounts', 'shard', colocate_with => 'default')"))
        #expect(statements.filter { $0.contains("colocate_with => 'default'") }.count == 1)
    }

    @Test func `the role of a service appends facts and can neither change nor remove them`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let owner = try fresh.ledger()
        // Roles belong to the whole server, so its name is this test's own.
        let role = "service_of_rights"
        try fresh.administer("CREATE ROLE \(role) LOGIN")
        for statement in try #require(PostgreSQLDialect.grants(to: role, of: Migration.ledger)) {
            try fresh.administer(statement)
        }
        let service = try Database.ledger(at: try fresh.address(as: role), readers: 1)
        let first = try topUp(1)
        try await service.write { transaction in
            try transaction.append(first)
            try transaction.appendFeed(kind: "room", at: Self.now) { "\($0)" }
        }
        for sql in Self.forbidden {
            let fault = await #expect(throws: StoreFault.self) { try await service.write { try $0.execute(sql) } }
            guard case .postgreSQL("42501", _, _) = fault else {
                Issue.record("\(sql) was refused otherwise: \(String(describing: fault))")
                continue
            }
        }
        await service.close()
        await owner.close()
        try fresh.administer("DROP OWNED BY \(role)", "DROP ROLE \(role)")
        #expect(PostgreSQLDialect.grants(to: "x; DROP TABLE entries", of: []) == nil)
    }

    private static let forbidden: [StaticString] = [
        "UPDATE entries SET posted_us = 0", "DELETE FROM entries", "UPDATE legs SET amount = 1", "DELETE FROM legs",
        "DELETE FROM accruals", "UPDATE orders SET gross = 0", "DROP TABLE entries",
    ]

    @Test func `sums come back as the whole numbers that they are`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.open([])
        var generator = SeededGenerator(seed: 7)
        var numbers: [Int64] = [0, 1, -1, 9_999, 10_000, 10_001, -10_000, 100_000_000, .max, .min]
        for bits in 0..<63 { numbers.append(Int64.random(in: -(1 << bits)...(1 << bits), using: &generator)) }
        let all = numbers
        let sums = try await database.read { transaction in
            try all.map { number in
                try transaction.row("SELECT sum($1) FROM (VALUES (1)) AS one (n)", number) {
                    row throws(StoreFault) in try row.integer(0)
                }
            }
        }
        #expect(sums == all.map(Optional.some), "seed \(generator.seed)")
        // Half a unit is no integer, and a sum beyond 64 bits is not cut off.
        for sql: StaticString in ["SELECT 0.5", "SELECT 9223372036854775808::numeric"] {
            await #expect(throws: StoreFault.self) {
                try await database.read { try $0.row(sql) { row throws(StoreFault) in try row.integer(0) } }
            }
        }
        await database.close()
    }

    @Test func `text is ordered by its bytes, whatever the language of the server`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.open([
            Migration(number: 1, name: "t", script: "CREATE TABLE words (word TEXT NOT NULL PRIMARY KEY) STRICT;")
        ])
        let words = try await database.write { transaction in
            for word in ["é", "z", "a", "Z", "_", "0"] {
                try transaction.execute("INSERT INTO words (word) VALUES ($1)", word)
            }
            return try transaction.rows("SELECT word FROM words ORDER BY word") { row throws(StoreFault) in
                try row.text(0)
            }
        }
        #expect(words == ["0", "Z", "_", "a", "z", "é"])
        await database.close()
    }

    @Test(arguments: [
        (
            "postgresql://ana:geheim@db:5432/ledger?sslmode=require",
            "postgresql://ana:<hidden>@db:5432/ledger?sslmode=require"
        ),
        ("postgres://ana@db/ledger?password=geheim&x=1", "postgres://ana@db/ledger?password=<hidden>&x=1"),
        (
            "host=/run/db dbname=ledger password='ge heim' user=ana",
            "host=/run/db dbname=ledger password=<hidden> user=ana"
        ),
    ])
    func `an address is shown without its password`(text: String, shown: String) throws {
        #expect(LedgerPlace(text).description == shown)
    }

    @Test func `a path is a file and no address`() {
        for path in ["ledger.sqlite", "/var/lib/guichet/ledger.sqlite", "./a b.db"] {
            #expect(LedgerPlace(path) == .file(path))
        }
    }

    @Test(arguments: [
        ("INSERT INTO t (a) VALUES ($1)", 1), ("INSERT INTO t (a) VALUES ($1), ($2)", nil),
        ("INSERT INTO t (a)\nVALUES ($1)\nON CONFLICT DO NOTHING", nil), ("UPDATE t SET a = 1", nil),
        ("INSERT INTO t (a) SELECT a FROM u", nil), ("INSERT INTO t (a) VALUES ($1) RETURNING a", nil),
        ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = excluded.b", 1),
        ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = 1 WHERE t.b IS NULL", nil),
    ])
    func `only a statement that changes one row or fails goes without waiting`(sql: String, changes: Int?) {
        #expect(certainChanges(of: sql) == changes)
    }

    @Test func `the dialect of a script is PostgreSQL's and nothing else of it changes`() {
        let script = """
            -- A comment; with a semicolon.
            CREATE TABLE t (
              shard TEXT NOT NULL, n INTEGER NOT NULL CHECK (n = CAST(n AS INTEGER) AND CAST(n AS TEXT) <> ''),
              PRIMARY KEY (shard, n)) STRICT, WITHOUT ROWID;
            CREATE INDEX t_n ON t (shard, n) WHERE n > 0;
            CREATE TRIGGER t_stay BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 't is a fact'); END;
            """
        #expect(
            PostgreSQLDialect.translate(script) == PostgreSQLDialect.refusal + "\n" + """
                CREATE TABLE t ( shard TEXT COLLATE "C" NOT NULL, n BIGINT NOT NULL CHECK (n = CAST(n AS BIGINT) AND \
                CAST(n AS TEXT) <> ''), PRIMARY KEY (shard, n));
                CREATE INDEX t_n ON t (shard, n) WHERE n > 0;
                CREATE TRIGGER t_stay BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION guichet_refuse('t is a fact');

                """)
    }
}
