internal import Values

/// A fund that pays an amount for each verified hour.
public struct RateCardTerms: Hashable, Sendable {
    /// Minor units for sixty verified minutes.
    public let perHour: Int64
    /// The most that a month costs, minor units; beyond it everybody gets less in proportion.
    public let budget: Int64
    /// The most that one host gets, minor units; `nil` is no bound.
    public let hostCap: Int64?
    public let minUniqueListeners: Int
    public let listening: ListeningTerms

    public init(
        perHour: Int64, budget: Int64, hostCap: Int64?, minUniqueListeners: Int, listening: ListeningTerms
    ) {
        self.perHour = perHour
        self.budget = budget
        self.hostCap = hostCap
        self.minUniqueListeners = minUniqueListeners
        self.listening = listening
    }
}

/// Pays verified minutes by the hour: `Q(rate·minutes/60)`, at most the host's cap. Where all of it is more than the
/// budget, the budget is divided by largest remainder with these amounts as weights.
public func payByRate(_ terms: RateCardTerms, to hosts: [HostListening]) -> [FundShare] {
    let eligible = hosts.map { $0.listeners >= terms.minUniqueListeners }
    var amounts = zip(hosts, eligible).map { host, isEligible -> Int64 in
        guard isEligible else { return 0 }
        // A host beyond the limit of money is cut to it, so that sums stay far inside 64 bits.
        let exact = (2 * Int128(terms.perHour) * Int128(host.minutes) + 60) / 120
        return Int64(min(exact, Int128(min(terms.hostCap ?? Money.limit, Money.limit))))
    }
    let total = amounts.reduce(Int128(0)) { $0 + Int128($1) }
    if total > Int128(terms.budget) {
        amounts = largestRemainder(
            terms.budget, by: zip(hosts, amounts).map { (key: $0.host.text, weight: $1) })
    }
    return hosts.indices.map { FundShare(heard: hosts[$0], isEligible: eligible[$0], amount: amounts[$0]) }
}
