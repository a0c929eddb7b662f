internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
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

/// The night of a business day (R6): cut, rate, release, pay, publish.
///
/// Each step is one or more transactions of at most ``stepLimit`` orders; each says what it did in the rows that it
/// writes, so a night that was interrupted goes on where it stopped, and one that is done changes nothing. Facts that do
/// not fit together are a fault (`NightFault`): nothing of that step is stored, and a person has to look.
struct NightRun: Sendable {
    let service: LedgerService
    let day: LocalDay
    let actor: String

    /// Orders in one transaction: a sale waits at most for one of these, some tens of milliseconds.
    var stepLimit = 500

    private var settings: LedgerSettings { service.settings }
    private var policy: SalePolicy { settings.housePolicy }

    /// Runs what is missing of the night.
    func run(cutNow: Bool) async throws {
        guard try await cut(now: cutNow) else { return }
        do {
            while try await rateStep() {}
            var cursor = ReleaseCursor()
            while let next = try await releaseStep(after: cursor) { cursor = next }
            try await payOut()
        } catch is DoneElsewhere {
            // Each step of either was whole, so nothing is left to do but to show the night.
        }
    }

    /// Step 1: decides what belongs to the night. The sequence decides, not the clock.
    /// - Returns: `false` if the night is done already.
    func cut(now cutNow: Bool) async throws -> Bool {
        let now = service.clock.now()
        let end = policy.calendar.cutoff(of: day)
        let isOver = now >= end
        return try await service.database.write { transaction in
            if try transaction.night(day) != nil { return try transaction.nightEnd(day) == nil }
            if let last = try transaction.nights(limit: 1).first {
                guard last.day < day else { throw LedgerRefusal.nightOutOfOrder }
                guard try transaction.nightEnd(last.day) != nil else { throw LedgerRefusal.nightUnderWay }
            }
            let mayBeCut = cutNow && day <= policy.calendar.businessDay(of: now)
            guard isOver || mayBeCut else { throw LedgerRefusal.nightFuture }
            let cut =
                isOver
                ? try transaction.lastSequence(before: end) : try transaction.journalHead().chain.sequence
            let before = try transaction.night(before: day)
            let payeeCut = try transaction.lastPayeeFact(before: isOver ? end : nil)
            let row = NightRow(
                day: day, cut: max(cut, before?.cut ?? 0), payeeCut: max(payeeCut, before?.payeeCut ?? 0),
                cutoff: min(end, now), policy: policy.id, begunAt: now)
            try transaction.insertNight(row, ratedThrough: before?.cut ?? 0)
            try transaction.audit(
                actor: actor, act: "night_begun", subject: day.description, detail: "cut \(row.cut)", at: now)
            return true
        }
    }

    /// Step 2: splits new orders and gives back capacity, in sequence order.
    /// - Returns: whether there may be more.
    func rateStep() async throws -> Bool {
        try await service.database.write { transaction in
            let night = try begun(in: transaction)
            var progress = try transaction.progress(of: day)
            let facts = try transaction.ratingFacts(
                after: progress.ratedThrough, through: night.cut, limit: stepLimit)
            guard let last = facts.last else { return false }
            var input = try input(night, in: transaction)
            input.facts = facts
            var orders: [OrderID: Order] = [:]
            for fact in facts {
                switch fact {
                case .sale(_, let order): orders[order.id] = order
                case .refund(_, let refund):
                    if let order = try transaction.order(refund.order),
                        let split = try transaction.split(of: refund.order)
                    {
                        input.rated[refund.order] = RatedOrder(order: order, split: split)
                    }
                }
            }
            let owners = Array(orders.values) + input.rated.values.map(\.order)
            for key in Set(owners.map { TierKey(host: $0.owner, currency: $0.currency) }) {
                input.tierUse[key] = try transaction.tierUse(of: key)
            }
            let rating = try NightlyRun.rate(input)
            for split in rating.splits {
                guard let order = orders[split.order] else { continue }
                try transaction.insertSplit(split, of: order, on: day)
                try transaction.insertEscrowed(order.id, of: order.room)
            }
            for (key, use) in rating.tierUse.sorted(by: { $0.key < $1.key }) {
                try transaction.insertTierUse(use, of: key, on: day, through: last.sequence)
            }
            for accrual in rating.accruals { try transaction.insertAccrual(accrual) }
            progress.ratedThrough = last.sequence
            progress.rated += rating.splits.count
            try transaction.setProgress(progress, of: day)
            return facts.count == stepLimit
        }
    }

    struct ReleaseCursor: Sendable {
        var room = ""
        var order = ""
    }

