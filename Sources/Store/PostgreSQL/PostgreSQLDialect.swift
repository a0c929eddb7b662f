/// Reads the schema's scripts, which are written for SQLite, as PostgreSQL's.
///
/// What differs, and all that differs:
/// - `INTEGER` becomes `BIGINT` (in PostgreSQL an INTEGER has 32 bits);
/// - `TEXT` of a column becomes `TEXT COLLATE "C"`, so that the order of texts is that of their bytes, as in SQLite;
/// - `STRICT` and `WITHOUT ROWID` behind a table are dropped: every table of PostgreSQL is the one and none the other;
/// - a trigger that refuses (`CREATE TRIGGER n BEFORE UPDATE ON t BEGIN SELECT RAISE(ABORT, 'why'); END`) becomes one
///   that calls ``refusal``; there are no others.
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
            .replacing(/(\bAS )?\bTEXT\b/) { $0.output.1 == nil ? "TEXT COLLATE \"C\"" : "AS TEXT" }
    }
}
