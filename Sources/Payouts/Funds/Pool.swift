public import Values

/// A pot that is shared by verified minutes (R10).
public struct PotTerms: Hashable, Sendable {
    /// Minor units a month.
    public let amount: Int64
    /// The most that one host gets of it.
    public let hostCap: BasisPoints
    /// Who has fewer takes no part.
    public let minUniqueListeners: Int
    public let listening: ListeningTerms
    /// A stipend program whose hosts alone take part; `nil` for every host.
    public let enrolledIn: String?

    public init(
        amount: Int64, hostCap: BasisPoints, minUniqueListeners: Int, listening: ListeningTerms,
        enrolledIn: String? = nil
    ) {
        self.amount = amount
        self.hostCap = hostCap
        self.minUniqueListeners = minUniqueListeners
        self.listening = listening
        self.enrolledIn = enrolledIn
    }

    /// Minor units: `floor(amount·cap/10000)`.
    public var cap: Int64 { Int64(Int128(amount) * Int128(hostCap.value) / 10_000) }
}

/// What a host gets of a month of a fund.
public struct FundShare: Hashable, Sendable {
    public let heard: HostListening
    /// Whether the host takes part.
    public let isEligible: Bool
    /// Minor units.
    public let amount: Int64
}

/// Shares a pot (R10). Whoever's exact quota reaches the cap gets the cap and leaves; the rest is shared again until
/// nobody's does; then largest remainder. What nobody can take stays.
/// - Returns: a share for each host, in the order given; their sum is at most the pot.
public func sharePot(
    _ amount: Int64, cap: Int64, minUniqueListeners: Int, among hosts: [HostListening]
) -> [FundShare] {
    let eligible = hosts.map { $0.listeners >= minUniqueListeners }
    var amounts = hosts.map { _ in Int64(0) }
    var open = hosts.indices.filter { eligible[$0] && hosts[$0].minutes > 0 }
    var rest = amount
    while !open.isEmpty {
        let total = open.reduce(Int128(0)) { $0 + Int128(hosts[$1].minutes) }
        let capped = Set(open.filter { Int128(rest) * Int128(hosts[$0].minutes) >= Int128(cap) * total })
        guard !capped.isEmpty else { break }
        for index in capped { amounts[index] = cap }
        rest -= cap * Int64(capped.count)
        open.removeAll { capped.contains($0) }
    }
    if !open.isEmpty {
        let parts = largestRemainder(rest, by: open.map { (key: hosts[$0].host.text, weight: hosts[$0].minutes) })
        for (index, part) in zip(open, parts) { amounts[index] = part }
    }
    return hosts.indices.map { FundShare(heard: hosts[$0], isEligible: eligible[$0], amount: amounts[$0]) }
}
