/// Rows that PostgreSQL has not been given yet, in the order in which it must get them.
///
/// A group of commands writes the same few kinds of rows over and over. One INSERT of fifty rows costs the server about
/// as much as five of one row: it reads the checks of a table, opens its indexes and plans its foreign keys once. So
/// rows wait until a statement could see them, and those of one table travel as one statement:
/// `INSERT INTO t (a, b) SELECT * FROM unnest($1, $2)`, an array for each column.
struct WaitingInserts {
    /// Rows of one table that wait at most; the memory of a group is bounded, and its last statement stays short.
    private static let rowLimit = 256
    private static let byteLimit = 1 << 20

    /// By table, parents first.
    private var tables: [WaitingRows] = []

    /// Whether rows of any table up to one wait.
    func hasRows(through table: Int) -> Bool { tables.contains { $0.table <= table && $0.count > 0 } }

    /// Whether rows wait that a statement can see which reads these tables.
    func hasRows(in read: Set<Int>) -> Bool { tables.contains { $0.count > 0 && read.contains($0.table) } }

    /// Adds the bound row.
    /// - Returns: whether so much waits now that it should be sent.
    mutating func add(
        _ sql: StaticString, _ insert: PlainInsert, _ key: StatementKey, table: Int, row: PostgreSQLParameters
    ) -> Bool {
        let index = tables.firstIndex { $0.key == key } ?? place(WaitingRows(sql, insert, key, table: table, row))
        tables[index].add(row)
        return tables[index].count >= Self.rowLimit || tables[index].bytes >= Self.byteLimit
    }

    /// Whether rows of this table wait that another statement will insert.
    func hasOthers(of table: Int, than key: StatementKey) -> Bool {
        tables.contains { $0.table == table && $0.count > 0 && $0.key != key }
    }

    private mutating func place(_ rows: WaitingRows) -> Int {
        let index = tables.firstIndex { $0.table > rows.table } ?? tables.endIndex
        tables.insert(rows, at: index)
        return index
    }

    /// Takes the rows of all tables up to one, parents first.
    mutating func take(through table: Int) -> [WaitingRows] {
        let taken = tables.filter { $0.table <= table && $0.count > 0 }
        tables.removeAll { $0.table <= table }
        return taken
    }

    mutating func removeAll() { tables.removeAll(keepingCapacity: true) }
}

/// Rows that one statement inserts, column by column.
struct WaitingRows {
    /// For one row.
    let sql: StaticString
    /// For more.
    let insert: PlainInsert
    let key: StatementKey
    /// Where its table stands among those of the schema, in the order of their making: a foreign key points to a table
    /// that was made before, or to its own.
    let table: Int
    private(set) var count = 0
    private(set) var bytes = 0
    private var columns: [Column]

    private struct Column {
        let type: ParameterType
        var hasNull = false
        /// Length and bytes of each element, as an array of PostgreSQL has them.
        var elements: [UInt8] = []
    }

    init(
        _ sql: StaticString, _ insert: PlainInsert, _ key: StatementKey, table: Int, _ row: PostgreSQLParameters
    ) {
        self.sql = sql
        self.insert = insert
        self.key = key
        self.table = table
        columns = (0..<row.count).map { Column(type: row.type(of: $0)) }
    }

    mutating func add(_ row: PostgreSQLParameters) {
        count += 1
        for index in columns.indices {
            row.withValue(index) { value in
                let length = value.map { Int32(clamping: $0.count) } ?? -1
                withUnsafeBytes(of: length.bigEndian) { columns[index].elements.append(contentsOf: $0) }
                if let value { columns[index].elements.append(contentsOf: value) }
                columns[index].hasNull = columns[index].hasNull || value == nil
                bytes += 4 + (value?.count ?? 0)
            }
        }
    }

    /// Binds the only row as it was bound at first.
    func bindRow(to parameters: PostgreSQLParameters) {
        parameters.removeAll()
        for column in columns {
            column.elements.withUnsafeBytes { bytes in
                let value = UnsafeRawBufferPointer(rebasing: bytes[4...])
                if column.hasNull { parameters.appendNull(column.type) } else { parameters.append(column.type, value) }
            }
        }
    }

    /// Binds an array for each column. Its binary form is: how many dimensions, whether a NULL is in it, the elements'
    /// type, then length and first index of the dimension, then the elements.
    func bindArrays(to parameters: PostgreSQLParameters) {
        parameters.removeAll()
        for column in columns {
            let header = [1, column.hasNull ? 1 : 0, column.type.objectIdentifier, UInt32(count), 1]
            let bytes = header.flatMap { withUnsafeBytes(of: $0.bigEndian, Array.init) } + column.elements
            bytes.withUnsafeBytes { parameters.append(arrayOf: column.type, $0) }
        }
    }
}

/// An INSERT of one row of parameters that sees no other row: it adds its row or fails, unless it steps aside.
struct PlainInsert {
    let table: String
    /// For a row that is there already, which is left as it is. How many rows it adds is not known before it is sent.
    let stepsAside: Bool
    /// The same for any number of rows, each parameter an array.
    let manyRows: String

    /// `nil` for any other statement.
    init?(_ sql: String) {
        let words = sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard
            let found = words.wholeMatch(
                of: /INSERT INTO (\w+) \(([\w, ]+)\) VALUES \(([$\d, ]+)\)( ON CONFLICT DO NOTHING)?/)?.output
        else { return nil }
        let columns = found.2.split(separator: ",").count
        guard found.3 == (1...columns).map({ "$\($0)" }).joined(separator: ", ") else { return nil }
        table = String(found.1)
        stepsAside = found.4 != nil
        manyRows = "INSERT INTO \(found.1) (\(found.2)) SELECT * FROM unnest(\(found.3))\(found.4 ?? "")"
    }
}

/// A statement is found by the address of its literal, as with SQLite, and the types of its parameters.
struct StatementKey: Hashable {
    let address: UInt
    let types: UInt64
}
