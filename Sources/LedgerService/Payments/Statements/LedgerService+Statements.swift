public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
internal import Values

/// Statements of providers, held against the books: a line is stored once, books a fee once, and states one fact once.
extension LedgerService {
    /// A provider states within the day what it does; what it has not by then is missing.
    private static let statementSeconds = 3_600 * PayoutSafeguards.statementHours
    /// Open lines that one transaction looks at again: enough to be quick, few enough to let sales between.
    private static let linesPerTransaction = 200

    /// Takes lines in, and ends those that the books have. What can't be read, or says something else under a name that is
    /// known, becomes a difference of its own and keeps no other line from being taken.
    /// - Returns: how many were new.
    func take(
        _ lines: [ProviderMovement], _ unreadable: [UnreadableLine] = [], from provider: ProviderName
    ) async throws -> Int {
        let now = clock.now()
        return try await database.write { transaction in
            var count = 0
            for line in lines {
                if let known = try transaction.movement(line.name, of: provider) {
                    guard !known.saysTheSame(as: line) else { continue }
                    let odd = OddLineRow(
                        provider: provider, name: line.name, digest: SHA256Digest(of: line.said).hex,
                        problem: .conflict,
                        // 500 code points, as the table counts.
                        detail: String(
                            "said '\(known.said)' before and '\(line.said)' now".unicodeScalars.prefix(500)),
                        at: now)
                    if try transaction.insert(odd) { count += 1 }
                    continue
                }
                try transaction.insert(line, of: provider, at: now)
                _ = try settle(line, of: provider, at: now, in: transaction)
                for odd in try transaction.oddLines(named: line.name, of: provider).open {
                    try transaction.end(odd, because: "could be read", by: provider.rawValue, at: now)
                }
                count += 1
            }
            for line in unreadable {
                // One that could be read before says something else now, whatever that is.
                let known = try transaction.movement(line.name, of: provider)
                let odd = OddLineRow(
                    provider: provider, name: line.name, digest: line.digest.hex,
                    problem: known == nil ? .unreadable : .conflict, detail: line.why, at: now)
                if try transaction.insert(odd) { count += 1 }
            }
            return count
        }
    }

    /// Looks at open lines again: what they state may have been booked since.
    func settleOpenLines() async throws {
        var cursor = (at: Instant(microseconds: .min), provider: "", name: "")
        while true {
            let now = clock.now()
            let start = cursor
            let last = try await database.write { transaction in
                let open = try transaction.openMovements(after: start, limit: Self.linesPerTransaction)
                for (provider, line) in open { _ = try settle(line, of: provider, at: now, in: transaction) }
                return open.last.map { (at: $0.line.createdAt, provider: $0.provider.rawValue, name: $0.line.name) }
            }
            guard let last else { return }
            cursor = last
        }
    }

    /// Holds one line against the books.
    /// - Returns: why it stays open; `nil` if it has its end.
    private func settle(
        _ line: ProviderMovement, of provider: ProviderName, at now: Instant, in transaction: borrowing Transaction
    ) throws -> StatementProblem? {
        let booked = try transaction.booked(line, of: provider)
        switch decideMatch(of: line, with: booked, fee: try transaction.fee(of: line.name, by: provider)) {
        case .open(let problem): return problem
        case .bill(let fee):
            let entry = try bookFee(fee, at: now, in: transaction)
            try transaction.end(
                line.name, of: provider, .fee(entry, reason: line.category), by: provider.rawValue, at: now)
        case .matched(let fee):
            guard let booked, let fact = line.kind.fact else { return .unknown }
            var entry: Int64?
            if let fee {
                if let reason = line.kind.feeReason,
                    let charge = try booked.charge.flatMap({ try transaction.charge($0) })
                {
                    _ = try book(fee, line.name, reason, of: charge.charge, at: now, in: transaction)
                } else {
                    entry = try bookFee(fee, at: now, in: transaction)
                }
            }
            try transaction.end(
                line.name, of: provider, .matched(fact, booked, fee: entry), by: provider.rawValue, at: now)
        }
        return nil
    }

    /// A fee of no payment.
    private func bookFee(_ fee: Money, at now: Instant, in transaction: borrowing Transaction) throws -> Int64 {
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let legs = PostingRecipe.providerFee(fee, to: .providerFees)
        guard let entry = JournalEntry(stamp, kind: .providerFee, legs: legs) else {
            throw StoreFault.corrupt(column: "provider_movements.fee")
        }
        return try transaction.append(entry).sequence
    }

