internal import BoxOffice
internal import Foundation
internal import HTTPEdge
internal import Tickets
internal import Values

/// What a quote says under our signature, whatever it is for: the terms at which something is sold, to whom, until when.
protocol SealedQuote: Codable, Sendable {
    /// The `typ` of its signature (RFC 7515, section 4.1.9): no kind of quote passes for another.
    static var type: String { get }

    var iss: String { get }
    var aud: String { get }
    /// Whose wallet it was made for.
    var sub: HolderID { get }
    var exp: Int64 { get }
}

extension SealedQuote {
    /// A quote that was bought in time is answered again at any time, so this belongs inside of the command.
    func check(at now: Instant) throws(QuoteRefusal) {
        guard now.seconds < exp else { throw .expired }
    }
}

extension LedgerService {
    /// Long enough to read and think, short enough that a price list can change.
    static let quoteSeconds: Int64 = 300

    func seal(_ quote: some SealedQuote, at now: Instant) -> String {
        ticketKeys.key(issuedAt: now).sign(payload: JSON.encode(quote), type: type(of: quote).type)
    }

    /// What a quote says, if it was made here, for this wallet.
    func open<Sealed: SealedQuote>(
        _ token: String, as type: Sealed.Type, for holder: HolderID
    ) throws(QuoteRefusal) -> Sealed {
        guard let payload = SignedStatement.open(token, type: type.type, with: keyRing),
            let quote = try? JSONDecoder().decode(type, from: Data(payload)), quote.iss == settings.issuer,
            quote.aud == settings.issuer
        else { throw .invalid }
        guard quote.sub == holder else { throw .holder }
        return quote
    }
}
