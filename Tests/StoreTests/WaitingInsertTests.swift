import Engines
import Simulation
import Testing
import Values

@testable import Store

private struct No: Error {}

/// Rows that wait on PostgreSQL must be where they would be if none had: SQLite, where none waits, is the model.
@Suite struct WaitingInsertTests {
    private static let schema = [
        Migration(
            number: 1, name: "shelves",
            script: """
                CREATE TABLE shelves (id INTEGER NOT NULL PRIMARY KEY, label TEXT, above INTEGER,
                  FOREIGN KEY (above) REFERENCES shelves (id)) STRICT;
                CREATE TABLE books (id INTEGER NOT NULL PRIMARY KEY, shelf INTEGER NOT NULL,
                  pages INTEGER NOT NULL CHECK (pages > 0), FOREIGN KEY (shelf) REFERENCES shelves (id)) STRICT;
                CREATE TABLE loans (book INTEGER NOT NULL PRIMARY KEY, note TEXT NOT NULL,
                  FOREIGN KEY (book) REFERENCES books (id)) STRICT;
                """)
    ]

    /// What a command does, one after the other; it gives up at the end if it shall.
    private struct Command: Sendable {
        enum Act: Sendable {
            case shelf(Int, label: String?, above: Int?)
            case book(Int, shelf: Int, pages: Int)
            case lend(Int, note: String)
            case ensureShelf(Int, label: String)
            case countBooks(shelf: Int)
            case addPages(Int)
            case removeBook(Int)
        }

        var acts: [Act]
        var givesUp: Bool
    }

    /// Ids that are mostly new, sometimes taken; references to what earlier commands made, or to nothing. Within one
    /// command nothing points to what comes after it: PostgreSQL would find it there, since rows that wait are looked
    /// at together.
    private static func commands(_ generator: inout SeededGenerator) -> [Command] {
        (0..<120).map { number in
            let acts = (0..<Int.random(in: 1...6, using: &generator)).map { index in
                act(10 * number, index, using: &generator)
            }
            return Command(acts: acts, givesUp: Int.random(in: 0..<6, using: &generator) == 0)
        }
    }

    private static func act(_ first: Int, _ index: Int, using generator: inout SeededGenerator) -> Command.Act {
        let isNew = Int.random(in: 0..<12, using: &generator) > 0
        let id = isNew ? first + index : Int.random(in: 0...(first + index), using: &generator)
        let other = Int.random(in: 0..<max(1, first), using: &generator) / 10 * 10
        switch Int.random(in: 0..<14, using: &generator) {
        case 12: return .ensureShelf(id, label: "ensured \(first)")
        case 13: return .ensureShelf(other, label: "ensured again")
        case 0..<4:
            let label = [nil, "", "é — 'x'", "shelf \(id)"].randomElement(using: &generator) ?? nil
            return .shelf(id, label: label, above: Bool.random(using: &generator) ? nil : other)
        case 4..<8: return .book(id, shelf: other, pages: Int.random(in: 0..<20, using: &generator))
        case 8: return .lend(other, note: "note \(first)")
        case 9: return .countBooks(shelf: other)
        case 10: return .addPages(other)
        default: return .removeBook(other)
        }
    }

    private static func carryOut(_ act: Command.Act, in transaction: borrowing Transaction) throws -> Int {
        switch act {
        case .shelf(let id, let label, let above):
            return try transaction.execute(
                "INSERT INTO shelves (id, label, above) VALUES ($1, $2, $3)", id, label, above)
        case .book(let id, let shelf, let pages):
            return try transaction.execute(
                "INSERT INTO books (id, shelf, pages) VALUES ($1, $2, $3)", id, shelf, pages)
        case .lend(let book, let note):
            return try transaction.execute("INSERT INTO loans (book, note) VALUES ($1, $2)", book, note)
        case .ensureShelf(let id, let label):
            try transaction.ensure(
                "INSERT INTO shelves (id, label, above) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", id, label,
                Int?.none)
            return 0
        case .countBooks(let shelf):
            return try transaction.row(
                "SELECT count(*) FROM shelves s JOIN books b ON b.shelf = s.id WHERE s.id = $1", shelf
            ) { row throws(StoreFault) in try row.int(0) } ?? -1
        case .addPages(let shelf):
            return try transaction.execute("UPDATE books SET pages = pages + 1 WHERE shelf = $1", shelf)
        case .removeBook(let id):
            return try transaction.execute(
                "DELETE FROM books WHERE id = $1 AND id NOT IN (SELECT book FROM loans)", id)
        }
    }

    private static func outcomes(_ commands: [Command], on engine: Engine, apart: Bool) async throws -> [String] {
        let fresh = try await FreshDatabase(engine)
        let database = try fresh.open(schema)
        var outcomes: [String] = []
        // One after the other each is a group of its own; together they share groups.
        if apart {
            for command in commands { outcomes.append(await outcome(command, on: database)) }
        } else {
            let whole = Command(acts: commands.flatMap(\.acts), givesUp: false)
            outcomes.append(await outcome(whole, on: database))
        }
        outcomes += try await database.read { transaction in
            try transaction.rows("SELECT id, label, above FROM shelves ORDER BY id") { row throws(StoreFault) in
                "\(try row.int(0)) \(try row.optionalText(1) ?? "none") \(try row.optionalInteger(2) ?? -1)"
            }
                + transaction.rows("SELECT id, shelf, pages FROM books ORDER BY id") { row throws(StoreFault) in
                    "\(try row.int(0)) \(try row.int(1)) \(try row.int(2))"
                }
                + transaction.rows("SELECT book, note FROM loans ORDER BY book") { row throws(StoreFault) in
                    "\(try row.int(0)) \(try row.text(1))"
                }
        }
        await database.close()
        return outcomes
    }