    /// Where the next stretch of a statement begins; nothing is asked for of before the first payment.
    func statementStart(of provider: ProviderName) async throws -> (from: Instant, head: Int64) {
        let now = clock.now()
        return try await database.read { transaction in
            let last = try transaction.lastStatement(of: provider)?.through
            // A second before the first payment: whoever asks within its second reads a stretch all the same.
            let first =
                try last ?? transaction.firstCharge(through: provider)?.advanced(bySeconds: -1)
                ?? now.advanced(bySeconds: -86_400)
            return (Instant(seconds: first.seconds), try transaction.journalHead().chain.sequence)
        }
    }

    /// Writes down that a stretch was read to its end, and what it left out; nothing if somebody else was faster.
    func endStatement(
        of provider: ProviderName, from: Instant, until: Instant, lines: Int, head: Int64, knownSince: Instant?,
        by actor: String
    ) async throws {
        let now = clock.now()
        try await database.write { transaction in
            let last = try transaction.lastStatement(of: provider)
            if let last, last.through != from { return }
            let due = try transaction.statementHead(
                of: provider, before: until.advanced(bySeconds: -Self.statementSeconds))
            let checked = max(last?.checked ?? 0, due ?? 0)
            let row = ProviderStatementRow(
                provider: provider, n: (last?.n ?? 0) + 1, from: from, through: until, lines: lines,
                head: max(head, last?.head ?? 0), checked: checked, actor: actor, at: now)
            try transaction.insertStatement(row)
            let unstated = try transaction.unstated(
                by: provider, after: last?.checked ?? 0, through: checked,
                since: knownSince ?? Instant(microseconds: .min))
            for gap in unstated { try transaction.insert(gap, of: row.n, at: now) }
            try transaction.audit(
                actor: actor, act: "statement_read", subject: "\(provider.rawValue) \(row.n)",
                detail: "through \(until), \(lines) lines, \(unstated.count) missing", at: now)
        }
    }

    /// Providers of the house that have been silent for too long though payments went through them since.
    func silentProviders(at now: Instant, in transaction: borrowing Transaction) throws -> [String] {
        // A statement is read with each night; a day more, and somebody should look.
        let limit = now.advanced(bySeconds: -2 * Self.statementSeconds)
        return try ProviderName.allCases.compactMap { provider in
            // One that has left the house will never say anything again; what it owes is answered by hand.
            guard settings.statementProviders?.contains(provider) ?? true else { return nil }
            guard let last = try transaction.lastStatement(of: provider) else {
                guard settings.statementProviders != nil, let first = try transaction.firstPayment(through: provider),
                    first < limit
                else { return nil }
                return "\(provider.rawValue) statement never read, payments since \(first)"
            }
            guard last.through < limit, try transaction.hasPayments(through: provider, after: last.head) else {
                return nil
            }
            return "\(provider.rawValue) statement since \(last.through)"
        }
    }

    /// What holds batches: lines and facts that do not agree for a day, and statements that were not read.
    func statementFindings(at now: Instant, in transaction: borrowing Transaction) throws -> [String] {
        try transaction.statementProblems(before: now.advanced(bySeconds: -Self.statementSeconds), limit: 100)
            + silentProviders(at: now, in: transaction)
    }

    /// Stretches of a provider's statement that were read, the last one first.
    public func statements(
        of provider: ProviderName, _ page: PageRequest, by caller: Caller
    ) async throws -> ProviderStatementList {
        try requireFinanceReading(caller)
        return try await database.read { transaction in
            let before = page.after.flatMap { Int64($0) } ?? .max
            let rows = try transaction.statements(of: provider, before: before, limit: page.limit + 1)
            let (shown, next) = page.page(rows) { "\($0.n)" }
            return ProviderStatementList(statements: shown.map { ProviderStatementView($0) }, next: next)
        }
    }

