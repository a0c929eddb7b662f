public import Values

/// Why a fund is not changed.
public enum FundRefusal: Refusal, Hashable, CaseIterable {
    case unknown
    /// A fund gives by one scheme and in one currency for good.
    case kind
    /// Hosts join stipends only; other funds are for whoever is heard.
    case takesNobody
    /// The first day is behind the last, or they are more than ten years apart.
    case days
    /// Neither a holder's nor a host's id, or the host's own.
    case account
    /// Not 1 to 200 printable characters.
    case reason

    public var code: String {
        switch self {
        case .unknown: "fund_unknown"
        case .kind: "fund_kind"
        case .takesNobody: "fund_takes_nobody"
        case .days: "fund_days"
        case .account: "fund_account"
        case .reason: "fund_reason"
        }
    }
}
