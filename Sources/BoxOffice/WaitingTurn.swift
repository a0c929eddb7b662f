public import Values

/// What a party's turn comes to.
public enum WaitingTurn: Hashable, Sendable {
    /// Its seats are free: they are offered at these terms.
    case offer(TicketTerms)
    /// It wants what there is, and there is not enough of it yet: free seats wait for it, and so does everybody behind.
    case gather
    /// It does not want what there is, or cannot have it: whoever is behind comes first this time.
    case pass(WaitingPass)
}

/// The list as somebody who joins meets it.
public struct WaitingList: Hashable, Sendable {
    /// Parties that wait at one time in a room. Each purchase looks at who waits before it, so the list has a bound.
    public static let maximumParties = 2_000

    /// Open parties.
    public let parties: Int
    /// Whether free seats gather for somebody.
    public let isGathering: Bool
    /// Whether this holder waits already.
    public let hasHolder: Bool
    /// Free seats of the room.
    public let free: Int

    public init(parties: Int, isGathering: Bool, hasHolder: Bool, free: Int) {
        self.parties = parties
        self.isGathering = isGathering
        self.hasHolder = hasHolder
        self.free = free
    }
}

/// Whether free seats go to a party now.
///
/// It is asked for in strict order of joining. The terms are the first that are sold now and within ``WaitingParty/most``:
/// with the voucher before without, the named tier before the others, cheaper before dearer. A party that finds terms has
/// the seats, or gathers them: nobody behind it and no ordinary buyer gets one meanwhile, even if more seats are wanted
/// than will ever come back. (So a party is never larger than the room.) A party that finds none is passed over and
/// holds nobody up; it keeps its place, and the price may come down again.
/// - Parameters:
///   - voucher: as it stands now.
///   - free: seats of the room that nobody has.
public func decideTurn(
    of party: WaitingParty, voucher: VoucherClaim, in sale: RoomOnSale, free: Int, at instant: Instant
) -> WaitingTurn {
    let open = sale.prices.offers.map(\.version.tier)
    let tiers = (party.tier.map { [$0] } ?? []) + open.filter { $0 != party.tier }
    var isTooDear = false
    for claim in voucher == .none ? [.none] : [voucher, .none] {
        for tier in tiers {
            let wish = TicketWish(
                room: party.room, count: party.count, tier: tier, voucher: claim, country: party.country)
            guard let terms = try? decideTerms(wish, in: sale, at: instant) else { continue }
            if let most = party.most, most.currency != terms.currency || terms.gross.minorUnits > most.minorUnits {
                isTooDear = true
                continue
            }
            return free >= party.count ? .offer(terms) : .gather
        }
    }
    return .pass(isTooDear ? .price : .places)
}

/// Puts a holder on the list. Checks in this order: the room exists, is not cancelled, neither closed nor over, on sale;
/// the count, and that the room has so many seats; the tier; the price; the voucher; the list's length; the holder does
/// not wait already; and there is nothing to buy: with free seats, places at a price and nobody before, one buys.
/// - Returns: the party, as it is stored.
public func decideJoining(
    _ party: WaitingParty, voucher: VoucherClaim, in sale: RoomOnSale, list: WaitingList, at instant: Instant
) throws(WaitingRefusal) -> WaitingParty {
    guard let room = sale.room, let currency = sale.prices.offers.last?.version.price.currency else {
        throw .purchase(.roomUnknown)
    }
    if case .cancelled = room.state { throw .purchase(.roomCancelled) }
    guard room.sells(at: instant) else { throw .purchase(.roomClosed) }
    if let opensAt = room.saleOpensAt, instant < opensAt { throw .purchase(.saleNotOpen(opensAt: opensAt)) }
    guard (1...TicketWish.maximumCount).contains(party.count) else {
        throw .purchase(.count(most: TicketWish.maximumCount))
    }
    guard party.count <= room.capacity else { throw .tooMany(capacity: room.capacity) }
    if let tier = party.tier, sale.prices[tier] == nil { throw .purchase(.tierUnknown) }
    if let most = party.most, most.currency != currency || most.minorUnits < 0 { throw .price }
    do {
        _ = try voucher.voucher(for: room, count: party.count, at: instant)
    } catch {
        switch error {
        // It may count by the time that seats are free.
        case .voucherNotYet, .voucherUsedUp: break
        default: throw .purchase(error)
        }
    }
    guard list.parties < WaitingList.maximumParties else { throw .full(most: WaitingList.maximumParties) }
    guard !list.hasHolder else { throw .already }
    let turn = decideTurn(of: party.atAnyPrice, voucher: voucher, in: sale, free: list.free, at: instant)
    if case .offer = turn, !list.isGathering { throw .notNeeded(left: list.free) }
    return party
}

/// The hold by which seats are offered to a party.
/// - Parameters:
///   - seconds: for which it stands; never longer than the room's sale.
public func offer(
    _ terms: TicketTerms, to party: WaitingParty, as purchase: PurchaseID, in room: Room, seconds: Int64,
    at instant: Instant
) -> Hold {
    Hold(
        purchase: purchase, room: room.id, holder: party.holder, count: party.count, terms: terms, createdAt: instant,
        expiresAt: min(instant.advanced(bySeconds: seconds), room.endsAt))
}