    /// What statements and books do not agree on: lines first, then what no line states, then lines that can't be taken, each
    /// the oldest first.
    public func differences(_ page: PageRequest, by caller: Caller) async throws -> ProviderDifferenceList {
        try requireFinanceReading(caller)
        let now = clock.now()
        // The side, and the last element seen there.
        let words = (page.after ?? "").split(separator: "|", maxSplits: 3, omittingEmptySubsequences: false).map(
            String.init)
        let side = words.count == 4 ? words[0] : "line"
        let cursor =
            words.count == 4
            ? (at: Instant(microseconds: Int64(words[1]) ?? .min), provider: words[2], name: words[3])
            : (at: Instant(microseconds: .min), provider: "", name: "")
        return try await database.read { transaction in
            var found: [(view: ProviderDifferenceView, key: String)] = []
            if side == "line" {
                for (provider, line) in try transaction.openMovements(after: cursor, limit: page.limit + 1) {
                    let verdict = decideMatch(
                        of: line, with: try transaction.booked(line, of: provider),
                        fee: try transaction.fee(of: line.name, by: provider))
                    // What could be ended by now still is open until a statement is read.
                    let problem: StatementProblem = if case .open(let problem) = verdict { problem } else { .unknown }
                    found.append(
                        (
                            ProviderDifferenceView(line, of: provider, problem, at: now),
                            "line|\(line.createdAt.microseconds)|\(provider.rawValue)|\(line.name)"
                        ))
                }
            }
            let first = (at: Instant(microseconds: .min), provider: "", name: "")
            let room = { max(0, page.limit + 1 - found.count) }
            let gaps =
                side == "odd" ? [] : try transaction.openGaps(after: side == "books" ? cursor : first, limit: room())
            for gap in gaps {
                found.append(
                    (
                        ProviderDifferenceView(gap, at: now),
                        "books|\(gap.bookedAt.microseconds)|\(gap.provider.rawValue)|\(gap.fact.rawValue) \(gap.target)"
                    ))
            }
            for line in try transaction.openOddLines(after: side == "odd" ? cursor : first, limit: room()) {
                found.append(
                    (
                        ProviderDifferenceView(line, at: now),
                        "odd|\(line.at.microseconds)|\(line.provider.rawValue)|\(line.name) \(line.digest)"
                    ))
            }
            let (shown, next) = page.page(found) { $0.key }
            return ProviderDifferenceList(differences: shown.map(\.view), next: next)
        }
    }

    /// Ends by hand what statement and books do not agree on.
    public func resolve(
        _ difference: ProviderDifference, of provider: ProviderName, _ resolution: StatementResolution, reason: String,
        key: IdempotencyKey, by caller: Caller
    ) async throws -> ProviderResolutionView {
        try requireFinance(caller)
        let command = OnceOnly(
            "difference", by: caller, key: key,
            request: "\(provider.rawValue)|\(difference.text)|\(resolution.rawValue)|\(reason)")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let fee = try end(
                    difference, of: provider, resolution, reason: reason, by: caller.actor, at: now, in: transaction)
                try transaction.audit(
                    actor: caller.actor, act: "difference_\(resolution.rawValue)",
                    subject: "\(provider.rawValue) \(difference.text)", detail: reason, at: now)
                return fee.map { "\($0.minorUnits) \($0.currency.code)" } ?? ""
            }
        }
        let words = outcome.split(separator: " ")
        let booked =
            words.count == 2
            ? Int64(words[0]).flatMap { units in Currency(String(words[1])).map { Money(units, $0) } } : nil
        var (line, fact, target): (String?, String?, String?) = (nil, nil, nil)
        switch difference {
        case .line(let name): line = name
        case .fact(let stated, let subject): (fact, target) = (stated.rawValue, subject)
        }
        return ProviderResolutionView(
            provider: provider.rawValue, line: line, fact: fact, target: target, resolution: resolution.rawValue,
            reason: reason, booked: booked)
    }

    /// - Returns: what was booked as a fee.
    private func end(
        _ difference: ProviderDifference, of provider: ProviderName, _ resolution: StatementResolution, reason: String,
        by actor: String, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Money? {
        switch difference {
        case .line(let name):
            let line = try transaction.movement(name, of: provider)
            let isOpen = try transaction.isOpen(name, of: provider)
            let odd = try transaction.oddLines(named: name, of: provider)
            if !isOpen, odd.known {
                _ = try decideResolution(resolution, of: nil, exists: true, isOpen: !odd.open.isEmpty, reason: reason)
                for one in odd.open { try transaction.end(one, because: reason, by: actor, at: now) }
                return nil
            }
            let fee = try decideResolution(
                resolution, of: line, exists: line != nil, isOpen: isOpen,
                hasFee: try transaction.fee(of: name, by: provider) != nil, reason: reason)
            let entry = try fee.map { try bookFee($0, at: now, in: transaction) }
            let end: MovementEnd = entry.map { MovementEnd.fee($0, reason: reason) } ?? .explained(reason: reason)
            try transaction.end(name, of: provider, end, by: actor, at: now)
            return fee
        case .fact(let fact, let target):
            let isOpen = try transaction.isOpenGap(fact, target, of: provider)
            _ = try decideResolution(
                resolution, of: nil, exists: isOpen != nil, isOpen: isOpen ?? false, reason: reason)
            try transaction.explainGap(fact, target, of: provider, reason: reason, by: actor, at: now)
            return nil
        }
    }
}
