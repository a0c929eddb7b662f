import BoxOffice
import Ledger
import Payouts
import Values

/// A naive house: everything is kept in arrays and dictionaries, and each night gets only what a real store would feed.
///
/// It drives the same pure functions as the service. What the service does with SQL, this does by looking through
/// everything, so the two have no shortcut in common.
struct HouseModel {
    struct OrderRow {
        let order: Order
        let sequence: Int64
        var reversed: Int64 = 0
        var split: OrderSplit?
        var releasedOn: LocalDay?
    }

    struct RefundRow {
        let refund: Refund
        let sequence: Int64
    }

    let policy: SalePolicy
    let policies: PolicyBook
    var rooms: [RoomID: Room] = [:]
    var orders: [OrderID: OrderRow] = [:]
    var refunds: [RefundRow] = []
    var tierUse: [TierKey: TierUse] = [:]
    var accruals: [Accrual] = []
    var paid: Set<AccrualID> = []
    var decisions: [NightDecision] = []
    var batches: [PayoutBatch] { decisions.map(\.batch) }
    var journal: [ChainedEntry] = []
    var balances = Balances()
    var head = ChainHead.genesis
    var lastCut: Int64 = 0
    var blocked: Set<HostID> = []
    var withholding: [HostID: BasisPoints] = [:]

    init(policy: SalePolicy) {
        self.policy = policy
        policies = PolicyBook([policy])
    }

    mutating func post(_ entry: JournalEntry) {
        let chained = ChainedEntry(entry, after: head)
        journal.append(chained)
        head = chained.head
        balances.apply(entry)
    }

    func stamp(_ name: String, at instant: Instant) -> EntryStamp {
        EntryStamp(
            id: EntryID.derived(at: instant, from: name), postedAt: instant,
            effectiveOn: policy.calendar.businessDay(of: instant))
    }

    func wallet(_ holder: HolderID, _ currency: Currency) -> Money {
        balances.amount(in: .wallet(holder), in: currency)
    }

    func standing(_ id: OrderID) -> OrderStanding? {
        orders[id].map { row in
            let settlement: OrderStanding.Settlement =
                if let split = row.split, let day = row.releasedOn {
                    .released(split, availableOn: day)
                } else { .escrow }
            return OrderStanding(order: row.order, reversed: row.reversed, settlement: settlement)
        }
    }

    /// Records a sale that was decided elsewhere.
    mutating func record(_ order: Order, _ entry: JournalEntry) {
        post(entry)
        orders[order.id] = OrderRow(order: order, sequence: head.sequence)
    }

    mutating func refund(_ request: RefundRequest, of id: OrderID, at instant: Instant) throws(RefundRefusal) {
        let decision = try decideRefund(
            request, standing: standing(id), room: orders[id].flatMap { rooms[$0.order.room] },
            under: RefundConditions(RoomTerms(of: policy)), stamp: stamp("refund|\(request.id)", at: instant))
        post(decision.entry)
        orders[id]?.reversed = decision.refund.reversedAfter
        refunds.append(RefundRow(refund: decision.refund, sequence: head.sequence))
    }

    /// What a store would feed into the night of `day`, run at `instant`.
    func nightInput(_ day: LocalDay, at instant: Instant) -> NightInput {
        let cutoff = policy.calendar.cutoff(of: day)
        let cut = journal.last { $0.entry.postedAt < cutoff }?.sequence ?? 0
        let new = (lastCut + 1)...max(lastCut + 1, cut)
        let sales = orders.values.filter { new.contains($0.sequence) && $0.sequence <= cut }
        let back = refunds.filter { new.contains($0.sequence) && $0.sequence <= cut }
        let facts =
            sales.map { RatingFact.sale(sequence: $0.sequence, $0.order) }
            + back.map { RatingFact.refund(sequence: $0.sequence, $0.refund) }
        let rated = back.compactMap { row in
            orders[row.refund.order].flatMap { order in
                order.split.map { (order.order.id, RatedOrder(order: order.order, split: $0)) }
            }
        }
        let candidates = orders.values.compactMap { row -> ReleaseCandidate? in
            guard row.releasedOn == nil, row.reversed < row.order.gross.minorUnits, let room = rooms[row.order.room]
            else { return nil }
            return ReleaseCandidate(order: row.order, split: row.split, reversed: row.reversed, room: room)
        }
        return NightInput(
            day: day, cut: cut, postedAt: instant, facts: facts.sorted { $0.sequence < $1.sequence }, tierUse: tierUse,
            rated: Dictionary(rated, uniquingKeysWith: { first, _ in first }), candidates: candidates,
            unpaid: accruals.filter { !paid.contains($0.id) }, blocked: blocked, withholding: withholding,
            policy: policy, policies: policies)
    }

    /// Decides the night and stores everything that it decided.
    @discardableResult
    mutating func runNight(_ day: LocalDay, at instant: Instant) throws(NightFault) -> NightDecision {
        let input = nightInput(day, at: instant)
        let decision = try NightlyRun.decide(input)
        for split in decision.rating.splits { orders[split.order]?.split = split }
        tierUse.merge(decision.rating.tierUse) { _, new in new }
        for release in decision.releases { orders[release.order]?.releasedOn = release.availableOn }
        accruals += decision.accruals
        paid.formUnion(decision.paid)
        for entry in decision.entries { post(entry) }
        decisions.append(decision)
        lastCut = input.cut
        return decision
    }
}
