internal import BoxOffice
public import HTTPEdge
internal import Ledger
public import Payouts
internal import Store
public import Values

/// What finance decides about a host and a fund.
public struct CohortDecision: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        case accept, decline, end
    }

    public let host: HostID
    public let kind: Kind
    /// Of a place: its days; without them it begins with the next month and has the months of the fund's terms. Of an
    /// end: the last day, today if nothing is said.
    public let from: LocalDay?
    public let to: LocalDay?
    /// That finance has seen.
    public let followers: Int64?
    public let reason: String

    public init(
        host: HostID, kind: Kind, from: LocalDay? = nil, to: LocalDay? = nil, followers: Int64? = nil, reason: String
    ) {
        self.host = host
        self.kind = kind
        self.from = from
        self.to = to
        self.followers = followers
        self.reason = reason
    }

    var text: String {
        "\(host)|\(kind.rawValue)|\(from?.description ?? "")|\(to?.description ?? "")|"
            + "\(followers.map(String.init) ?? "")|\(reason)"
    }
}

/// Cohorts of funds: who applies, who is chosen, and the account that pays them.
extension LedgerService {
    /// Sets money aside for the hosts of a fund, or takes back what is free of it.
    public func endow(
        _ fund: String, by amount: Money, because reason: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> FundAccountView {
        try requireFinance(caller)
        guard isPrintable(reason, characters: 1...200) else { throw FundRefusal.reason }
        let command = OnceOnly("fund-endowment", by: caller, key: key, request: "\(fund)|\(amount)|\(reason)")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let facts = try cohort(fund, at: now, in: transaction)
                guard amount.currency == facts.program.currency else { throw CohortRefusal.endowment }
                let (last, before) = try transaction.cohortAccount(of: fund)
                var account = before
                try account.endow(amount)
                let stamp = try transaction.stamp(makeID(), at: now, calendar: facts.calendar)
                guard
                    let entry = JournalEntry(
                        stamp, kind: .fundBudget, legs: PostingRecipe.fundBudget(of: fund, amount))
                else { throw CohortRefusal.endowment }
                var row = FundBookRow(
                    facts.program, .endowed, number: last + 1, from: before, to: account, because: reason,
                    by: caller.actor, at: now)
                row.sequence = try transaction.append(entry).sequence
                try record(row, facts, amount: amount, in: transaction)
                return text(of: FundAccountView(facts.program, row: row.number, account))
            }
        }
        return try value(FundAccountView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// A host asks for a place.
    public func apply(
        to fund: String, _ declared: CohortDeclaration, note: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> CandidacyView {
        guard case .host(let host) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host")
        }
        guard note.isEmpty || isPrintable(note, characters: 1...500) else { throw FundRefusal.reason }
        let followers = declared.followers.map(String.init) ?? ""
        let command = OnceOnly(
            "fund-application", by: caller, key: key, request: "\(fund)|\(declared.age)|\(followers)|\(note)")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let facts = try cohort(fund, at: now, in: transaction)
                var (candidate, last, _) = try facts.standing(of: host, in: transaction)
                try candidate.apply()
                let number = try transaction.insertFundApplication(
                    to: fund, of: host, behind: last, declared, note: note, by: caller.actor, at: now)
                try transaction.tell(
                    .fundApplied, of: "\(fund)/\(host)/\(number)", host: host, at: now,
                    EventFacts(host: host, program: fund))
                try transaction.audit(
                    actor: caller.actor, act: "fund_applied", subject: host.text, detail: fund, at: now)
                return text(of: try facts.view(of: host, in: transaction))
            }
        }
        return try value(CandidacyView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// A host withdraws its application, or gives its place up: today is its last day.
    public func leave(
        _ fund: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> CandidacyView {
        guard case .host(let host) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host")
        }
        let command = OnceOnly("fund-leave", by: caller, key: key, request: fund)
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let facts = try cohort(fund, at: now, in: transaction)
                let standing = try facts.standing(of: host, in: transaction)
                switch standing.candidate.state {
                case .placed:
                    try end(
                        host, facts, on: nil, because: "left", by: caller.actor, in: transaction)
                case .applied, .outside:
                    try close(host, facts, .withdrawn, because: "withdrawn", by: caller.actor, in: transaction)
                }
                return text(of: try facts.view(of: host, in: transaction))
            }
        }
        return try value(CandidacyView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// Finance accepts or declines an application, or ends a place.
    public func decide(
        _ decision: CohortDecision, in fund: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> CandidacyView {
        try requireFinance(caller)
        guard isPrintable(decision.reason, characters: 1...200) else { throw FundRefusal.reason }
        let command = OnceOnly("fund-decision", by: caller, key: key, request: "\(fund)|\(decision.text)")
        let now = clock.now()
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let facts = try cohort(fund, at: now, in: transaction)
                let host = decision.host
                guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
                switch decision.kind {
                case .accept:
                    let days = try facts.days(from: decision.from, to: decision.to)
                    try accept(decision, for: days, facts, by: caller.actor, in: transaction)
                case .decline:
                    try close(host, facts, .declined, because: decision.reason, by: caller.actor, in: transaction)
                case .end:
                    try end(host, facts, on: decision.to, because: decision.reason, by: caller.actor, in: transaction)
                }
                return text(of: try facts.view(of: host, in: transaction))
            }
        }
        return try value(CandidacyView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// Where a host stands with a fund, counted now.
    public func candidacy(of host: HostID, in fund: String, by caller: Caller) async throws -> CandidacyView {
        if caller != .host(host) { try requireFinanceReading(caller) }
        let now = clock.now()
        return try await database.read { transaction in
            let facts = try cohort(fund, at: now, in: transaction)
            guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
            return try facts.view(of: host, in: transaction)
        }
    }

    /// Whoever has applied ever, by host, each as it stands now.
    public func candidacies(
        in fund: String, _ page: PageRequest, by caller: Caller
    ) async throws -> (applications: [CandidacyView], next: String?) {
        try requireFinanceReading(caller)
        let now = clock.now()
        return try await database.read { transaction in
            let facts = try cohort(fund, at: now, in: transaction)
            let (rows, next) = page.page(
                try transaction.fundApplications(to: fund, after: page.after ?? "", limit: page.limit + 1),
                key: \.host.text)
            var views: [CandidacyView] = []
            for row in rows { views.append(try facts.view(of: row.host, in: transaction)) }
            return (views, next)
        }
    }

    /// The book of a fund: its account and the log of its selection, from the first row.
    public func fundBook(
        _ fund: String, _ page: PageRequest, by caller: Caller
    ) async throws -> (account: FundAccountView, rows: [FundBookView], next: String?) {
        try requireFinanceReading(caller)
        let now = clock.now()
        return try await database.read { transaction in
            let facts = try cohort(fund, at: now, in: transaction)
            let (last, account) = try transaction.cohortAccount(of: fund)
            let (rows, next) = page.page(
                try transaction.fundBook(of: fund, after: page.after.flatMap { Int($0) } ?? 0, limit: page.limit + 1),
                key: { "\($0.number)" })
            var views: [FundBookView] = []
            for row in rows { views.append(try FundBookView(row, facts.program.currency)) }
            return (FundAccountView(facts.program, row: last, account), views, next)
        }
    }

    func cohort(_ fund: String, at now: Instant, in transaction: borrowing Transaction) throws -> CohortFacts {
        guard let versions = try transaction.fundVersions(of: fund) else { throw FundRefusal.unknown }
        return try CohortFacts(versions, calendar: settings.housePolicy.calendar, at: now)
    }
}

extension CohortFacts {
    /// The days of a place: those that are named; else it begins with the next month and has the months of the terms.
    func days(from: LocalDay?, to: LocalDay?) throws(FundRefusal) -> ClosedRange<LocalDay> {
        let next = LocalMonth(of: calendar.localDay(of: now)).advanced(byMonths: 1)
        let first = from.map { monthsTouched(by: $0...$0).lowerBound } ?? next
        let usual = FundProgram.days(from: first, months: cohort.months)
        let (from, to) = (from ?? usual.lowerBound, to ?? usual.upperBound)
        // As an enrolment: what anybody promises.
        guard from <= to, to.daysSince1970 - from.daysSince1970 <= 3_660 else { throw .days }
        return from...to
    }
}
