public import Ledger
public import Values

/// Orders of a room of which nothing moved since their sale, and whose full refunds move the same accounts: added up.
public struct OrderSum: Hashable, Sendable {
    public let currency: Currency
    public let vatAccount: Account
    public let feeAccount: Account
    public let feeIsRefundable: Bool
    public let orders: Int
    /// Minor units.
    public let gross: Int64
    public let vat: Int64
    public let fee: Int64

    public init(
        currency: Currency, vatAccount: Account, feeAccount: Account, feeIsRefundable: Bool, orders: Int, gross: Int64,
        vat: Int64, fee: Int64
    ) {
        self.currency = currency
        self.vatAccount = vatAccount
        self.feeAccount = feeAccount
        self.feeIsRefundable = feeIsRefundable
        self.orders = orders
        self.gross = gross
        self.vat = vat
        self.fee = fee
    }
}

/// What many entries move between two accounts.
public struct PostingSum: Hashable, Sendable, Codable {
    public let debit: Account
    /// `liabilities:wallet:holders` stands for the wallets of all holders.
    public let credit: Account
    public let amount: Money

    public init(debit: Account, credit: Account, amount: Money) {
        self.debit = debit
        self.credit = credit
        self.amount = amount
    }
}

/// Money of the room's buyers that cancelling does not move, and why.
public struct NotGivenBack: Hashable, Sendable, Codable {
    public enum Reason: String, Hashable, Sendable, Codable, CaseIterable {
        /// The store or provider keeps its fee: holders get it all the same, and the platform bears it.
        case feeKept = "fee_kept"
        /// It went back before.
        case refundedBefore = "refunded_before"
        /// Its holder gave the ticket up before, for less than its price, under the terms of the room. Only in plans of
        /// earlier versions: what such a ticket left goes back as well, for nothing of it was delivered.
        case settled
        /// It arrived for a hold and waits in suspense for its own resolution.
        case suspense
    }

    public let reason: Reason
    /// How many orders or payments.
    public let count: Int
    public let amount: Money

    public init(reason: Reason, count: Int, amount: Money) {
        self.reason = reason
        self.count = count
        self.amount = amount
    }
}

/// How many things cancelling ends.
public struct CancellationCounts: Hashable, Sendable, Codable {
    /// Orders of which money goes back.
    public var orders: Int
    /// Holders who get money back.
    public var holders: Int
    /// Tickets of holders in force; those that cost nothing are among them.
    public var tickets: Int
    /// Stage passes in force.
    public var passes: Int
    /// Purchases whose seats wait for their money.
    public var holds: Int

    public init(orders: Int, holders: Int, tickets: Int, passes: Int, holds: Int) {
        self.orders = orders
        self.holders = holders
        self.tickets = tickets
        self.passes = passes
        self.holds = holds
    }
}

/// What a room holds of its buyers at a moment: all that a plan is made of.
public struct RoomHoldings: Hashable, Sendable {
    /// Orders that are whole, added up.
    public let whole: [OrderSum]
    /// Orders of which a part was given back or that were released, one by one.
    public let partly: [OrderStanding]
    public let counts: CancellationCounts
    /// Every reason of ``NotGivenBack`` but ``NotGivenBack/Reason/feeKept``.
    public let elsewhere: [NotGivenBack]

    public init(
        whole: [OrderSum], partly: [OrderStanding], counts: CancellationCounts, elsewhere: [NotGivenBack] = []
    ) {
        self.whole = whole
        self.partly = partly
        self.counts = counts
        self.elsewhere = elsewhere
    }

    /// What goes back, one amount a currency, by its code.
    public var refunds: [Money] {
        var sums: [Currency: Int64] = [:]
        for sum in whole where sum.gross > 0 { sums[sum.currency, default: 0] += sum.gross }
        for standing in partly where standing.remaining.isPositive {
            sums[standing.remaining.currency, default: 0] += standing.remaining.minorUnits
        }
        return sums.map { Money($0.value, $0.key) }.sorted { $0.currency.code < $1.currency.code }
    }
}

