public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// What somebody who waits asks for.
public struct WaitingOrder: Sendable, Hashable {
    public var room: RoomID
    public var count: Int
    public var tier: String?
    /// The highest price of one ticket.
    public var most: Money?
    /// The code of a voucher.
    public var voucher: String?
    public var country: CountryEvidence?

    public init(
        room: RoomID, count: Int = 1, tier: String? = nil, most: Money? = nil, voucher: String? = nil,
        country: CountryEvidence? = nil
    ) {
        self.room = room
        self.count = count
        self.tier = tier
        self.most = most
        self.voucher = voucher
        self.country = country
    }

    /// All that it says, in one line, for idempotency.
    var line: String {
        let rest = [
            tier.map { "tier=\($0)" }, most.map { "most=\($0)" }, voucher.map { "voucher=\($0)" },
            country.map { "country=\($0.country)/\($0.source.rawValue)" },
        ]
        return (["\(room)", "\(count)"] + rest.compactMap(\.self)).joined(separator: "|")
    }
}

/// Seats that are offered to a party.
public struct WaitingOfferView: Sendable, Hashable, Encodable {
    /// The hold: it can be paid like any other.
    public let hold: PurchaseID
    /// Of each ticket.
    public let price: Money
    public let total: Money
    /// The tax and the payment fee inside of the price of each ticket.
    public let vat: Money
    public let fee: Money
    public let offeredAt: Instant
    public let expiresAt: Instant
    public let seats: [Int]
    /// What paying each ticket will post; for the holder only, whose wallet it names.
    public let postings: [LegView]?
}

/// A party on a waiting list. The room's host sees how many they are and what they want, not who.
public struct WaitingView: Sendable, Hashable, Encodable {
    public let waiting: WaitingID
    public let room: RoomID
    /// For the holder and the platform's staff.
    public let holder: HolderID?
    /// `waiting`, `passed`, `offered`, `bought`, `lapsed`, `withdrawn` or `ended`.
    public let state: WaitingState.RawValue
    public let count: Int
    public let tier: String?
    /// The highest price of one ticket.
    public let most: Money?
    /// How many are before it, and it: 1 is next. While it waits.
    public let position: Int?
    /// Why seats went past it: `price` or `places`.
    public let reason: WaitingPass.RawValue?
    public let joinedAt: Instant
    public let since: Instant
    public let offer: WaitingOfferView?
    /// For the holder only, once they are paid.
    public let tickets: [BoughtTicket]?
}

/// The waiting list of a room.
public struct WaitingListView: Sendable, Hashable, Encodable {
    public let room: RoomID
    /// Parties in the queue, and the tickets that they want.
    public let parties: Int
    public let tickets: Int
    /// Parties with an open offer.
    public let offered: Int
    /// Open parties in the order of joining; to a wallet only its own.
    public let waiting: [WaitingView]
    public let next: String?
}

extension LedgerService {
    /// Puts the caller on the waiting list of a room, behind everybody else.
    public func joinWaiting(
        _ order: WaitingOrder, key: IdempotencyKey, by caller: Caller
    ) async throws -> WaitingView {
        let holder = try buyer(caller)
        let command = OnceOnly("waiting", by: caller, key: key, request: order.line)
        let id: WaitingID = makeID()
        return try await changeWaiting(command, by: caller) { transaction, now in
            let ticket = TicketOrder(room: order.room, count: order.count, tier: order.tier, voucher: order.voucher)
            let claim = try wish(ticket, in: transaction).voucher
            var voucher: VoucherID?
            if case .known(let standing) = claim { voucher = standing.voucher.id }
            let party = WaitingParty(
                id: id, room: order.room, holder: holder, count: order.count, tier: order.tier, most: order.most,
                voucher: voucher, country: order.country, joinedAt: now)
            // Whoever let an offer lapse may join again.
            try endOverdueOffers(of: order.room, at: now, in: transaction)
            // Seats of holds whose time is over are free, or a ticket's again that had lent its own.
            while try takeBackOverdueSeats(of: order.room, at: now, in: transaction) {}
            let isGathering = try serveQueue(of: order.room, at: now, in: transaction)
            let room = try transaction.room(order.room)
            try checkNotBanned(holder, from: room, in: transaction)
            let length = try transaction.waitingLength(of: order.room)
            let list = WaitingList(
                parties: length.parties + length.offered, isGathering: isGathering,
                hasHolder: try transaction.openWait(of: holder, in: order.room) != nil,
                free: try room.map { try freeNow(of: $0, at: now, in: transaction) } ?? 0)
            let joined = try decideJoining(
                party, voucher: claim, in: try saleNow(of: order.room, in: transaction), list: list, at: now)
            try transaction.insertWait(joined, capacity: room?.capacity ?? 0)
            try transaction.tell(joined, .waiting, 1, at: now)
            return id
        }
    }

    /// Pays what is offered to the caller from the wallet: its tickets, at the price that was offered.
    public func payWaiting(_ id: WaitingID, key: IdempotencyKey, by caller: Caller) async throws -> WaitingView {
        _ = try buyer(caller)
        let offer = try await offeredHold(of: id, by: caller)
        _ = try await payHold(offer, key: key, by: caller)
        return try await waiting(id, by: caller)
    }

    /// The hold that is, or was, offered to a party of the caller.
    func offeredHold(of id: WaitingID, by caller: Caller) async throws -> PurchaseID {
        try await database.read { transaction in
            let row = try visibleWait(id, to: caller, in: transaction)
            guard caller == .wallet(row.party.holder) else { throw WaitingRefusal.unknown }
            guard let offer = row.life.offer else { throw WaitingRefusal.notOffered }
            return offer
        }
    }

