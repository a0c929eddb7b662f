public import BoxOffice
public import HTTPEdge
internal import Store
public import Values

/// What a host writes about a voucher.
public struct VoucherDraft: Sendable, Hashable {
    /// `nil` for all rooms of the host.
    public var room: RoomID?
    public var benefit: VoucherBenefit
    public var uses: Int
    public var from: Instant?
    public var until: Instant?
    /// A code of one's own; `nil` makes one of 80 random bits.
    public var code: String?

    public init(
        room: RoomID? = nil, benefit: VoucherBenefit, uses: Int = 1, from: Instant? = nil, until: Instant? = nil,
        code: String? = nil
    ) {
        self.room = room
        self.benefit = benefit
        self.uses = uses
        self.from = from
        self.until = until
        self.code = code
    }
}

/// A voucher as its host sees it.
public struct VoucherView: Sendable, Hashable, Encodable {
    public let voucher: VoucherID
    public let host: HostID
    public let room: RoomID?
    /// `percent`, `amount` or `free`.
    public let kind: String
    public let percentBp: Int64?
    public let amount: Money?
    public let uses: Int
    public let used: Int
    public let from: Instant?
    public let until: Instant?
    public let revoked: Bool
    /// How the code begins.
    public let hint: String
    /// Only in the answer to its making: it is stored nowhere.
    public let code: String?

    init(_ standing: VoucherStanding, code: String? = nil) {
        let voucher = standing.voucher
        self.voucher = voucher.id
        host = voucher.host
        room = voucher.room
        kind = voucher.benefit.name
        switch voucher.benefit {
        case .percent(let rate): (percentBp, amount) = (rate.value, nil)
        case .amount(let money): (percentBp, amount) = (nil, money)
        case .free: (percentBp, amount) = (nil, nil)
        }
        uses = voucher.uses
        used = standing.used
        from = voucher.from
        until = voucher.until
        revoked = standing.isRevoked
        hint = voucher.hint
        self.code = code
    }
}

extension LedgerService {
    /// Vouchers of one host: a campaign of a thousand single codes fits many times.
    static let maximumVouchers = 10_000

    /// Makes a voucher of the caller's. The code comes back once.
    public func createVoucher(
        _ draft: VoucherDraft, key: IdempotencyKey, by caller: Caller
    ) async throws -> VoucherView {
        guard case .host(let host) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host")
        }
        guard let code = draft.code.map({ Voucher.normalised($0) }) ?? newCode() else { throw VoucherRefusal.code }
        let line =
            "\(draft.room?.text ?? "")|\(draft.benefit)|\(draft.uses)|\(draft.from?.description ?? "")|"
            + "\(draft.until?.description ?? "")|\(draft.code ?? "")"
        let command = OnceOnly("voucher", by: caller, key: key, request: line)
        let hash = SHA256Digest(of: code)
        let now = clock.now()
        return try await database.write { transaction in
            var isNew = false
            let outcome = try transaction.once(command, at: now) {
                if let room = draft.room { _ = try owned(room, by: caller, in: transaction) }
                let voucher = try decideVoucher(
                    Voucher(
                        id: makeID(), host: host, room: draft.room, benefit: draft.benefit, uses: draft.uses,
                        from: draft.from, until: draft.until, hint: String(code.prefix(4))))
                guard try transaction.voucherCount(of: host) < Self.maximumVouchers else { throw VoucherRefusal.uses }
                guard try transaction.voucher(codeHash: hash) == nil else { throw VoucherRefusal.codeTaken }
                try transaction.insertVoucher(voucher, codeHash: hash, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "voucher_made", subject: voucher.id.text, detail: voucher.benefit.name,
                    at: now)
                isNew = true
                return voucher.id.text
            }
            guard let id = VoucherID(outcome), let standing = try transaction.voucher(id) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            // Whoever asks again has had the code; a random one cannot be told twice.
            return VoucherView(standing, code: isNew ? code : draft.code.flatMap { Voucher.normalised($0) })
        }
    }

    /// A host's vouchers, newest first.
    public func vouchers(by caller: Caller) async throws -> [VoucherView] {
        guard case .host(let host) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host")
        }
        return try await database.read { transaction in
            try transaction.vouchers(of: host, limit: Self.maximumVouchers).map { VoucherView($0) }
        }
    }

    /// Takes a voucher back: it makes no more tickets, and those that it made stay. Doing it twice changes nothing.
    public func revokeVoucher(_ id: VoucherID, by caller: Caller) async throws -> VoucherView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let now = clock.now()
        return try await database.write { transaction in
            guard let standing = try transaction.voucher(id),
                caller.isOperator || caller == .host(standing.voucher.host)
            else { throw VoucherRefusal.unknown }
            if !standing.isRevoked {
                try transaction.revokeVoucher(id, by: caller.actor, at: now)
                try transaction.audit(actor: caller.actor, act: "voucher_revoked", subject: id.text, at: now)
            }
            return VoucherView(VoucherStanding(standing.voucher, used: standing.used, isRevoked: true))
        }
    }

    /// 80 random bits in 16 characters that nobody confuses on the telephone (Crockford's base32).
    func newCode() -> String {
        var generator = SystemRandomNumberGenerator()
        let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
        let bytes = (0..<16).map { _ in alphabet[Int.random(in: 0..<32, using: &generator)] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
