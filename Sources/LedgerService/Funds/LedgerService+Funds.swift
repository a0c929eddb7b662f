internal import BoxOffice
public import HTTPEdge
public import Payouts
internal import Store
public import Values

/// A month of a fund that has closed: the public statement, with the figures that it follows from.
public struct FundMonthView: Sendable, Encodable {
    public struct Host: Sendable, Encodable {
        public let host: HostID
        public let amount: Money
        public let eligible: Bool
        /// Of a stipend.
        public let weeks: Int?
        public let weeksEnrolled: Int?
        public let weeksMet: Int?
        /// Of funds that go by listening.
        public let minutes: Int64?
        public let listeners: Int?
    }

    public let month: LocalMonth
    public let version: Int
    public let closedOn: LocalDay
    public let amount: Money
    public let cap: Int64
    public let given: Int64
    public let hosts: [Host]
}

/// A fund with the months that have closed.
public struct FundView: Sendable, Encodable {
    /// The newest ones, as presets write them.
    public let terms: FundProgram
    /// Those of the month that it is, where the newest ones are for later.
    public let current: FundProgram?
    /// Of a fund with a cohort.
    public let account: FundAccountView?
    public let months: [FundMonthView]
}

/// Days on which a host is in a program.
public struct EnrolmentView: Sendable, Hashable, Codable {
    public let fund: String
    public let host: HostID
    public let from: LocalDay
    public let to: LocalDay
}

/// An account whose listening never counts for a host's rooms.
public struct AccountLinkView: Sendable, Hashable, Codable {
    public let host: HostID
    public let account: String
    public let reason: String
    public let since: Instant
}

/// A room that counts for no fund.
public struct RoomExclusionView: Sendable, Hashable, Codable {
    public let room: RoomID
    public let reason: String
    public let since: Instant
}

/// Funds: their terms, who is in them, what does not count, and what their months gave.
extension LedgerService {
    /// Sets the terms of a fund: its first version, or the next one for months that have not begun. The same terms again
    /// change nothing.
    public func setFund(_ terms: FundProgram, key: IdempotencyKey, by caller: Caller) async throws -> FundView {
        try requireFinance(caller)
        let command = OnceOnly("fund", by: caller, key: key, request: text(of: terms))
        let now = clock.now()
        return try await database.write { transaction in
            _ = try transaction.once(command, at: now) {
                let calendar = settings.housePolicy.calendar
                let versions = try transaction.fundVersions(of: terms.name)
                var next = terms.version(1, from: nil)
                if let versions {
                    let current = versions.newest
                    guard current.scheme.kind == terms.scheme.kind, current.currency == terms.currency else {
                        throw FundRefusal.kind
                    }
                    let today = calendar.localDay(of: now)
                    guard let decided = try decideFundVersion(terms, after: versions, on: today) else {
                        return terms.name
                    }
                    next = decided
                    try keepPromises(from: versions, to: next, in: transaction)
                }
                try transaction.insertFundProgram(
                    next, place: try transaction.fundPlace(of: terms.name),
                    from: next.fromMonth.map { calendar.instant(of: $0.begins, minutes: 0) }, by: caller.actor, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "fund_set", subject: terms.name, detail: "version \(next.version)",
                    at: now)
                return terms.name
            }
            return try fundView(terms.name, at: now, in: transaction)
        }
    }

