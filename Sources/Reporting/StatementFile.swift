internal import Values

/// `statement-HOST.json`: one host's accounts with every line.
enum StatementFile {
    static func render(_ statement: NightBooks.HostStatement, _ facts: NightFacts) -> [UInt8] {
        JSONText.object([
            "host": .string(statement.host), "name": .string(statement.name),
            "platform": .string(facts.platform), "day": .string(facts.day.description),
            "head_sequence": .integer(facts.headSequence), "head_hash": .string(facts.headHash),
            "accounts": .array(statement.accounts.map(account)),
        ]).document
    }

    private static func account(_ account: StatementAccount) -> JSONText {
        let facts = account.facts
        return .object([
            "currency": .string(facts.currency.code), "from": .string(facts.from.description),
            "through": .string(facts.through.description), "opening": .integer(facts.opening),
            "closing": .integer(account.closing), "minimum_payout": .integer(facts.minimumPayout),
            "carried": ResultFile.carried(facts.carried), "terms": terms(facts.terms),
            "payouts": .array(
                facts.payouts.sorted { $0.batchDay < $1.batchDay }.map { row in
                    guard case .object(var members) = ResultFile.payout(row) else { return .null }
                    members["batch_day"] = .string(row.batchDay.description)
                    return .object(members)
                }),
            "upcoming": .array(
                account.upcoming.map {
                    .object([
                        "release_on": .string($0.day?.description), "amount": .integer($0.amount),
                        "orders": .integer($0.orders),
                    ])
                }),
            "lines": .array(account.lines.map(line)),
        ])
    }

    private static func terms(_ terms: HostTerms) -> JSONText {
        .object([
            "account": .string(terms.account), "withholding_bp": .integer(terms.withholding.value),
            "bracket_bp": terms.bracketRate.map { .integer($0.value) } ?? .null,
            "bracket_left": terms.bracketLeft.map { .integer($0) } ?? .null,
            "next_payout_on": .string(terms.nextPayoutOn?.description),
        ])
    }

    private static func line(_ line: StatementAccount.Line) -> JSONText {
        var members: [String: JSONText] = [:]
        for (name, read) in StatementAccount.Line.fields where name != "currency" {
            let cell = read(line)
            if cell != .absent { members[name] = cell.json }
        }
        if let order = line.order {
            members["parts"] = .array(
                order.parts.map { .object(["base": .integer($0.base), "rate_bp": .integer($0.rate.value)]) })
        }
        return .object(members)
    }
}
