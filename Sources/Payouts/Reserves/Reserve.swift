internal import BoxOffice
public import Ledger
public import Values

/// What is left of a reserve that a night held back of a payee.
public struct OpenReserve: Hashable, Sendable {
    /// Of the move that held it back, among those of its payee.
    public let number: Int64
    /// Minor units, positive.
    public let left: Int64
    /// The business day on which it is given back.
    public let until: LocalDay

    public init(number: Int64, left: Int64, until: LocalDay) {
        self.number = number
        self.left = left
        self.until = until
    }
}

/// What a payee has in a night before its reserve is decided; minor units of one currency.
public struct ReserveStanding: Hashable, Sendable {
    /// Signed: all that is available on the day, reserves that end on it included.
    public let available: Int64
    /// Shares of orders that become available in this night, less what was taken back of them.
    public let fresh: Int64
    /// What was taken back in this night of shares that were available before; never negative.
    public let reversed: Int64
    public let open: [OpenReserve]

    public init(available: Int64, fresh: Int64, reversed: Int64, open: [OpenReserve]) {
        self.available = available
        self.fresh = fresh
        self.reversed = reversed
        self.open = open
    }
}

/// What a night does with the reserves of a payee; amounts in minor units, positive.
public enum ReserveMove: Hashable, Sendable {
    /// Its day has come: what is left of it goes back to the host.
    case released(OpenReserve)
    /// It pays for what was taken back, before its day.
    case used(OpenReserve, amount: Int64)
    /// A part of what becomes available is kept.
    case held(amount: Int64, until: LocalDay)
}

/// The netting order of reserves, for one payee and night:
///
/// 1. Reserves whose day has come go back to the host, whole.
/// 2. What refunds and lost disputes took back in this night of shares that were available before, or what the host is
///    short of, whichever is more, is taken from the reserves that are left: the one that ends first, first.
/// 3. Of the shares that become available in this night, as far as they did not pay debts, the class's part is held back
///    (half up).
/// 4. What is still negative waits for later credits (R6).
///
/// Reserves are of shares of orders alone: what a fund gives and a correction cannot be disputed.
public func decideReserves(
    _ standing: ReserveStanding, under terms: RiskTerms?, on day: LocalDay
) -> [ReserveMove] {
    var moves: [ReserveMove] = []
    let open = standing.open.sorted { ($0.until, $0.number) < ($1.until, $1.number) }
    for reserve in open where reserve.until <= day { moves.append(.released(reserve)) }
    var available = standing.available
    var need = max(0, standing.reversed, -available)
    for reserve in open where reserve.until > day && need > 0 {
        let amount = min(reserve.left, need)
        moves.append(.used(reserve, amount: amount))
        need -= amount
        available += amount
    }
    guard let terms, terms.reserve.value > 0 else { return moves }
    let held = quotientHalfUp(max(0, min(standing.fresh, available)), terms.reserve.value, 10_000)
    if held > 0 { moves.append(.held(amount: held, until: day.advanced(byDays: terms.reserveDays))) }
    return moves
}

extension ReserveMove {
    /// The word of the move in tables and on statements.
    public var kind: String {
        switch self {
        case .released: "released"
        case .used: "used"
        case .held: "held"
        }
    }

    /// Minor units, positive.
    public var amount: Int64 {
        switch self {
        case .released(let reserve): reserve.left
        case .used(_, let amount), .held(let amount, _): amount
        }
    }

    /// What moves on the account of the host; minor units, negative where it is held back.
    public var credited: Int64 {
        switch self {
        case .released, .used: amount
        case .held: -amount
        }
    }

    /// The entry of a move: between what the host is owed and its reserve.
    /// - Parameter number: of the move among those of its payee.
    public func entry(of key: TierKey, number: Int64, _ input: NightInput) -> JournalEntry {
        let stamp = EntryStamp(
            id: EntryID.derived(at: input.postedAt, from: "reserve|\(key.host)|\(key.currency)|\(number)"),
            postedAt: input.postedAt, effectiveOn: input.day)
        let legs = PostingRecipe.reserve(of: key.host, held: Money(-credited, key.currency))
        guard let entry = JournalEntry(stamp, kind: .reserve, legs: legs) else {
            preconditionFailure("A reserve moves more than nothing.")
        }
        return entry
    }

    /// What the host accrues by a move: at once, and the opposite on the day on which the reserve would have ended, so
    /// that nothing is made and nothing lost. A reserve that ends needs none: its second accrual is available by then.
    public func accruals(of key: TierKey, number: Int64, _ input: NightInput) -> (now: Accrual, later: Accrual)? {
        let until: LocalDay
        switch self {
        case .released: return nil
        case .used(let reserve, _): until = reserve.until
        case .held(_, let day): until = day
        }
        func accrual(_ amount: Int64, _ day: LocalDay, _ name: String) -> Accrual {
            Accrual(
                id: AccrualID.derived(
                    at: input.postedAt, from: "reserve|\(key.host)|\(key.currency)|\(number)|\(name)"),
                kind: .adjustment, host: key.host, amount: Money(amount, key.currency), availableOn: day,
                accruedOn: input.day)
        }
        return (accrual(credited, input.day, "now"), accrual(-credited, until, "later"))
    }
}
