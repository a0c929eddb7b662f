internal import BoxOffice
internal import Ledger
internal import Values

/// The night (R6) as pure functions: rate what is new, release what was delivered, pay what is available.
///
/// Each step can be called by itself; ``decide(_:)`` is all of them in order. Ids follow from the facts, so the same
/// input gives the same bytes.
public enum NightlyRun {
    public static func decide(_ input: NightInput) throws(NightFault) -> NightDecision {
        let rating = try rate(input)
        let releases = release(input, rating: rating)
        let accruals = input.unpaid + rating.accruals + releases.flatMap(\.accruals)
        let batch = try payOut(try DueBalance.balances(of: accruals, on: input.day), input)
        let payees = Set(batch.items.map { TierKey(host: $0.host, currency: $0.gross.currency) })
        let paid = accruals.filter {
            $0.availableOn <= input.day && payees.contains(TierKey(host: $0.host, currency: $0.amount.currency))
        }
        return NightDecision(
            rating: rating, releases: releases, batch: batch, paid: paid.map(\.id).sorted())
    }

    /// Splits new orders by the owner's bracket use and gives back what refunds free, in sequence order (R1, R2, R4).
    public static func rate(_ input: NightInput) throws(NightFault) -> Rating {
        var last: Int64 = 0
        for fact in input.facts {
            guard fact.sequence > last, fact.sequence <= input.cut else { throw .outOfSequence(fact.sequence) }
            last = fact.sequence
        }
        var rating = Rating()
        var known = input.rated
        for fact in input.facts {
            switch fact {
            case .sale(_, let order):
                guard let tiers = input.policies[order.policy]?.tiers[order.currency] else { throw .noTiers(order.id) }
                let key = TierKey(host: order.owner, currency: order.currency)
                var use = rating.tierUse[key] ?? input.tierUse[key] ?? TierUse()
                let split = Payouts.rate(order, over: tiers, use: &use)
                rating.tierUse[key] = use
                rating.splits.append(split)
                known[order.id] = RatedOrder(order: order, split: split)
            case .refund(_, let refund):
                guard let rated = known[refund.order] else { throw .unratedOrder(refund.order) }
                let key = TierKey(host: rated.order.owner, currency: rated.order.currency)
                var use = rating.tierUse[key] ?? input.tierUse[key] ?? TierUse()
                use.giveBack(
                    rated.split.parts, from: refund.bracketsBefore, to: refund.bracketsAfter,
                    of: rated.order.gross.minorUnits)
                rating.tierUse[key] = use
                rating.accruals += reversals(refund, input)
            }
        }
        return rating
    }

    /// The negative accruals of a refund after the release: where the share is, if it is still on hold, else at once (R5).
    private static func reversals(_ refund: Refund, _ input: NightInput) -> [Accrual] {
        let day = max(refund.shareAvailableOn ?? input.day, input.day)
        return refund.hostReversals.map { part in
            Accrual(
                id: AccrualID.derived(at: input.postedAt, from: "reversal|\(refund.id)|\(part.host)"), kind: .reversal,
                host: part.host, amount: -part.amount, availableOn: day, accruedOn: input.day, room: refund.room,
                order: refund.order)
        }
    }

    /// Releases the escrow of orders whose room was delivered before the cut-off, of the part that was not reversed.
    ///
    /// An order without a split was sold behind the cut: it waits for the next night.
    public static func release(_ input: NightInput, rating: Rating) -> [Release] {
        let cutoff = input.policy.calendar.cutoff(of: input.day)
        let fresh = Dictionary(rating.splits.map { ($0.order, $0) }, uniquingKeysWith: { first, _ in first })
        let candidates = input.candidates.sorted { ($0.room.id, $0.order.id) < ($1.room.id, $1.order.id) }
        return candidates.compactMap { candidate in
            let order = candidate.order
            guard let split = candidate.split ?? fresh[order.id], candidate.reversed < order.gross.minorUnits,
                let endedAt = candidate.room.delivered(before: cutoff)
            else { return nil }
            let policy = input.policies[order.policy] ?? input.policy
            let availableOn = availabilityDay(soldAt: order.soldAt, roomEndedAt: endedAt, policy: policy)
                .advanced(byDays: candidate.extraHoldDays)
            if input.releasesWhenAvailable, availableOn > input.day { return nil }
            let recipe = PostingRecipe.release(order, reversed: candidate.reversed, split: split)
            let stamp = EntryStamp(
                id: EntryID.derived(at: input.postedAt, from: "release|\(order.id)"), postedAt: input.postedAt,
                effectiveOn: input.day)
            return Release(
                order: order.id, room: order.room, entry: JournalEntry(stamp, kind: .release, legs: recipe.legs),
                availableOn: availableOn,
                accruals: recipe.hosts.map { part in
                    Accrual(
                        id: AccrualID.derived(at: input.postedAt, from: "share|\(order.id)|\(part.host)"), kind: .share,
                        host: part.host, amount: part.amount, availableOn: availableOn, accruedOn: input.day,
                        room: order.room, order: order.id)
                })
        }
    }
}
