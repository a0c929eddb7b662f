internal import Values

/// A night's facts after they were checked against each other: the tables of every report and what ties them.
struct NightBooks: Sendable {
    let facts: NightFacts
    let tables: [String: Table]
    let statements: [HostStatement]
    let journal: JournalExport
    let proceeds: [Proceeds]

    /// All accounts of one host, one per currency.
    struct HostStatement: Sendable {
        let host: String
        let name: String
        let accounts: [StatementAccount]
        let table: Table
    }

    init(_ facts: NightFacts) throws(ReportRefusal) {
        self.facts = facts
        var definitions: [String: ReportDefinition] = [:]
        for definition in try ReportDefinition.all() { definitions[definition.name] = definition }

        let rows = facts.journal.indices.sorted { left, right in
            let (a, b) = (facts.journal[left], facts.journal[right])
            return a.seq == b.seq ? left < right : a.seq < b.seq
        }.map { facts.journal[$0] }
        let controls = try Self.verifyLedger(facts, rows)

        var tables: [String: Table] = [:]
        for definition in definitions.values.sorted(by: { $0.name < $1.name }) where definition.source != "statement" {
            let cells = try Self.cells(definition, facts, journal: rows)
            tables[definition.name] = try Table(definition, rows: cells, controls: controls)
        }
        self.tables = tables
        statements = try Self.statements(facts, definitions["statement"])
        journal = JournalExport(
            entries: JournalEntryRows.divide(rows), opening: Self.sorted(facts.openingBalances),
            closing: Self.sorted(facts.balances), platform: facts.platform, headSequence: facts.headSequence,
            headHash: facts.headHash)
        proceeds = try Proceeds.derive(from: journal.entries)
    }

    private static func cells(
        _ definition: ReportDefinition, _ facts: NightFacts, journal: [JournalPostingRow]
    ) throws(ReportRefusal) -> [[Cell]] {
        switch definition.source {
        case "sales": try definition.cells(of: facts.sales)
        case "escrow": try definition.cells(of: facts.escrow)
        case "payouts": try definition.cells(of: facts.payouts)
        case "carried": try definition.cells(of: facts.carried)
        case "balances": try definition.cells(of: facts.balances)
        case "journal": try definition.cells(of: journal)
        default: throw .definition(table: definition.name, detail: "There is no source \(definition.source ?? "").")
        }
    }

    private static func sorted(_ rows: [BalanceRow]) -> [BalanceRow] {
        rows.sorted { left, right in
            left.account == right.account
                ? left.currency < right.currency : left.account.utf8.lexicographicallyPrecedes(right.account.utf8)
        }
    }

    private static func statements(
        _ facts: NightFacts, _ definition: ReportDefinition?
    ) throws(ReportRefusal) -> [HostStatement] {
        guard let definition else { throw .definition(table: "statement", detail: "It is missing.") }
        var balances: [AccountKey: Int64] = [:]
        for row in facts.balances { balances[AccountKey(row.account, row.currency)] = row.balance }
        var byHost: [String: [StatementAccount]] = [:]
        for host in facts.hosts {
            let account = try StatementAccount(host)
            let expected = -(balances[AccountKey("liabilities:host:\(host.host)", host.currency)] ?? 0)
            guard account.closing == expected else {
                throw .statement(
                    host: host.host, currency: host.currency.code, expected: expected, found: account.closing)
            }
            byHost[host.host, default: []].append(account)
        }
        var statements: [HostStatement] = []
        for (host, unsorted) in byHost.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }) {
            let accounts = unsorted.sorted { $0.facts.currency < $1.facts.currency }
            let table = try Table(definition, rows: try definition.cells(of: accounts.flatMap(\.lines)))
            statements.append(
                HostStatement(host: host, name: accounts.first?.facts.name ?? host, accounts: accounts, table: table))
        }
        return statements
    }
}