    public func fund(_ name: String, by caller: Caller) async throws -> FundView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let now = clock.now()
        return try await database.read { try fundView(name, at: now, in: $0) }
    }

    /// The terms of every fund, by name.
    public func funds(by caller: Caller) async throws -> [FundProgram] {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        return try await database.read { transaction in
            try transaction.fundVersions(before: Instant(microseconds: .max)).map(\.newest).sorted { $0.name < $1.name }
        }
    }

    /// Puts a host into a stipend for some days, both included.
    public func enroll(
        _ host: HostID, in fund: String, from: LocalDay, to: LocalDay, key: IdempotencyKey, by caller: Caller
    ) async throws -> EnrolmentView {
        try requireFinance(caller)
        // Ten years and a bit: what anybody promises.
        guard from <= to, to.daysSince1970 - from.daysSince1970 <= 3_660 else { throw FundRefusal.days }
        let command = OnceOnly("enrolment", by: caller, key: key, request: "\(fund)|\(host)|\(from)|\(to)")
        let now = clock.now()
        let view = EnrolmentView(fund: fund, host: host, from: from, to: to)
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                guard let program = try transaction.fundProgram(fund) else { throw FundRefusal.unknown }
                guard case .stipend = program.scheme else { throw FundRefusal.takesNobody }
                guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
                if program.cohort == nil {
                    try transaction.insertEnrolment(of: host, in: fund, from...to, by: caller.actor, at: now)
                } else {
                    // Finance takes the host in, whatever the criteria say; a place and its money it needs as others do.
                    try admit(
                        host, for: from...to, try cohort(fund, at: now, in: transaction), because: "enrolled",
                        by: caller.actor, in: transaction)
                }
                try transaction.audit(
                    actor: caller.actor, act: "fund_enrolled", subject: host.text, detail: "\(fund) \(from) \(to)",
                    at: now)
                return text(of: view)
            }
        }
        return try value(EnrolmentView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// Says that an account is a host's own. It can't be unsaid: months that have closed would not be what they were.
    public func link(
        _ account: String, to host: HostID, because reason: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> AccountLinkView {
        try requireFinance(caller)
        guard Subject(account) != nil, account != host.text else { throw FundRefusal.account }
        guard isPrintable(reason, characters: 1...200) else { throw FundRefusal.reason }
        let command = OnceOnly("account-link", by: caller, key: key, request: "\(host)|\(account)|\(reason)")
        let now = clock.now()
        let view = AccountLinkView(host: host, account: account, reason: reason, since: now)
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
                try transaction.linkAccount(account, to: host, because: reason, by: caller.actor, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "account_linked", subject: host.text, detail: "\(account): \(reason)",
                    at: now)
                return text(of: view)
            }
        }
        return try value(AccountLinkView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    /// Takes a room out of every fund, with the reason; months that have closed stay as they are.
    public func excludeFromFunds(
        _ room: RoomID, because reason: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> RoomExclusionView {
        try requireFinance(caller)
        guard isPrintable(reason, characters: 1...200) else { throw FundRefusal.reason }
        let command = OnceOnly("fund-exclusion", by: caller, key: key, request: "\(room)|\(reason)")
        let now = clock.now()
        let view = RoomExclusionView(room: room, reason: reason, since: now)
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                guard try transaction.room(room) != nil else { throw LedgerRefusal.roomUnknown }
                try transaction.exclude(room, because: reason, by: caller.actor, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "room_excluded", subject: room.text, detail: reason, at: now)
                return text(of: view)
            }
        }
        return try value(RoomExclusionView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    private func fundView(
        _ name: String, at now: Instant, in transaction: borrowing Transaction
    ) throws -> FundView {
        guard let versions = try transaction.fundVersions(of: name) else { throw FundRefusal.unknown }
        let program = versions.newest
        let today = settings.housePolicy.calendar.localDay(of: now)
        let current = versions.terms(of: monthsTouched(by: today...today).lowerBound)
        let months = try transaction.fundMonths().filter { $0.program == name }.sorted { $0.month < $1.month }
        let (last, account) = try transaction.cohortAccount(of: name)
        return FundView(
            terms: program, current: current == program ? nil : current,
            account: program.cohort == nil ? nil : FundAccountView(program, row: last, account),
            months: try months.map { month in
                FundMonthView(
                    month: month.month, version: month.version, closedOn: month.closedOn, amount: month.amount,
                    cap: month.cap, given: month.given,
                    hosts: try transaction.fundResults(of: name, month.month).map { FundMonthView.Host($0) })
            })
    }
}

extension FundMonthView.Host {
    init(_ row: FundResultRow) {
        var weeks: (Int, Int, Int)?
        var heard: (Int64, Int)?
        switch row.figures {
        case .weeks(let all, let enrolled, let met): weeks = (all, enrolled, met)
        case .heard(let minutes, let listeners): heard = (minutes, listeners)
        }
        self.init(
            host: row.host, amount: row.amount, eligible: row.isEligible, weeks: weeks?.0, weeksEnrolled: weeks?.1,
            weeksMet: weeks?.2, minutes: heard?.0, listeners: heard?.1)
    }
}
