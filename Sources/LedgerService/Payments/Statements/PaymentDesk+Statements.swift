public import BoxOffice
public import HTTPEdge
internal import Logging
internal import Store
internal import Values

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
            _ = try await read(provider, by: caller.actor)
        } catch let fault as ProviderFault {
            logger.warning("statement", metadata: ["provider": "\(name.rawValue)", "fault": "\(fault)"])
            throw StatementRefusal.unreachable
        }
        return try await service.storeReading(of: name, command)
    }

    /// Reads what all providers of the house say, as a night does. One that is silent keeps no other from it.
    /// - Parameter limit: how long somebody waits for it. A stretch that has not come to its end by then is read again
    ///   the next time; until then gates say since when a statement is silent.
    public func readStatements(within limit: Duration? = nil) async {
        let deadline = limit.map { ContinuousClock.now + $0 }
        for name in statementNames {
            guard let provider = providers[name] as? any StatementProvider else { continue }
            do {
                guard try await !read(provider, until: deadline, by: Caller.operator.actor) else { continue }
                logger.notice("statement", metadata: ["provider": "\(name.rawValue)", "state": "goes on later"])
            } catch {
                logger.error("statement", metadata: ["provider": "\(name.rawValue)", "fault": "\(error)"])
            }
        }
    }

    /// - Returns: whether it came to its end before the deadline.
    private func read(
        _ provider: any StatementProvider, until deadline: ContinuousClock.Instant? = nil, by actor: String
    ) async throws -> Bool {
        let isLate = { deadline.map { $0 <= .now } ?? false }
        let end = Instant(seconds: service.clock.now().seconds)
        while true {
            let (from, head) = try await service.statementStart(of: provider.name)
            let until = min(from.advanced(bySeconds: Self.stretchSeconds), end)
            guard from < until else { break }
            guard !isLate() else { return false }
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
                // Lines that were taken are known the next time.
                guard after == nil || !isLate() else { return false }
            } while after != nil
            try await service.settleOpenLines()
            try await service.endStatement(
                of: provider.name, from: from, until: until, lines: lines, head: head, knownSince: knownSince,
                by: actor)
        }
        try await service.settleOpenLines()
        return true
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
