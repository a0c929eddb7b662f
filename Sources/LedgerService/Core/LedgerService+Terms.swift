internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// What the service refuses about terms of rooms and what happens to tickets after their sale, by itself.
public enum AfterSaleRefusal: Refusal, Hashable, CaseIterable {
    case termsUnknown

    public var code: String {
        switch self {
        case .termsUnknown: "terms_unknown"
        }
    }
}

/// Terms that a host may choose, as anybody may see them.
public struct TermsView: Sendable, Hashable, Encodable {
    public struct Step: Sendable, Hashable, Encodable {
        /// `doors_open`, `room_starts` or `room_ends`.
        public let until: String
        public let hoursBefore: Int64
        public let shareBp: Int64
    }

    public let terms: String
    public let meaning: String
    public let refund: [Step]
    /// Whether the first use of a ticket ends its refund.
    public let endsWithUse: Bool
    public let maximumTransfers: Int
    public let transfersUntil: String
    /// Of the price, what comes back for a ticket that is resold, and until when; none where tickets are not resold.
    public let resaleShareBp: Int64?
    public let resaleUntil: String?
    /// From this share of its promised time on the room counts as held; below it, what was not held is paid back by
    /// itself. `nil` where nothing of the kind is promised.
    public let deliveryWholeFromBp: Int64?

    init(_ terms: RoomTerms) {
        self.terms = terms.id
        meaning = terms.meaning
        refund = terms.steps.map {
            Step(until: $0.until.rawValue, hoursBefore: $0.hoursBefore, shareBp: $0.share.value)
        }
        endsWithUse = terms.endsWithUse
        maximumTransfers = terms.maximumTransfers
        transfersUntil = terms.transfersUntil.rawValue
        resaleShareBp = terms.resale?.share.value
        resaleUntil = terms.resale?.until.rawValue
        deliveryWholeFromBp = terms.delivery?.wholeFrom.value
    }
}

/// What a refund would give now, and its very postings.
public struct RefundOfferView: Sendable, Hashable, Encodable {
    public let ticket: TicketID
    public let order: OrderID
    public let room: RoomID
    /// The terms of the room, or its policy where it has chosen none.
    public let terms: String
    /// Of the price, all refunds of the order together; what the terms say to a holder, all of it to staff.
    public let shareBp: Int64
    /// What comes back.
    public let amount: Money
    /// What stays with the room.
    public let kept: Money
    /// When it will be less.
    public let until: Instant?
    /// What comes back with it of the ticket's extensions, one each.
    public let extensions: [Money]?
    /// Of everything that comes back.
    public let postings: [LegView]
}

extension LedgerService {
    /// The terms that hosts may choose from.
    public func termsOnOffer() -> [TermsView] { settings.terms.all.map { TermsView($0) } }

    /// What a refund of a ticket would give now. Nothing is written; the refund gives exactly this.
    public func refundOffer(of ticket: TicketID, by caller: Caller) async throws -> RefundOfferView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let now = clock.now()
        return try await database.read { transaction in
            guard let row = try transaction.ticket(ticket), let id = row.order else {
                throw RefundRefusal.ticketUnknown
            }
            let authority = try authority(of: caller, over: row, in: transaction)
            guard try row.revoked == nil || transaction.successor(of: ticket) == nil else {
                throw RefundRefusal.replaced
            }
            guard let standing = try refundable(id, last: row, in: transaction),
                let room = try transaction.room(row.room)
            else { throw RefundRefusal.ticketUnknown }
            let conditions = try conditions(of: standing.order, last: row, in: transaction)
            let request = RefundRequest(id: makeID(), authority: authority)
            let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
            var offer: RefundOffer?
            if authority == .holder {
                offer = try BoxOffice.refundOffer(of: standing, in: room, under: conditions, at: stamp.postedAt)
            }
            let legs: [Leg]
            let amount: Money
            if standing.order.isFree {
                guard row.revoked == nil else { throw RefundRefusal.alreadyRefunded }
                (legs, amount) = ([], .zero(standing.order.currency))
            } else {
                let decision = try decideRefund(
                    request, standing: standing, room: room, under: conditions, stamp: stamp)
                (legs, amount) = (decision.entry.legs, decision.refund.amount)
            }
            let extensions = try extensionsGoingBack(
                with: id, authority: authority, at: stamp.postedAt, in: transaction)
            return RefundOfferView(
                ticket: ticket, order: id, room: room.id,
                terms: conditions.terms.id.isEmpty ? standing.order.policy : conditions.terms.id,
                shareBp: offer?.share.value ?? 10_000, amount: amount, kept: standing.remaining - amount,
                until: offer?.until, extensions: extensions.isEmpty ? nil : extensions.map(\.remaining),
                postings: (legs + extensions.flatMap { PostingRecipe.refund($0, to: $0.order.gross.minorUnits).legs })
                    .map { LegView($0) })
        }
    }

    /// How an order stands, with whoever holds its last ticket as the payee; of an extension the ticket that it is for.
    func refundable(
        _ order: OrderID, last: TicketRow?, in transaction: borrowing Transaction
    ) throws(StoreFault) -> OrderStanding? {
        guard let standing = try transaction.standing(of: order) else { return nil }
        var ticket = last
        if ticket == nil, let row = try transaction.extension(order) {
            ticket = try transaction.lastTicket(of: row.ticketOrder)
        }
        guard case .holder(let holder) = ticket?.subject else { return standing }
        return standing.paying(holder)
    }

    /// What decides how much of an order comes back, beside the order and its room.
    func conditions(
        of order: Order, last: TicketRow?, in transaction: borrowing Transaction
    ) throws(StoreFault) -> RefundConditions {
        RefundConditions(
            try terms(of: order.room, policy: order.policy, in: transaction),
            firstUse: try transaction.firstUse(of: order.id), hasEnded: last?.revoked != nil,
            soldUntil: try transaction.soldUntil(order.id, last: last))
    }

    /// The terms of a room, or those that follow from a policy.
    func terms(
        of room: RoomID, policy: String, in transaction: borrowing Transaction
    ) throws(StoreFault) -> RoomTerms {
        guard let id = try transaction.terms(of: room) else {
            return RoomTerms(of: settings.policies[policy] ?? settings.housePolicy)
        }
        // Terms of an earlier version of the file stay in it: a room is never without its promise.
        guard let terms = settings.terms[id] else { throw .corrupt(column: "room_terms.terms") }
        return terms
    }
}
