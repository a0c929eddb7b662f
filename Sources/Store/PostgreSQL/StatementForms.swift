internal import Synchronization

/// What the texts of statements say about rows that wait: read once in a process, whatever number of connections use
/// them. To read the texts of a whole ledger takes longer than to run them.
final class StatementForms: Sendable {
    /// What a statement has to do with rows that wait.
    enum Kind: Sendable {
        /// Its own row waits, if it need not be counted at once; the number is its table's.
        case waits(PlainInsert, table: Int)
        /// It sees rows of these tables.
        case reads(Set<Int>)
        /// It may need any row, by what it changes or by its foreign keys, and changes rows of this table; of any with
        /// `nil`.
        case writes(to: Int?)
    }

    struct Form: Sendable {
        let kind: Kind
        /// How many rows it changes if it succeeds, where its text says so.
        let changes: Int?
    }

    /// For connections that know no table: their rows do not wait.
    static let ofNoTables = StatementForms([])
    private static let ofSchemas = Mutex<[[Migration]: StatementForms]>([:])

    /// The schema's tables by their place in the order of their making. Rows of others do not wait.
    private let tables: [String: Int]
    /// By the address of their literal.
    private let forms = Mutex<[UInt: Form]>([:])

    private init(_ migrations: [Migration]) {
        let names = PostgreSQLDialect.tables(of: migrations).map(\.name)
        tables = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    }

    static func of(_ migrations: [Migration]) -> StatementForms {
        ofSchemas.withLock { schemas in
            if let known = schemas[migrations] { return known }
            let forms = StatementForms(migrations)
            schemas[migrations] = forms
            return forms
        }
    }

    func form(of sql: StaticString) -> Form {
        forms.withLock { forms in
            let address = UInt(bitPattern: sql.utf8Start)
            if let known = forms[address] { return known }
            let text = sql.description
            let form = Form(kind: kind(of: text), changes: certainChanges(of: text))
            forms[address] = form
            return form
        }
    }

    private func kind(of text: String) -> Kind {
        if text.hasPrefix("SELECT") {
            return .reads(Set(words(of: text).compactMap { tables[$0] }))
        }
        if let insert = PlainInsert(text), let table = tables[insert.table] { return .waits(insert, table: table) }
        return .writes(to: changed(by: text))
    }

    private func words(of text: String) -> [String] {
        if tables.isEmpty { return [] }
        return text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
    }

    /// The table that an `INSERT INTO t`, `UPDATE t` or `DELETE FROM t` changes: no foreign key here takes rows along,
    /// and triggers only refuse.
    private func changed(by text: String) -> Int? {
        let words = words(of: text).prefix(3)
        switch words.first {
        case "INSERT", "DELETE": return words.dropFirst(2).first.flatMap { tables[$0] }
        case "UPDATE": return words.dropFirst().first.flatMap { tables[$0] }
        default: return nil
        }
    }
}
