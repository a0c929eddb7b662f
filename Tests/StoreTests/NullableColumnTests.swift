import Testing
import Values

@testable import Store

/// A column that may be NULL from some migration on: SQLite has no statement for it.
@Suite struct NullableColumnTests {
    private let first = Migration(
        number: 1, name: "first",
        script: """
            CREATE TABLE parents (id TEXT NOT NULL PRIMARY KEY) STRICT;
            CREATE TABLE children (
              id TEXT NOT NULL PRIMARY KEY, parent TEXT NOT NULL, parents TEXT NOT NULL,
              FOREIGN KEY (parent) REFERENCES parents (id)) STRICT;
            CREATE INDEX children_by_parent ON children (parent);
            CREATE TABLE toys (id TEXT NOT NULL PRIMARY KEY, child TEXT NOT NULL REFERENCES children (id)) STRICT;
            INSERT INTO parents (id) VALUES ('p');
            INSERT INTO children (id, parent, parents) VALUES ('a', 'p', 'both');
            INSERT INTO toys (id, child) VALUES ('ball', 'a');
            """)
    private let second = Migration(
        number: 2, name: "second",
        script: """
            -- Orphans.
            ALTER TABLE children ALTER COLUMN parent DROP NOT NULL;
            CREATE TABLE homes (child TEXT NOT NULL PRIMARY KEY REFERENCES children (id)) STRICT;
            INSERT INTO children (id, parent, parents) VALUES ('b', NULL, 'none');
            INSERT INTO homes (child) VALUES ('b');
            """)

    @Test func `the rows stay, everything else holds, and an open reader sees it`() throws {
        let file = TemporaryFile()
        let writer = try Connection.open(path: file.path, role: .writer)
        try writer.migrate([first])
        let reader = try Connection.open(path: file.path, role: .reader)
        #expect(try count("SELECT count(*) FROM children WHERE parent IS NOT NULL", reader) == 1)
        try writer.migrate([first, second])
        #expect(try count("SELECT count(*) FROM children WHERE parent IS NULL", reader) == 1)
        #expect(try count("SELECT count(*) FROM toys t JOIN children c ON c.id = t.child", reader) == 1)
        #expect(try texts("PRAGMA integrity_check", reader) == ["ok"])
        #expect(try texts("PRAGMA foreign_key_check", reader) == [])
        for wrong in [
            "INSERT INTO children (id, parent, parents) VALUES ('c', 'nobody', 'x')",
            "INSERT INTO children (id, parent, parents) VALUES ('c', 'p', NULL)",
            "INSERT INTO children (id, parent, parents) VALUES ('b', 'p', 'x')", "DELETE FROM children WHERE id = 'a'",
            "UPDATE sqlite_schema SET sql = sql",
        ] {
            #expect(throws: StoreFault.self, "\(wrong)") { try writer.run(script: wrong) }
        }
    }

    @Test func `a column that is not there, or is nullable already, changes nothing`() throws {
        let file = TemporaryFile()
        let writer = try Connection.open(path: file.path, role: .writer)
        try writer.migrate([first])
        for column in ["pet", "parent_", "id)"] {
            let wrong = Migration(
                number: 2, name: "wrong",
                script: """
                    INSERT INTO parents (id) VALUES ('q');
                    ALTER TABLE children ALTER COLUMN \(column) DROP NOT NULL;
                    """)
            #expect(throws: StoreFault.self) { try writer.migrate([first, wrong]) }
        }
        #expect(try count("SELECT count(*) FROM parents", writer) == 1)
        try writer.migrate([first, second])
        #expect(try count("SELECT count(*) FROM children", writer) == 2)
    }

    private func count(_ sql: StaticString, _ connection: borrowing Connection) throws -> Int64? {
        try connection.transaction().row(sql) { row throws(StoreFault) in try row.integer(0) }
    }

    private func texts(_ sql: StaticString, _ connection: borrowing Connection) throws -> [String] {
        try connection.transaction().rows(sql) { row throws(StoreFault) in try row.text(0) }
    }
}
