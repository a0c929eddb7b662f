public import BoxOffice
public import HTTPEdge
internal import Logging
internal import Store
public import Values

/// Reading providers' statements: asked for outside of any transaction, taken in page by page, written down as read once a
/// stretch has come to its end. Whoever dies in the middle leaves lines that are known and a stretch that is read again.
extension PaymentDesk {
    /// A stretch at most: so much is read again where a reading was interrupted.
    private static let stretchSeconds: Int64 = 86_400
    /// A line may be a little late in a provider's own list: each stretch begins so much earlier, and lines that are known
    /// are passed over.
    private static let overlapSeconds: Int64 = 3_600
    /// Pages of a stretch at most, half a million lines a day of Stripe: a list that does not end is none.
    private static let pageLimit = 10_000

    /// Providers of the house that give statements, by name.
    public var statementNames: [ProviderName] { names.filter { providers[$0] is any StatementProvider } }

    /// Reads a provider's statement up to now.
    /// - Returns: the last stretch.
    public func readStatement(
        of name: ProviderName, key: IdempotencyKey?, by caller: Caller
    ) async throws -> ProviderStatementView {
        try service.requireFinance(caller)
        let command = OnceOnly("statement", by: caller, key: key, request: name.rawValue)
        if let key, let known = try await service.readStatement(command, key) { return known }
        guard let provider = providers[name] as? any StatementProvider else { throw StatementRefusal.providerSilent }
        do {
            try await read(provider, by: caller.actor)
        } catch let fault as ProviderFault {
            logger.warning("statement", metadata: ["provider": "\(name.rawValue)", "fault": "\(fault)"])
            throw StatementRefusal.unreachable
        }
        return try await service.storeReading(of: name, command)
    }

    /// Reads what all providers of the house say, as a night does. One that is silent keeps no other from it.
    public func readStatements() async {
        for name in statementNames {
            do { _ = try await readStatement(of: name, key: nil, by: .operator) } catch {
                logger.error("statement", metadata: ["provider": "\(name.rawValue)", "fault": "\(error)"])
            }
        }
    }

    private func read(_ provider: any StatementProvider, by actor: String) async throws {
        let end = Instant(seconds: service.clock.now().seconds)
        while true {
            let (from, head) = try await service.statementStart(of: provider.name)
            let until = min(from.advanced(bySeconds: Self.stretchSeconds), end)
            guard from < until else { break }
            var (lines, pages) = (0, 0)
            var after: String?
            var knownSince: Instant?
            repeat {
                let page = try await provider.statement(
                    from: from.advanced(bySeconds: -Self.overlapSeconds), until: until, after: after)
                lines += try await service.take(page.lines, page.unreadable, from: provider.name)
                knownSince = page.knownSince
                pages += 1
                guard pages < Self.pageLimit, page.next == nil || page.next != after else {
                    throw ProviderFault.unreadable
                }
                after = page.next
            } while after != nil
            try await service.settleOpenLines()
            try await service.endStatement(
                of: provider.name, from: from, until: until, lines: lines, head: head, knownSince: knownSince,
                by: actor)
        }
        try await service.settleOpenLines()
    }
}

extension LedgerService {
    /// The reading that a command has made before.
    func readStatement(_ command: OnceOnly, _ key: IdempotencyKey) async throws -> ProviderStatementView? {
        try await database.read { transaction in
            guard let stored = try transaction.storedOutcome(scope: command.scope, key: key.text) else { return nil }
            guard stored.requestHash == command.requestHash.hex else { throw LedgerRefusal.idempotencyMismatch }
            return try view(ofStatement: stored.outcome, in: transaction)
        }
    }

    /// Names the last stretch as what a command came to.
    func storeReading(of provider: ProviderName, _ command: OnceOnly) async throws -> ProviderStatementView {
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                guard let last = try transaction.lastStatement(of: provider) else {
                    throw StoreFault.corrupt(column: "provider_statements.n")
                }
                return "\(provider.rawValue) \(last.n)"
            }
            return try view(ofStatement: outcome, in: transaction)
        }
    }

    private func view(
        ofStatement outcome: String, in transaction: borrowing Transaction
    ) throws -> ProviderStatementView {
        let words = outcome.split(separator: " ")
        guard words.count == 2, let provider = ProviderName(rawValue: String(words[0])), let n = Int64(words[1]),
            let row = try transaction.statements(of: provider, before: n + 1, limit: 1).first
        else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        return ProviderStatementView(row)
    }
}
