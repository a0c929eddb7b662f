public import Payouts
internal import Store
public import Values

/// A place in a fund's cohort.
public struct FundPlaceView: Sendable, Hashable, Codable {
    public struct Month: Sendable, Hashable, Codable {
        public let month: LocalMonth
        public let reserved: Money
    }

    /// Counted from 1 over all places that the fund ever gave.
    public let place: Int
    public let from: LocalDay
    public let to: LocalDay
    /// What is set aside for the months that are still to close.
    public let reserved: [Month]
}

/// Where a host stands with a fund: what it has applied with, what is asked of it and what there is, counted now.
public struct CandidacyView: Sendable, Hashable, Codable {
    public struct Application: Sendable, Hashable, Codable {
        public let number: Int
        public let ageDeclared: Bool
        public let followers: Int64?
        public let note: String?
        public let at: Instant
    }

    public let fund: String
    public let host: HostID
    public let state: Candidate.State
    public let application: Application?
    public let place: FundPlaceView?
    public let criteria: [Criterion]
    /// Whether every criterion is met.
    public let eligible: Bool
    /// Places that nobody holds now.
    public let placesLeft: Int
    public let asOf: Instant
}

/// How the account of a fund with a cohort stands.
public struct FundAccountView: Sendable, Hashable, Codable {
    public let fund: String
    /// The last row of its book.
    public let row: Int
    public let balance: Money
    /// Reserved by places.
    public let committed: Money
    public let free: Money
    public let places: Int
    public let cap: Int

    init(_ program: FundProgram, row: Int, _ account: CohortAccount) {
        fund = program.name
        self.row = row
        balance = Money(account.balance, program.currency)
        committed = Money(account.committed, program.currency)
        free = Money(account.free, program.currency)
        places = account.places
        cap = program.cohort?.places ?? 0
    }
}

/// A row of a fund's book.
public struct FundBookView: Sendable, Encodable {
    public let row: Int
    public let kind: String
    public let at: Instant
    /// Who said it, as the audit log names them.
    public let by: String
    public let reason: String
    public let host: HostID?
    public let place: Int?
    public let from: LocalDay?
    public let to: LocalDay?
    public let month: LocalMonth?
    public let followers: Int64?
    /// As they stood when it was decided.
    public let criteria: [Criterion]?
    /// Behind this row.
    public let places: Int
    public let committed: Money
    public let balance: Money

    init(_ row: FundBookRow, _ currency: Currency) throws(StoreFault) {
        self.row = row.number
        kind = row.kind.rawValue
        at = row.at
        by = row.actor
        reason = row.reason
        host = row.host
        place = row.place
        from = row.from
        to = row.to
        month = row.month
        followers = row.followers
        if let text = row.criteria {
            criteria = try value([Criterion].self, from: text, column: "fund_book.criteria")
        } else {
            criteria = nil
        }
        places = row.after.places
        committed = Money(row.after.committed, currency)
        balance = Money(row.after.balance, currency)
    }
}
