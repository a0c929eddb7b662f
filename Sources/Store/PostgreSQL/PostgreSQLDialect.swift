/// Reads the schema's scripts, which are written for SQLite, as PostgreSQL's.
///
/// What differs, and all that differs:
/// - `INTEGER` becomes `BIGINT` (in PostgreSQL an INTEGER has 32 bits);
/// - `TEXT` of a column becomes `TEXT COLLATE "C"`, so that the order of texts is that of their bytes, as in SQLite;
/// - `STRICT` and `WITHOUT ROWID` behind a table are dropped: every table of PostgreSQL is the one and none the other;
/// - a trigger that refuses (`CREATE TRIGGER n BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'why'); END`) becomes one
///   that calls ``refusal``; there are no others;
/// - `ALTER TABLE t ALTER COLUMN c DROP NOT NULL` stays: SQLite has no such statement, and gets it otherwise.
///
/// Scripts hold no other types, no quoted identifiers and no text literals with these words in capitals.
public enum PostgreSQLDialect {
    /// The function behind the triggers. Its SQLSTATE is that of a constraint.
    static let refusal = """
        CREATE OR REPLACE FUNCTION guichet_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'restrict_violation'; END $$;
        """

    /// The same script in PostgreSQL's dialect.
    public static func translate(_ script: String) -> String {
        var text = ""
        for statement in statements(of: script) { text += translated(statement) + ";\n" }
        return text.contains("guichet_refuse(") ? refusal + "\n" + text : text
    }

    /// The statements of a script without comments. Only a trigger has semicolons inside.
    static func statements(of script: String) -> [String] {
        let lines = script.split(separator: "\n").map { line in
            line.firstRange(of: "--").map { String(line[..<$0.lowerBound]) } ?? String(line)
        }
        var statements: [String] = []
        var current = ""
        for piece in lines.joined(separator: "\n").split(separator: ";") {
            current += current.isEmpty ? String(piece) : ";" + piece
            let words = current.split(whereSeparator: \.isWhitespace)
            if words.isEmpty {
                current = ""
            } else if !(words.starts(with: ["CREATE", "TRIGGER"]) && words.last != "END") {
                statements.append(words.joined(separator: " "))
                current = ""
            }
        }
        return statements
    }

    private static func translated(_ statement: String) -> String {
        let trigger =
            /CREATE TRIGGER (\w+) BEFORE (UPDATE|DELETE) ON (\w+) BEGIN SELECT RAISE\(ABORT, ('[^']*')\) ?; END/
        if let found = statement.wholeMatch(of: trigger)?.output {
            return """
                CREATE TRIGGER \(found.1) BEFORE \(found.2) ON \(found.3) FOR EACH ROW \
                EXECUTE FUNCTION guichet_refuse(\(found.4))
                """
        }
        return
            statement
            .replacing(/\) *(STRICT|WITHOUT ROWID)( *, *(STRICT|WITHOUT ROWID))*$/, with: ")")
            .replacing(/\bINTEGER\b/, with: "BIGINT")
            .replacing(/\binstr\(/, with: "strpos(")
            .replacing(/(\bAS )?\bTEXT\b/) { $0.output.1 == nil ? "TEXT COLLATE \"C\"" : "AS TEXT" }
    }
}

/// What an operator's database needs beside the tables; printed or carried out by `guichet migrate`.
extension PostgreSQLDialect {
    /// The tables that a schema ends with, in the order of their making, each with whether its rows belong to shards.
    static func tables(of migrations: [Migration]) -> [(name: String, hasShard: Bool)] {
        var tables: [(name: String, hasShard: Bool)] = []
        for statement in migrations.flatMap({ statements(of: $0.script) }) {
            if let made = statement.firstMatch(of: #/^CREATE TABLE (\w+) \((.*)$/#)?.output {
                tables.append((String(made.1), made.2.contains(/\bshard TEXT NOT NULL/)))
            } else if let dropped = statement.firstMatch(of: #/^DROP TABLE (\w+)$/#)?.output {
                tables.removeAll { $0.name == String(dropped.1) }
            } else if let renamed = statement.firstMatch(of: #/^ALTER TABLE (\w+) RENAME TO (\w+)$/#)?.output,
                let index = tables.firstIndex(where: { $0.name == String(renamed.1) })
            {
                tables[index].name = String(renamed.2)
            }
        }
        return tables
    }

    /// Tables whose rows are never changed: those that a trigger says so of.
    static func facts(of migrations: [Migration]) -> [String] {
        migrations.flatMap { statements(of: $0.script) }.compactMap { statement in
            statement.firstMatch(of: #/^CREATE TRIGGER \w+ BEFORE UPDATE ON (\w+) /#).map { String($0.output.1) }
        }
    }

    /// Rights of the role that services run as: it appends facts and may neither change nor remove them, and it owns
    /// nothing. `nil` for a name that is not made of letters, digits and underscores.
    ///
    /// The owner needs to keep UPDATE on facts, because foreign keys are checked with the owner's rights.
    public static func grants(to role: String, of migrations: [Migration]) -> [String]? {
        guard role.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]{0,62}/) != nil else { return nil }
        let facts = Set(facts(of: migrations))
        return ["REVOKE ALL ON ALL TABLES IN SCHEMA public FROM \(role)", "GRANT USAGE ON SCHEMA public TO \(role)"]
            + tables(of: migrations).map { table in
                let rights = facts.contains(table.name) ? "SELECT, INSERT" : "SELECT, INSERT, UPDATE, DELETE"
                return "GRANT \(rights) ON \(table.name) TO \(role)"
            } + ["GRANT SELECT ON schema_migrations TO \(role)"]
    }

    /// Spreads the tables over the nodes of a Citus cluster, rows of one shard side by side. Can be repeated.
    ///
    /// Triggers go, since Citus takes no table that has some; the rights of ``grants(to:of:)`` say the same.
    public static func citus(of migrations: [Migration]) -> [String] {
        let dropped = migrations.flatMap { statements(of: $0.script) }.compactMap { statement in
            statement.firstMatch(of: #/^CREATE TRIGGER (\w+) BEFORE \w+ ON (\w+) /#)
                .map { "DROP TRIGGER IF EXISTS \($0.output.1) ON \($0.output.2)" }
        }
        let tables = tables(of: migrations)
        let first = tables.first(where: \.hasShard)?.name ?? ""
        let distributed = tables.filter(\.hasShard).map { table in
            let beside = table.name == first ? "default" : first
            return once("create_distributed_table('\(table.name)', 'shard', colocate_with => '\(beside)')", table.name)
        }
        let shared = tables.filter { !$0.hasShard }.map(\.name) + ["schema_migrations"]
        return ["CREATE EXTENSION IF NOT EXISTS citus"] + dropped + distributed
            + shared.map { once("create_reference_table('\($0)')", $0) }
    }

    private static func once(_ call: String, _ table: String) -> String {
        "SELECT \(call) WHERE NOT EXISTS (SELECT 1 FROM pg_dist_partition WHERE logicalrelid = '\(table)'::regclass)"
    }
}