    /// Takes the caller off the list; seats that were offered go to the next.
    public func leaveWaiting(_ id: WaitingID, key: IdempotencyKey, by caller: Caller) async throws -> WaitingView {
        let command = OnceOnly("waiting-leave", by: caller, key: key, request: id.text)
        return try await changeWaiting(command, by: caller) { transaction, now in
            let row = try visibleWait(id, to: caller, in: transaction)
            guard caller.isOperator || caller == .wallet(row.party.holder) else { throw WaitingRefusal.unknown }
            let held = try row.life.offer.flatMap { try transaction.heldPurchase($0) }
            let shown = row.life.shown(held?.hold, in: try transaction.room(row.party.room), at: now)
            guard try row.life.leave(shown) else { return id }
            if row.life.state == .offered, var held {
                // The party follows its hold.
                try transaction.append(try held.cancel(at: now), to: held.hold, at: now)
                try giveBack(held.hold, at: now, in: transaction)
            } else {
                try transaction.move(row.party, to: .withdrawn, at: now)
            }
            try serveQueue(of: row.party.room, at: now, in: transaction)
            return id
        }
    }

    public func waiting(_ id: WaitingID, by caller: Caller) async throws -> WaitingView {
        let now = clock.now()
        return try await database.read { transaction in
            try view(of: try visibleWait(id, to: caller, in: transaction), at: now, for: caller, in: transaction)
        }
    }

    /// The list of a room: all of it to its host and the platform's staff, its length and one's own place to a wallet.
    public func waitingList(
        of id: RoomID, _ page: PageRequest, by caller: Caller
    ) async throws -> WaitingListView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let now = clock.now()
        return try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            var rows: [WaitRow]
            var next: String?
            switch caller {
            case .operator, .finance, .auditor, .host(room.host), .moderator(room.host):
                let found = try transaction.openWaits(
                    of: id, after: page.after.flatMap { Int($0) } ?? 0, limit: page.limit + 1)
                (rows, next) = page.page(found) { String($0.life.place) }
            case .wallet(let holder):
                rows = []
                if let own = try transaction.openWait(of: holder, in: id), let row = try transaction.wait(own) {
                    rows = [row]
                }
            case .host, .moderator, .gateway, .anybody:
                throw EdgeRefusal.keyScope("wallet, host of the room, moderator, operator, finance, auditor")
            }
            let length = try transaction.waitingLength(of: id)
            return WaitingListView(
                room: id, parties: length.parties, tickets: length.tickets, offered: length.offered,
                waiting: try rows.map { try view(of: $0, at: now, for: caller, in: transaction) }, next: next)
        }
    }

    /// Carries a command of a waiting list out, once, and shows the party as it stands.
    private func changeWaiting(
        _ command: OnceOnly, by caller: Caller,
        _ body: @escaping @Sendable (borrowing Transaction, Instant) throws -> WaitingID
    ) async throws -> WaitingView {
        let now = clock.now()
        return try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) { try body(transaction, now).text }
            guard let id = WaitingID(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
            let row = try visibleWait(id, to: caller, in: transaction)
            return try view(of: row, at: now, for: caller, in: transaction)
        }
    }

    /// The party, if it is the caller's business; others do not learn whether it exists.
    func visibleWait(
        _ id: WaitingID, to caller: Caller, in transaction: borrowing Transaction
    ) throws -> WaitRow {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        guard let row = try transaction.wait(id) else { throw WaitingRefusal.unknown }
        switch caller {
        case .operator, .finance, .auditor, .wallet(row.party.holder): return row
        case .host(let host), .moderator(let host):
            if try transaction.room(row.party.room)?.host == host { return row }
        case .wallet, .gateway, .anybody: break
        }
        throw WaitingRefusal.unknown
    }

    private func view(
        of row: WaitRow, at now: Instant, for caller: Caller, in transaction: borrowing Transaction
    ) throws -> WaitingView {
        let (party, life) = (row.party, row.life)
        let hold = try life.offer.flatMap { try transaction.heldPurchase($0) }?.hold
        let state = life.shown(hold, in: try transaction.room(party.room), at: now)
        let isHolder = caller == .wallet(party.holder)
        var offer: WaitingOfferView?
        if let hold {
            let legs = PostingRecipe.sale(of: hold.terms, in: party.room, from: .wallet(party.holder))
            func money(_ minorUnits: Int64) -> Money { Money(minorUnits, hold.terms.currency) }
            offer = WaitingOfferView(
                hold: hold.purchase, price: hold.terms.gross, total: hold.total, vat: money(hold.terms.vat),
                fee: money(hold.terms.fee), offeredAt: hold.createdAt, expiresAt: hold.expiresAt,
                seats: state == .offered ? try transaction.keptSeats(of: hold) : [],
                postings: isHolder ? legs.map { LegView($0) } : nil)
        }
        var tickets: [BoughtTicket]?
        if isHolder, state == .bought, let hold {
            let rows = try transaction.orders(of: hold.purchase).compactMap { try transaction.ticket($0.ticket) }
            tickets = try boughtTickets(rows).sorted { $0.seat < $1.seat }
        }
        let waits = state == .waiting || state == .passed
        let seesHolder: Bool
        switch caller {
        case .operator, .finance, .auditor: seesHolder = true
        case .wallet, .host, .moderator, .gateway, .anybody: seesHolder = isHolder
        }
        return WaitingView(
            waiting: party.id, room: party.room, holder: seesHolder ? party.holder : nil, state: state.rawValue,
            count: party.count, tier: party.tier, most: party.most,
            position: waits ? try transaction.waits(before: life.place, in: party.room) + 1 : nil,
            reason: state == .passed ? life.pass?.rawValue : nil, joinedAt: party.joinedAt, since: row.since,
            offer: offer, tickets: tickets)
    }
}