/// What cancelling a room will do, as it is shown before: nothing has happened yet.
public struct CancellationPlan: Hashable, Sendable, Codable {
    public let cancellation: CancellationID
    public let room: RoomID
    public let madeAt: Instant
    /// From when the plan can't be carried out any more.
    public let expiresAt: Instant
    public let counts: CancellationCounts
    /// One amount a currency.
    public let refunds: [Money]
    /// What all refunds post, added up.
    public let postings: [PostingSum]
    public let notGivenBack: [NotGivenBack]
    /// Whether a second person has to approve: more goes back than the policy lets one person decide.
    public let needsSecond: Bool

    /// The digest of a plan's text, by which it is approved and carried out.
    public static func digest(ofText text: String) -> SHA256Digest {
        SHA256Digest(of: "guichet cancellation 1\n" + text)
    }

    /// Whether what a room holds now lies within what the plan has shown: not more money of any currency, not more
    /// orders, not more tickets. Less is no surprise to anybody.
    public func covers(_ now: RoomHoldings) -> Bool {
        let shown = Dictionary(refunds.map { ($0.currency, $0.minorUnits) }, uniquingKeysWith: +)
        return now.refunds.allSatisfy { $0.minorUnits <= shown[$0.currency] ?? 0 } && now.counts.orders <= counts.orders
            && now.counts.tickets <= counts.tickets
    }
}

/// Plans the cancelling of a room. Checks the same as ``Room/cancelled(at:)``.
///
/// A room that was cancelled before, and of which something is left to give back, needs no second person: that the money
/// goes back was decided then.
public func decideCancellation(
    _ id: CancellationID, of room: Room, holdings: RoomHoldings, policy: CancellationPolicy, at instant: Instant
) throws(RoomStateRefusal) -> CancellationPlan {
    let cancelled = try room.cancelled(at: instant)
    let refunds = holdings.refunds
    let postings = PostingRecipe.cancellation(of: room.id, holdings)
    let kept = postings.filter { $0.debit == .commission }
    let fees = kept.map { posting in
        let orders = holdings.whole.filter {
            !$0.feeIsRefundable && $0.fee > 0 && $0.currency == posting.amount.currency
        }
        .reduce(0) { $0 + $1.orders }
        let others = holdings.partly.count {
            !$0.order.feeIsRefundable && $0.order.fee > 0 && $0.order.currency == posting.amount.currency
        }
        return NotGivenBack(reason: .feeKept, count: orders + others, amount: posting.amount)
    }
    return CancellationPlan(
        cancellation: id, room: room.id, madeAt: instant,
        expiresAt: instant.advanced(bySeconds: policy.planSeconds), counts: holdings.counts, refunds: refunds,
        postings: postings, notGivenBack: fees + holdings.elsewhere,
        needsSecond: cancelled != room && refunds.contains { policy.needsSecond($0) })
}

extension PostingRecipe {
    /// What the refunds of everything that a room holds post, added up by accounts: the sum of what
    /// ``refund(_:to:)`` makes for each order.
    public static func cancellation(of room: RoomID, _ holdings: RoomHoldings) -> [PostingSum] {
        struct Key: Hashable {
            let debit: Account
            let currency: Currency
        }
        var sums: [Key: Int64] = [:]
        for sum in holdings.whole {
            func add(_ amount: Int64, _ debit: Account) {
                sums[Key(debit: debit, currency: sum.currency), default: 0] += amount
            }
            add(sum.vat, sum.vatAccount)
            add(sum.fee, sum.feeIsRefundable ? sum.feeAccount : .commission)
            add(sum.gross - sum.vat - sum.fee, .escrow(room))
        }
        for standing in holdings.partly where standing.remaining.isPositive {
            let wallet = Account.wallet(standing.order.holder)
            for leg in refund(standing, to: standing.order.gross.minorUnits).legs {
                // Rounding may let a minor unit go the other way.
                let isForward = leg.credit == wallet
                sums[
                    Key(debit: isForward ? leg.debit : leg.credit, currency: leg.amount.currency), default: 0
                ] += isForward ? leg.amount.minorUnits : -leg.amount.minorUnits
            }
        }
        let wallets = Account(wallet: "holders")
        return sums.filter { $0.value != 0 }
            .map { key, amount in
                amount > 0
                    ? PostingSum(debit: key.debit, credit: wallets, amount: Money(amount, key.currency))
                    : PostingSum(debit: wallets, credit: key.debit, amount: Money(-amount, key.currency))
            }
            .sorted { ($0.amount.currency.code, $0.debit, $0.credit) < ($1.amount.currency.code, $1.debit, $1.credit) }
    }
}