    /// Step 3: moves the escrow of delivered rooms to hosts and platform.
    /// - Returns: where to go on; `nil` at the end.
    func releaseStep(after cursor: ReleaseCursor) async throws -> ReleaseCursor? {
        try await service.database.write { transaction in
            let night = try begun(in: transaction)
            let found = try transaction.escrowed(
                over: night.cutoff, after: (cursor.room, cursor.order), limit: stepLimit)
            guard let last = found.last else { return nil }
            var input = try input(night, in: transaction)
            var done: [(RoomID, OrderID)] = []
            for (roomID, orderID) in found {
                guard let standing = try transaction.standing(of: orderID), let room = try transaction.room(roomID),
                    let split = try transaction.split(of: orderID)
                else { throw StoreFault.corrupt(column: "escrowed.order_id") }
                if standing.remaining.isZero { done.append((roomID, orderID)) }
                input.candidates.append(
                    ReleaseCandidate(order: standing.order, split: split, reversed: standing.reversed, room: room))
            }
            // Everything up to the cut was rated in the step before: this rating is empty.
            let rating = try NightlyRun.rate(input)
            let releases = NightlyRun.release(input, rating: rating)
            for release in releases {
                guard let entry = release.entry else { continue }
                let chained = try transaction.append(entry)
                try transaction.insertRelease(
                    of: release.order, on: day, availableOn: release.availableOn, sequence: chained.sequence)
                for accrual in release.accruals { try transaction.insertAccrual(accrual) }
                done.append((release.room, release.order))
            }
            for (room, order) in done { try transaction.removeEscrowed(order, of: room) }
            var progress = try transaction.progress(of: day)
            progress.released += releases.count
            try transaction.setProgress(progress, of: day)
            return ReleaseCursor(room: last.0.text, order: last.1.text)
        }
    }

    /// Step 4: pays what is available, says of the rest why not, and publishes the head. One transaction: a batch is
    /// whole or is not.
    private func payOut() async throws {
        let now = service.clock.now()
        try await service.database.write { transaction in
            let night = try begun(in: transaction)
            let unpaid = try transaction.unpaidAccruals()
            var input = try input(night, in: transaction)
            // As they stood at the cut, however late the night is run or run again.
            for payee in try transaction.payees(through: night.payeeCut) {
                input.withholding[payee.host] = payee.withholding
                if payee.isBlocked { input.blocked.insert(payee.host) }
            }
            let batch = try NightlyRun.payOut(unpaid, input)
            let id = "batch_\(day)"
            let accruals = Dictionary(unpaid.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
            try transaction.insertBatch(batch, id: id, by: actor)
            for item in batch.items {
                let chained = try transaction.append(item.entry)
                try transaction.insertItem(item, batch: id, sequence: chained.sequence)
                try transaction.tell(
                    .payoutMade, of: "\(id)/\(item.host)/\(item.gross.currency)", host: item.host, at: now,
                    EventFacts(
                        host: item.host, amount: item.net, gross: item.gross, withheld: item.withheld, batch: id,
                        day: day))
                for accrual in item.accruals.compactMap({ accruals[$0] }) {
                    try transaction.pay(accrual, batch: id)
                }
            }
            try carry(batch, in: transaction)
            let head = try transaction.journalHead().chain
            try transaction.end(
                NightEnd(headSequence: head.sequence, headHash: head.hash.hex, digest: batch.digest.hex), of: day,
                at: now)
            try service.publish(head, of: day, at: now, in: transaction)
            try transaction.tell(
                .nightDone, of: day.description, at: now,
                EventFacts(count: batch.items.count, batch: id, day: day, digest: batch.digest.hex))
            try transaction.audit(
                actor: actor, act: "night_done", subject: day.description, detail: batch.digest.hex, at: now)
        }
    }

    /// One row for everybody who was paid, waits, earned something tonight, or was in last night's register.
    private func carry(_ batch: PayoutBatch, in transaction: borrowing Transaction) throws {
        var keys = Set(try transaction.tierKeys(movedOn: day))
        keys.formUnion(batch.items.map { TierKey(host: $0.host, currency: $0.gross.currency) })
        keys.formUnion(batch.carried.map { TierKey(host: $0.host, currency: $0.amount.currency) })
        if let before = try transaction.night(before: day) {
            keys.formUnion(try transaction.carried(on: before.day).map(\.key))
        }
        for key in keys.sorted() {
            let rows = batch.carried.filter { $0.host == key.host && $0.amount.currency == key.currency }
            var available: Int64 = 0
            var pending: Int64 = 0
            var nextOn: LocalDay?
            var reason =
                batch.items.contains { $0.host == key.host && $0.gross.currency == key.currency }
                ? "paid" : "nothing"
            for row in rows {
                switch row.reason {
                case .onHold(let day):
                    pending = row.amount.minorUnits
                    nextOn = day
                    if reason == "nothing" { reason = "on_hold" }
                case .negative, .blocked, .belowMinimum, .notABatchDay:
                    available = row.amount.minorUnits
                    reason = row.reason.code == "not_a_batch_day" ? "no_batch_day" : row.reason.code
                }
            }
            try transaction.insertCarried(
                CarriedEntry(
                    key: key, available: available, pending: pending, reason: reason, nextOn: nextOn,
                    bracketUse: try transaction.tierUse(of: key, through: day).used), on: day)
        }
    }

    private func begun(in transaction: borrowing Transaction) throws -> NightRow {
        guard let night = try transaction.night(day) else { throw LedgerRefusal.nightUnknown }
        guard try transaction.nightEnd(day) == nil else { throw DoneElsewhere() }
        return night
    }

    /// Two ran the same night at once and the other one was faster; what it stored is the night.
    private struct DoneElsewhere: Error {}

    private func input(_ night: NightRow, in transaction: borrowing Transaction) throws(StoreFault) -> NightInput {
        NightInput(
            day: day, cut: night.cut, postedAt: max(service.clock.now(), try transaction.journalHead().postedAt),
            policy: settings.policies[night.policy] ?? policy, policies: settings.policies)
    }
}
