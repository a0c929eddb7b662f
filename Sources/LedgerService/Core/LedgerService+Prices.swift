public import BoxOffice
internal import HTTPEdge
internal import Store
public import Values

/// A tier of a room's price list as anybody may see it.
public struct TierView: Sendable, Hashable, Encodable {
    public let tier: String
    public let priceVersion: Int
    /// `fixed`, `floor` or `withdrawn`.
    public let kind: String
    /// Above a floor, the least that a buyer may choose.
    public let price: Money
    public let most: Money?
    public let from: Instant?
    public let until: Instant?
    public let places: Int?
    public let placesLeft: Int?
    /// `open`, `not_yet`, `over`, `full` or `withdrawn`.
    public let phase: String

    init(_ offer: PriceOffer, at now: Instant) {
        let version = offer.version
        tier = version.tier
        priceVersion = version.version
        kind = version.kind.name
        price = version.price
        most = version.kind.most.map { Money($0, version.price.currency) }
        from = version.from
        until = version.until
        places = version.places
        placesLeft = offer.left
        phase = offer.phase(at: now).name
    }
}

extension LedgerService {
    /// The price list of a room, cheapest first; tiers that were withdrawn are left out.
    public func prices(of id: RoomID) async throws -> [TierView] {
        let now = clock.now()
        return try await database.read { transaction in
            guard try transaction.room(id) != nil else { throw LedgerRefusal.roomUnknown }
            return try transaction.prices(of: id).offers.filter { $0.version.kind != .withdrawn }
                .map { TierView($0, at: now) }
        }
    }

    /// Sets a tier of a room's price list for those who buy from now on.
    public func setTier(_ draft: TierDraft, of id: RoomID, by caller: Caller) async throws -> [TierView] {
        let now = clock.now()
        try await database.write { transaction in
            let room = try owned(id, by: caller, in: transaction)
            guard let policy = settings.policies[room.policy] else { throw LedgerRefusal.policyUnknown }
            let list = try transaction.prices(of: id)
            let version = try decideTier(
                draft, for: room, in: list, versions: try transaction.priceVersions(of: id), policy: policy, at: now)
            guard version != list[draft.tier]?.version else { return }
            try transaction.insertPrice(version)
            try transaction.audit(
                actor: caller.actor, act: "price_set", subject: id.text, detail: "\(draft.tier) \(draft.price)", at: now
            )
            // Somebody may have waited for just this.
            try serveQueue(of: id, at: now, in: transaction)
        }
        return try await prices(of: id)
    }
}
