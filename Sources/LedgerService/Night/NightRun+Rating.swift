internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Values

extension NightRun {
    /// Facts of a night behind a sequence: those of one step.
    struct FactsAhead: Sendable {
        let start: Int64
        let facts: [RatingFact]
    }

    /// Step 2: splits new orders and gives back capacity, in sequence order, and reads the facts of the next part while it
    /// writes one: what is before the cut changes no more.
    func rate() async throws {
        let start = try await service.database.read { try $0.progress(of: day).ratedThrough }
        var known = try? await facts(after: start)
        while true {
            let part = known
            async let ahead = facts(behind: part)
            guard try await rateStep(part) else { return }
            known = await ahead
        }
    }

    /// Nothing where it can't be read now: steps read for themselves then.
    private func facts(behind known: FactsAhead?) async -> FactsAhead? {
        guard let next = known?.facts.last?.sequence else { return nil }
        return try? await facts(after: next)
    }

    private func facts(after start: Int64) async throws -> FactsAhead {
        try await service.database.read { transaction in
            guard let night = try transaction.night(day) else { throw LedgerRefusal.nightUnknown }
            return FactsAhead(
                start: start,
                facts: try transaction.ratingFacts(after: start, through: night.cut, limit: stepLimit))
        }
    }

    /// - Parameter known: facts that were read already, if they are those of this step.
    /// - Returns: whether there may be more.
    func rateStep(_ known: FactsAhead? = nil) async throws -> Bool {
        let goesOn = try await service.database.write { transaction in
            guard let night = try open(in: transaction) else { return false }
            var progress = try transaction.progress(of: day)
            // A part that isn't full may be what another server knew of late: only what writes says that nothing is left.
            let isNext = known?.start == progress.ratedThrough && known?.facts.count == stepLimit
            let facts =
                try (isNext ? known?.facts : nil)
                ?? transaction.ratingFacts(after: progress.ratedThrough, through: night.cut, limit: stepLimit)
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
                // Where fee and tax are all of the price, nothing is in escrow.
                if order.base > 0 { try transaction.insertEscrowed(order.id, of: order.room) }
            }
            for (key, use) in rating.tierUse.sorted(by: { $0.key < $1.key }) {
                try transaction.insertTierUse(use, of: key, on: day, through: last.sequence)
            }
            for accrual in rating.accruals { try transaction.insertAccrual(accrual) }
            progress.ratedThrough = last.sequence
            progress.rated += rating.splits.count
            try transaction.setProgress(progress, of: day)
            CrashPoint.ratingWritten.pass()
            return facts.count == stepLimit
        }
        CrashPoint.ratingCommitted.pass()
        return goesOn
    }
}
