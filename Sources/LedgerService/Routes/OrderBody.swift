internal import BoxOffice
internal import HTTPEdge
internal import Values

/// What the bodies of orders, quotes, holds and checkouts have in common.
protocol OrderBody {
    var count: Int? { get }
    var tier: String? { get }
    var voucher: String? { get }
    var channel: String? { get }
    /// As the buyer says.
    var country: String? { get }
}

/// A body that may name a quote in the place of all that an order says.
protocol QuotedBody: OrderBody {
    var quote: String? { get }
    var room: RoomID? { get }
    var price: Money? { get }
}

extension QuotedBody {
    /// The quote that a body names, if it does: it says all, and what would be said beside it could be something else.
    func quoteAlone() throws(EdgeRefusal) -> String? {
        guard let quote else { return nil }
        let others: [(String, Bool)] = [
            ("room", room != nil), ("price", price != nil), ("count", count != nil), ("tier", tier != nil),
            ("voucher", voucher != nil), ("channel", channel != nil), ("country", country != nil),
        ]
        if let other = others.first(where: \.1) { throw .unknownMember(path: other.0) }
        return quote
    }
}

extension OrderBody {
    /// The order, once every text is within its bound: no tier, voucher or channel has a longer name.
    func order(of room: RoomID, at price: Money?) throws(EdgeRefusal) -> TicketOrder {
        var evidence: CountryEvidence?
        if let country {
            guard let declared = CountryEvidence(country: country, source: .declared) else {
                throw .bodyWrongType(path: "country")
            }
            evidence = declared
        }
        if let voucher, voucher.utf8.count > 64 { throw .bodyWrongType(path: "voucher") }
        if let channel, channel.utf8.count > 20 { throw .bodyWrongType(path: "channel") }
        if let tier, tier.utf8.count > 32 { throw .bodyWrongType(path: "tier") }
        return TicketOrder(
            room: room, count: count ?? 1, tier: tier, price: price, voucher: voucher, channel: channel,
            country: evidence)
    }
}
