public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// What a tip posts, before it is given.
public struct TipQuoteView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let amount: Money
    public let postings: [LegView]
    /// To be sent with the tip: it posts exactly this, or nothing.
    public let quote: String
    public let quoteExpiresAt: Instant
}

/// What the signature of a tip's quote covers.
private struct TipQuoteClaims: SealedQuote {
    static let type = "tip-quote+jwt"

    let iss: String
    let aud: String
    let jti: QuoteID
    let sub: HolderID
    let room: RoomID
    let amount: Money
    let country: String?
    /// Of the legs, in their order.
    let postings: String
    let iat: Int64
    let exp: Int64

    var evidence: CountryEvidence? { country.flatMap { CountryEvidence(country: $0, source: .declared) } }
}

extension LedgerService {
    /// Shows what a tip would post. Nothing is written; whether the wallet has the money is asked when it is given.
    public func quoteTip(_ tip: TipOrder, by caller: Caller) async throws -> TipQuoteView {
        let holder = try buyer(caller)
        let now = clock.now()
        let wish = TipWish(
            order: makeID(), entry: makeID(), holder: holder, room: tip.room, amount: tip.amount, country: tip.country)
        return try await database.read { transaction in
            let stamp = try transaction.stamp(wish.entry, at: now, calendar: settings.housePolicy.calendar)
            let decided = try decideTip(
                wish, in: try roomForTip(wish, at: now, in: transaction).tips, wallet: tip.amount, stamp: stamp)
            let expiresAt = now.advanced(bySeconds: Self.quoteSeconds)
            let claims = TipQuoteClaims(
                iss: settings.issuer, aud: settings.issuer, jti: makeID(), sub: holder, room: tip.room,
                amount: tip.amount, country: tip.country?.country, postings: Self.digest(of: decided.entry.legs),
                iat: now.seconds, exp: expiresAt.seconds)
            return TipQuoteView(
                room: tip.room, amount: tip.amount, postings: decided.entry.legs.map { LegView($0) },
                quote: seal(claims, at: now), quoteExpiresAt: expiresAt)
        }
    }

    /// Gives what was quoted, at the postings of the quote and at no others.
    public func tip(
        _ room: RoomID, quote token: String, message: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> TipView {
        let holder = try buyer(caller)
        let claims = try open(token, as: TipQuoteClaims.self, for: holder)
        guard claims.room == room else { throw QuoteRefusal.invalid }
        let command = OnceOnly("tip", by: caller, key: key, request: "\(token)|\(message)")
        let order = TipOrder(room: room, amount: claims.amount, message: message, country: claims.evidence)
        return try await give(order, command, by: holder) { tip, now in
            try claims.check(at: now)
            guard Self.digest(of: tip.entry.legs) == claims.postings else { throw QuoteRefusal.postings }
        }
    }

    private static func digest(of legs: [Leg]) -> String {
        SHA256Digest(of: legs.map { "\($0.debit.text)|\($0.credit.text)|\($0.amount)\n" }.joined()).hex
    }
}
