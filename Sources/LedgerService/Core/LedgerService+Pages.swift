internal import BoxOffice
internal import HTTPEdge
internal import Store
public import Values

/// Least and most of one tip.
public struct TipRangeView: Sendable, Hashable, Encodable {
    public let least: Money
    public let most: Money
}

/// What tips a room takes.
public struct TipTermsView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let accepts: Bool
    /// One of each currency.
    public let amounts: [TipRangeView]
    /// The most characters of a message.
    public let messageLength: Int
    /// From the opening of the room until then.
    public let until: Instant
}

/// What the pages ask before a buyer decides; anybody may know it.
extension LedgerService {
    /// The countries with a rate of tax, sorted, where tax follows the buyer; `nil` where it is the same for everybody.
    public func taxCountries(of id: RoomID) async throws -> [String]? {
        let now = clock.now()
        return try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            let policy = settings.policies[room.policy] ?? settings.housePolicy
            guard policy.taxHome != nil else { return nil }
            let day = policy.calendar.businessDay(of: now)
            return settings.taxes.countries.filter { settings.taxes.rate(in: $0, on: day) != nil }
        }
    }

    public func tipTerms(of id: RoomID) async throws -> TipTermsView {
        try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            let policy = (settings.policies[room.policy] ?? settings.housePolicy).tips
            let amounts = policy.range.sorted { $0.key.code < $1.key.code }.map { currency, range in
                TipRangeView(least: Money(range.lowerBound, currency), most: Money(range.upperBound, currency))
            }
            return TipTermsView(
                room: id, accepts: try transaction.takesTips(id) && !amounts.isEmpty, amounts: amounts,
                messageLength: policy.messageLength, until: room.overAt.advanced(bySeconds: policy.secondsAfter))
        }
    }
}
