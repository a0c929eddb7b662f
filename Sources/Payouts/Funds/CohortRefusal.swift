public import Values

/// Why nobody comes into a fund's cohort, or leaves it, and why its account stays as it is.
public enum CohortRefusal: Refusal, Hashable {
    /// Hosts do not apply for this fund: it has no cohort.
    case none
    /// The host has applied, and nobody has decided.
    case applied
    /// The host has not applied, or it was decided.
    case notApplied
    /// The host has a place.
    case placed
    /// The host has no place.
    case notPlaced
    /// Every place is held.
    case full(cap: Int)
    /// The account can't pay the place to its end.
    case short(missing: Money)
    /// A criterion is not met: which, what there is and what is needed.
    case notEligible(criterion: String, have: Int64, need: Int64)
    /// A figure that was declared has to be confirmed: nobody said which one finance saw.
    case followers
    /// The host had a place in one of the months already.
    case monthTaken(LocalMonth)
    /// No month that is still to close has anything of the place.
    case noMonths
    /// Hosts were promised these terms, or are in the fund without a place.
    case promised
    /// Not an amount of the fund's currency, or beyond the limit of money.
    case endowment
    /// More would be taken out of the account than is free in it.
    case committed(free: Money)

    public var code: String {
        switch self {
        case .none: "fund_no_cohort"
        case .applied: "fund_applied"
        case .notApplied: "fund_not_applied"
        case .placed: "fund_placed"
        case .notPlaced: "fund_not_placed"
        case .full: "fund_full"
        case .short: "fund_short"
        case .notEligible: "fund_not_eligible"
        case .followers: "fund_followers"
        case .monthTaken: "fund_month_taken"
        case .noMonths: "fund_no_months"
        case .promised: "fund_promised"
        case .endowment: "fund_endowment"
        case .committed: "fund_committed"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .full(let cap): ["cap": "\(cap)"]
        case .short(let missing): ["missing": "\(missing)"]
        case .notEligible(let criterion, let have, let need):
            ["criterion": criterion, "have": "\(have)", "need": "\(need)"]
        case .monthTaken(let month): ["month": "\(month)"]
        case .committed(let free): ["free": "\(free)"]
        case .none, .applied, .notApplied, .placed, .notPlaced, .followers, .noMonths, .promised, .endowment: [:]
        }
    }
}
