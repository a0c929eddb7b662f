public import Values

/// A fund's account with what is promised of it: what was paid in and not given yet, and the part that places have
/// reserved. The free rest is never below zero, so that a place is paid to its end.
public struct CohortAccount: Hashable, Sendable {
    /// Places that are held.
    public private(set) var places: Int
    /// Places that were ever given: the number of the last one.
    public private(set) var admissions: Int
    /// Reserved, minor units.
    public private(set) var committed: Int64
    /// Minor units; what the account of the journal says.
    public private(set) var balance: Int64

    /// - Returns: `nil` for figures that no account has.
    public init?(places: Int, admissions: Int, committed: Int64, balance: Int64) {
        guard places >= 0, admissions >= places, committed >= 0, balance >= committed else { return nil }
        self.places = places
        self.admissions = admissions
        self.committed = committed
        self.balance = balance
    }

    /// Before anything happened.
    public init() {
        places = 0
        admissions = 0
        committed = 0
        balance = 0
    }

    public var free: Int64 { balance - committed }

    /// Pays in; below zero, takes out of what is free.
    public mutating func endow(_ amount: Money) throws(CohortRefusal) {
        guard !amount.isZero, amount.minorUnits.magnitude <= UInt64(Money.limit),
            balance + amount.minorUnits <= Money.limit
        else { throw .endowment }
        guard free + amount.minorUnits >= 0 else { throw .committed(free: Money(free, amount.currency)) }
        balance += amount.minorUnits
    }

    /// Gives a place that reserves an amount.
    ///
    /// Checks in this order: a place is left; the account can pay it.
    /// - Returns: its number.
    public mutating func admit(reserving amount: Money, cap: Int) throws(CohortRefusal) -> Int {
        precondition(amount.minorUnits >= 0, "A place reserves no less than nothing.")
        guard places < cap else { throw .full(cap: cap) }
        guard amount.minorUnits <= free else { throw .short(missing: Money(amount.minorUnits - free, amount.currency)) }
        places += 1
        admissions += 1
        committed += amount.minorUnits
        return admissions
    }

    /// A place is given up, and what of it will never be given.
    public mutating func end(releasing amount: Int64) {
        precondition(places > 0 && (0...committed).contains(amount), "Only what is held is given up.")
        places -= 1
        committed -= amount
    }

    /// A month closes: what was reserved for it is free or given.
    /// - Returns: `false`, and nothing changes, if more would be given than was reserved.
    public mutating func close(releasing reserved: Int64, giving given: Int64) -> Bool {
        guard (0...committed).contains(reserved), (0...reserved).contains(given) else { return false }
        committed -= reserved
        balance -= given
        return true
    }
}

/// The months in which days of a place can meet a week: those of their ISO weeks.
public func monthsTouched(by days: ClosedRange<LocalDay>) -> ClosedRange<LocalMonth> {
    LocalMonth(of: thursday(of: days.lowerBound))...LocalMonth(of: thursday(of: days.upperBound))
}

private func thursday(of day: LocalDay) -> LocalDay { day.advanced(byDays: 4 - day.weekday) }

extension ClosedRange<LocalMonth> {
    /// Each of them, in order.
    public var all: [LocalMonth] {
        var found: [LocalMonth] = []
        var month = lowerBound
        while month <= upperBound {
            found.append(month)
            month = month.advanced(byMonths: 1)
        }
        return found
    }
}

extension StipendTerms {
    /// The most that a month can give for days: each week that is whole in them met (R8). Minor units.
    public func most(for month: LocalMonth, in days: ClosedRange<LocalDay>) -> Int64 {
        let mondays = month.mondays
        let whole = mondays.count { days.contains($0) && days.contains($0.advanced(byDays: 6)) }
        return switch mode {
        case .prorata: quotientHalfUp(amount, Int64(whole), Int64(mondays.count))
        case .allOrNothing: whole == mondays.count ? amount : 0
        }
    }
}

extension FundProgram {
    /// Whether it is for a month at all.
    public func covers(_ month: LocalMonth) -> Bool {
        (firstMonth.map { $0 <= month } ?? true) && (lastMonth.map { month <= $0 } ?? true)
    }

    /// The days of a place that begins with a month and has so many: whole ISO weeks.
    public static func days(from first: LocalMonth, months count: Int) -> ClosedRange<LocalDay> {
        let last = first.advanced(byMonths: max(1, count) - 1)
        guard let from = first.mondays.first, let to = last.mondays.last else {
            preconditionFailure("Every month has a week.")
        }
        return from...to.advanced(byDays: 6)
    }
}
