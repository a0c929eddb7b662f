public import Values

/// What a night did, and what it published.
public struct NightView: Sendable, Hashable, Encodable {
    public struct Payout: Sendable, Hashable, Encodable {
        public let host: HostID
        public let gross: Money
        public let withheld: Money
        public let net: Money
    }

    public struct Carried: Sendable, Hashable, Encodable {
        public let host: HostID
        public let available: Money
        public let pending: Money
        public let reason: String
        public let nextOn: LocalDay?
    }

    public let day: LocalDay
    /// `done`, or `under_way` for a night that was interrupted.
    public let state: String
    public let cutoff: Instant
    public let cutSequence: Int64
    public let policy: String
    /// The published head of the journal after the night's own entries.
    public let headSequence: Int64?
    public let headHash: String?
    /// Of the payout batch.
    public let digest: String?
    public let rated: Int
    public let released: Int
    public let payouts: [Payout]
    public let carried: [Carried]
}
