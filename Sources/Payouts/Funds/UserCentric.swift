public import Values

/// A pot of which each listener's part follows that listener's own minutes: whoever hears one host only gives all of it
/// to that host, however little that is beside what others hear.
public struct UserCentricSums: Sendable {
    private var listeners: [String: [HostID: Int64]] = [:]
    private var heard = ListeningSums()

    public init() {}

    /// - Parameter minutes: what ``verifiedMinutes(of:_:in:own:under:calendar:)`` gave for a listener.
    public mutating func add(_ listener: String, _ minutes: [RoomID: Int64], in rooms: [RoomID: FundRoom]) {
        heard.add(minutes, in: rooms)
        let byOwner = ListeningSums.byOwner(minutes, in: rooms).filter { $0.value > 0 }
        if !byOwner.isEmpty { listeners[listener] = byOwner }
    }

    /// Divides a pot evenly over the listeners, and each listener's part over the hosts by that listener's minutes; both
    /// by largest remainder. Hosts with too few listeners take no part: what would be theirs goes to the others whom the
    /// listener hears, and stays if there are none. No host gets more than the cap; what is beyond stays as well.
    public func share(_ terms: PotTerms) -> [FundShare] {
        let hosts = heard.hosts
        let eligible = Set(hosts.filter { $0.listeners >= terms.minUniqueListeners }.map(\.host))
        let names = listeners.keys.sorted()
        var amounts: [HostID: Int64] = [:]
        if !names.isEmpty {
            let parts = largestRemainder(terms.amount, by: names.map { (key: $0, weight: 1) })
            for (name, part) in zip(names, parts) {
                let weights = (listeners[name] ?? [:]).filter { eligible.contains($0.key) }
                    .map { (key: $0.key.text, weight: $0.value, host: $0.key) }.sorted { $0.key < $1.key }
                guard !weights.isEmpty else { continue }
                let shares = largestRemainder(part, by: weights.map { (key: $0.key, weight: $0.weight) })
                for (entry, share) in zip(weights, shares) { amounts[entry.host, default: 0] += share }
            }
        }
        return hosts.map {
            FundShare(
                heard: $0, isEligible: eligible.contains($0.host), amount: min(amounts[$0.host] ?? 0, terms.cap))
        }
    }
}
