/// What a command will surely ask before it decides, as the questions themselves. PostgreSQL gets them together with those
/// of the other commands of the group, in one round trip instead of one for each: the head's row is held by then, so an
/// answer stays true until the group itself changes what was read.
///
/// A command that asks for something else, or for less, is carried out all the same.
public struct Foresight: Sendable {
    let ask: @Sendable (borrowing Transaction) -> Void

    /// - Parameter ask: runs the queries; they give nothing yet, and whatever it makes of that is lost. It must not write.
    public init(_ ask: @escaping @Sendable (borrowing Transaction) -> Void) { self.ask = ask }
}

/// A query as it was asked ahead.
struct Question: Hashable {
    let statement: StatementKey
    let parameters: [UInt8]
}

/// Tables that a group has changed, by their number.
struct ChangedTables {
    private var tables: Set<Int> = []
    private var isAny = false

    /// - Parameter table: `nil` where it is not known.
    mutating func add(_ table: Int?) {
        if let table { tables.insert(table) } else { isAny = true }
    }

    func contains(anyOf read: Set<Int>) -> Bool { isAny || !tables.isDisjoint(with: read) }
}

extension PostgreSQLSession {
    /// Asks for what the commands of a group will ask.
    func foresee(_ commands: [Foresight]) throws(StoreFault) {
        forgetForeseen()
        guard !commands.isEmpty else { return }
        for command in commands { command.ask(Transaction(engine: .asking(self))) }
        if let fault { throw fault }
        try receive()
    }
}