    private static func outcome(_ command: Command, on database: Database) async -> String {
        do {
            let counts = try await database.write { transaction in
                let counts = try command.acts.map { try carryOut($0, in: transaction) }
                if command.givesUp { throw No() }
                return counts
            }
            return counts.map(String.init).joined(separator: ",")
        } catch { return "refused" }
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `commands end as they end where no row waits`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let commands = Self.commands(&generator)
        let expected = try await Self.outcomes(commands, on: .sqlite, apart: true)
        #expect(try await Self.outcomes(commands, on: .postgreSQL, apart: true) == expected, "seed \(seed)")
        #expect(expected.contains("refused") && expected.contains { $0.contains(",") })
    }

    /// All that is right in one command: parents and children in any order, read and changed in between.
    @Test(arguments: 100..<106 as Range<UInt64>)
    func `one command that is never refused ends as it ends where no row waits`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        var acts: [Command.Act] = []
        for id in 0..<700 {
            acts.append(.shelf(id, label: id % 3 == 0 ? nil : "s\(id)", above: id % 2 == 0 ? nil : id - 1))
            acts.append(.book(id, shelf: Int.random(in: 0...id, using: &generator), pages: 1))
            switch Int.random(in: 0..<40, using: &generator) {
            case 0: acts.append(.countBooks(shelf: Int.random(in: 0...id, using: &generator)))
            case 1: acts.append(.addPages(Int.random(in: 0...id, using: &generator)))
            case 2: acts.append(.removeBook(id))
            case 3: acts.append(.lend(id, note: ""))
            default: break
            }
        }
        let commands = [Command(acts: acts, givesUp: false)]
        let expected = try await Self.outcomes(commands, on: .sqlite, apart: false)
        #expect(try await Self.outcomes(commands, on: .postgreSQL, apart: false) == expected, "seed \(seed)")
        #expect(expected.count > 700)
    }

    /// Many at one time, in groups: who is refused takes no neighbour along.
    @Test func `a row that breaks a rule harms only its own command`() async throws {
        let fresh = try await FreshDatabase(.postgreSQL)
        let database = try fresh.open(Self.schema)
        let refused = await withTaskGroup(of: Int?.self) { group in
            for id in 0..<200 {
                group.addTask {
                    let shelf = Command.Act.shelf(id, label: nil, above: nil)
                    let book = Command.Act.book(id, shelf: id, pages: id.isMultiple(of: 7) ? 0 : 1)
                    let outcome = await Self.outcome(Command(acts: [shelf, book], givesUp: false), on: database)
                    return outcome == "refused" ? id : nil
                }
            }
            return await group.reduce(into: Set<Int>()) { if let id = $1 { $0.insert(id) } }
        }
        #expect(refused == Set((0..<200).filter { $0.isMultiple(of: 7) }))
        let stored = try await database.read { transaction in
            try transaction.rows("SELECT s.id FROM shelves s JOIN books b ON b.id = s.id") { row throws(StoreFault) in
                try row.int(0)
            }
        }
        #expect(Set(stored) == Set(0..<200).subtracting(refused))
        await database.close()
    }

    @Test func `rows of one table travel together, parents before children`() {
        var waiting = WaitingInserts()
        let row = PostgreSQLParameters()
        let statements: [(sql: StaticString, table: Int)] = [
            ("INSERT INTO books (id) VALUES ($1)", 1), ("INSERT INTO shelves (id) VALUES ($1)", 0),
        ]
        for number in 0..<10 {
            let (sql, table) = statements[number % 2]
            row.removeAll()
            row.append(Int64(number))
            guard let insert = PlainInsert(sql.description) else {
                Issue.record("\(sql) is plain")
                return
            }
            let key = StatementKey(address: UInt(bitPattern: sql.utf8Start), types: row.signature)
            let isMuch = waiting.add(sql, insert, key, table: table, row: row)
            #expect(!isMuch)
        }
        #expect(waiting.hasRows(through: 0))
        let taken = waiting.take(through: .max)
        #expect(taken.map(\.insert.table) == ["shelves", "books"])
        #expect(taken.map(\.count) == [5, 5])
        #expect(!waiting.hasRows(through: .max))
    }

    @Test(arguments: [
        ("INSERT INTO t (a, b) VALUES ($1, $2)", "INSERT INTO t (a, b) SELECT * FROM unnest($1, $2)"),
        ("INSERT INTO t (a)\n  VALUES ($1)", "INSERT INTO t (a) SELECT * FROM unnest($1)"),
        ("INSERT INTO t (a, b) VALUES ($2, $1)", nil), ("INSERT INTO t (a, b) VALUES ($1, 0)", nil),
        (
            "INSERT INTO t (a) VALUES ($1) ON CONFLICT DO NOTHING",
            "INSERT INTO t (a) SELECT * FROM unnest($1) ON CONFLICT DO NOTHING"
        ),
        ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING", nil),
        ("INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET a = $1", nil),
        ("INSERT INTO t (a) VALUES ($1) RETURNING a", nil), ("INSERT INTO t (a) VALUES ($1), ($2)", nil),
        ("INSERT INTO t (a) SELECT b FROM u WHERE c = $1", nil), ("UPDATE t SET a = $1", nil),
    ])
    func `only an INSERT of one row of parameters waits`(sql: String, manyRows: String?) {
        #expect(PlainInsert(sql)?.manyRows == manyRows)
        #expect(PlainInsert(sql)?.stepsAside ?? true == sql.contains("CONFLICT") || manyRows == nil)
    }
}
