public import Values

/// What a policy says about tips of listeners to a room's host.
public struct TipPolicy: Hashable, Sendable {
    /// Least and most of one tip; also the currencies in which tips are taken. Empty takes none.
    public let range: [Currency: ClosedRange<Int64>]
    /// Most that one holder tips in one room, minor units; a currency that is not here has no such bound.
    public let mostPerRoom: [Currency: Int64]
    /// What the provider keeps of a tip.
    public let fee: BasisPoints
    /// Whether VAT is inside a tip, as it is inside a ticket's price.
    public let isTaxed: Bool
    /// Longest message, in characters; at most ``Tip/maximumMessage``.
    public let messageLength: Int
    /// How long after a room is over its listeners may still tip.
    public let secondsAfter: Int64

    public init(
        range: [Currency: ClosedRange<Int64>] = [:], mostPerRoom: [Currency: Int64] = [:],
        fee: BasisPoints = BasisPoints(0), isTaxed: Bool = true, messageLength: Int = 140, secondsAfter: Int64 = 3_600
    ) {
        self.range = range
        self.mostPerRoom = mostPerRoom
        self.fee = fee
        self.isTaxed = isTaxed
        self.messageLength = messageLength
        self.secondsAfter = secondsAfter
    }
}

extension TipPolicy {
    /// The tier of a room's price list under which tips of a currency stand. No host can name a tier so.
    public static func tier(of currency: Currency) -> String { "tips:\(currency.code.lowercased())" }

    /// The price version under which tips of a currency stand in a room; `nil` where none are taken.
    public func price(in currency: Currency, of room: RoomID, version: Int, since: Instant) -> PriceVersion? {
        guard let range = range[currency] else { return nil }
        return PriceVersion(
            room: room, version: version, tier: Self.tier(of: currency), kind: .floor(most: range.upperBound),
            price: Money(range.lowerBound, currency), since: since)
    }
}

/// `"tips"` of a preset.
struct TipFile: Decodable {
    struct Range: Decodable {
        let min: Int64
        let max: Int64
    }
    let range: [String: Range]
    let most_per_room: [String: Int64]?
    let fee_bp: Int64?
    let taxed: Bool?
    let message: Int?
    let minutes_after: Int64?
}

extension SalePolicy {
    /// Without `"tips"` none are taken.
    static func tips(_ file: PolicyFile) throws(PolicyFault) -> TipPolicy {
        guard let tips = file.tips else { return TipPolicy() }
        let minutes = tips.minutes_after ?? 60
        let fee = tips.fee_bp ?? 0
        let message = tips.message ?? 140
        guard (0...4_000).contains(fee), (0...10_080).contains(minutes), (0...Tip.maximumMessage).contains(message)
        else {
            throw PolicyFault(
                policy: file.name,
                reason: """
                    Of a tip 0 to 4,000 bp are fees, it is taken up to 10,080 minutes after the room, and its message has \
                    at most \(Tip.maximumMessage) characters.
                    """)
        }
        guard tips.range.keys.allSatisfy({ file.tiers[$0] != nil }) else {
            // A night divides tips as it divides sales, and could not.
            throw PolicyFault(policy: file.name, reason: "Tips are taken in currencies that have brackets.")
        }
        return TipPolicy(
            range: try byCurrency(tips.range, file) { range in
                range.min >= 1 && range.min <= range.max && range.max <= Money.limit ? range.min...range.max : nil
            },
            mostPerRoom: try byCurrency(tips.most_per_room ?? [:], file) {
                (1...Money.limit).contains($0) ? $0 : nil
            },
            fee: BasisPoints(fee), isTaxed: tips.taxed ?? true, messageLength: message, secondsAfter: minutes * 60)
    }
}
