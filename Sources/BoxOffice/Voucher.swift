public import Values

/// What a voucher does to the price of a ticket.
public enum VoucherBenefit: Hashable, Sendable {
    case percent(BasisPoints)
    case amount(Money)
    /// A free pass: the ticket costs nothing and takes a seat like any other.
    case free

    /// Minor units off a price; never more than the price. An amount of another currency takes nothing off.
    public func discount(on price: Money) -> Int64 {
        switch self {
        case .percent(let rate): quotientHalfUp(price.minorUnits, rate.value, 10_000)
        case .amount(let amount): amount.currency == price.currency ? min(amount.minorUnits, price.minorUnits) : 0
        case .free: price.minorUnits
        }
    }

    /// As stored and shown.
    public var name: String {
        switch self {
        case .percent: "percent"
        case .amount: "amount"
        case .free: "free"
        }
    }
}

/// A code that a host gives away. The code itself is known to nobody but its bearers: only its hash is kept.
public struct Voucher: Hashable, Sendable {
    public let id: VoucherID
    public let host: HostID
    /// `nil` for all rooms of the host.
    public let room: RoomID?
    public let benefit: VoucherBenefit
    /// Most tickets that it makes.
    public let uses: Int
    /// When it counts, half-open; `nil` is without end.
    public let from: Instant?
    public let until: Instant?
    /// The first characters of the code, so that a host can tell two vouchers apart.
    public let hint: String

    public init(
        id: VoucherID, host: HostID, room: RoomID?, benefit: VoucherBenefit, uses: Int, from: Instant?,
        until: Instant?, hint: String
    ) {
        self.id = id
        self.host = host
        self.room = room
        self.benefit = benefit
        self.uses = uses
        self.from = from
        self.until = until
        self.hint = hint
    }

    /// Codes are compared without regard to case, spaces and hyphens; `nil` for one that cannot be a code.
    public static func normalised(_ code: String) -> String? {
        guard code.utf8.count <= 64 else { return nil }
        let kept = code.uppercased().utf8.filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
        guard (4...32).contains(kept.count),
            kept.allSatisfy({
                (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
            })
        else { return nil }
        return String(decoding: kept, as: UTF8.self)
    }
}

/// A voucher and how far it is used.
public struct VoucherStanding: Hashable, Sendable {
    public let voucher: Voucher
    public let used: Int
    public let isRevoked: Bool

    public init(_ voucher: Voucher, used: Int, isRevoked: Bool) {
        self.voucher = voucher
        self.used = used
        self.isRevoked = isRevoked
    }
}

/// What a buyer says about a voucher.
public enum VoucherClaim: Hashable, Sendable {
    case none
    /// A code that no voucher has.
    case unknown
    case known(VoucherStanding)

    /// The voucher, if it makes `count` tickets of this room at an instant. Checks: known and for this room, not revoked,
    /// begun, not over, enough uses left.
    func voucher(for room: Room, count: Int, at instant: Instant) throws(PurchaseRefusal) -> Voucher? {
        switch self {
        case .none: return nil
        case .unknown: throw .voucherUnknown
        case .known(let standing):
            let voucher = standing.voucher
            // Another host's code is as unknown as one that was never made.
            guard voucher.host == room.host, voucher.room == nil || voucher.room == room.id else {
                throw .voucherUnknown
            }
            guard !standing.isRevoked else { throw .voucherOver }
            if let from = voucher.from, instant < from { throw .voucherNotYet(from: from) }
            if let until = voucher.until, instant >= until { throw .voucherOver }
            let left = voucher.uses - standing.used
            guard left >= count else { throw .voucherUsedUp(left: max(0, left)) }
            return voucher
        }
    }
}

/// Why a voucher is not made.
public enum VoucherRefusal: Refusal, Hashable, CaseIterable {
    case benefit
    case uses
    case dates
    case code
    case codeTaken
    case unknown

    public var code: String {
        switch self {
        case .benefit: "voucher_benefit"
        case .uses: "voucher_uses"
        case .dates: "voucher_dates"
        case .code: "voucher_code"
        case .codeTaken: "voucher_code_taken"
        case .unknown: "voucher_not_found"
        }
    }
}

/// Checks a voucher to be. In this order: the benefit takes something off and not more than all, the uses, the dates.
public func decideVoucher(_ voucher: Voucher) throws(VoucherRefusal) -> Voucher {
    switch voucher.benefit {
    case .percent(let rate): guard (1...10_000).contains(rate.value) else { throw .benefit }
    case .amount(let amount): guard (1...Money.limit).contains(amount.minorUnits) else { throw .benefit }
    case .free: break
    }
    guard (1...Room.maximumCapacity).contains(voucher.uses) else { throw .uses }
    if let from = voucher.from, let until = voucher.until, from >= until { throw .dates }
    return voucher
}
