public import Values

/// What a room's escrow held at the night's cut: money of tickets whose room was not yet delivered or released.
public struct EscrowRow: Hashable, Sendable {
    public var room: String
    public var title: String
    public var host: String
    public var currency: Currency
    /// Minor units; the credit balance of the room's escrow account.
    public var held: Int64
    /// State of the room: `scheduled`, `open`, `closed` or `cancelled`.
    public var state: String
    /// The business day on which it will be released, where that is known.
    public var releaseOn: LocalDay?

    public init(
        room: String, title: String, host: String, currency: Currency, held: Int64, state: String,
        releaseOn: LocalDay?
    ) {
        self.room = room
        self.title = title
        self.host = host
        self.currency = currency
        self.held = held
        self.state = state
        self.releaseOn = releaseOn
    }
}
