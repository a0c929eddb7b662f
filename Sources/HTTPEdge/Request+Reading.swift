public import Hummingbird
internal import HTTPTypes
internal import NIOCore
public import Values

extension Request {
    /// The largest body of a request, except where a route says otherwise. An order has 120 bytes.
    public static var bodyLimit: Int { 64 * 1024 }

    /// Reads the body as one strict JSON object: bounded, no unknown or doubled members.
    public func json<Body: Decodable>(
        _ type: Body.Type = Body.self, limit: Int = Request.bodyLimit
    ) async throws -> Body {
        guard let contentType = headers[.contentType]?.lowercased(),
            contentType.split(separator: ";").first?.filter({ $0 != " " }) == "application/json"
        else { throw EdgeRefusal.contentType }
        return try RequestBody.decode(type, from: try await bytes(limit: limit))
    }

    /// Bytes of a refused body that are still taken off the line: a client that sends before it reads hears of its
    /// refusal only then. Beyond this it is cut off in the middle of its sending.
    private static var swallowLimit: Int { 16 * 1024 * 1024 }

    /// Reads the body as bytes, at most `limit` of them.
    public func bytes(limit: Int = Request.bodyLimit) async throws -> [UInt8] {
        let declared = headers[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= Self.swallowLimit else { throw EdgeRefusal.bodyTooLarge(limit: limit) }
        var bytes: [UInt8] = []
        var received = 0
        for try await buffer in body {
            received += buffer.readableBytes
            guard received <= Self.swallowLimit else { break }
            if declared <= limit, received <= limit { bytes.append(contentsOf: buffer.readableBytesView) }
        }
        guard declared <= limit, received <= limit else { throw EdgeRefusal.bodyTooLarge(limit: limit) }
        return bytes
    }

    /// The key or ticket of `Authorization: Bearer …` (RFC 6750); `nil` without the header or with another scheme.
    public var bearer: String? {
        guard let value = headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return String(parts[1])
    }

    /// The proof of a holder's key in the header `DPoP` (RFC 9449); two of them are none that could be read.
    public var holderProof: String? { HTTPField.Name("DPoP").flatMap { headers[$0] } }

    /// The `Idempotency-Key` header: 1 to 64 visible ASCII characters.
    public func idempotencyKey() throws(EdgeRefusal) -> IdempotencyKey {
        guard let name = HTTPField.Name("Idempotency-Key"), let text = headers[name] else {
            throw .idempotencyKeyMissing
        }
        guard let key = IdempotencyKey(text) else { throw .idempotencyKeyMalformed }
        return key
    }

    /// The same where it may be left out: then sending the request twice carries it out twice.
    public func optionalIdempotencyKey() throws(EdgeRefusal) -> IdempotencyKey? {
        guard let name = HTTPField.Name("Idempotency-Key"), headers[name] != nil else { return nil }
        return try idempotencyKey()
    }

    /// The language in which to answer.
    public var language: Language { Language(accepting: headers[.acceptLanguage]) }

    /// A parameter of the query, decoded.
    public func query(_ name: String) -> String? { uri.queryParameters[name[...]].map(String.init) }
}

extension RequestContext {
    /// An id in the path.
    /// - Throws: `not_found` for a text that is no such id: nothing can be there.
    public func identifier<Kind>(_ name: String, as type: Identifier<Kind>.Type = Identifier<Kind>.self)
        throws(EdgeRefusal) -> Identifier<Kind>
    {
        guard let text = parameters.get(name), let id = Identifier<Kind>(text) else { throw .notFound }
        return id
    }
}

/// The name that a client gives to one command, so that sending it twice carries it out once.
public struct IdempotencyKey: Sendable, Hashable {
    public let text: String

    /// `nil` unless 1…64 visible ASCII characters.
    public init?(_ text: String) {
        guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.text = text
    }
}

/// The languages of refusal texts.
public enum Language: String, Sendable, CaseIterable {
    case en, fr

    /// The best of `Accept-Language` (RFC 9110 section 12.5.4); English where nothing fits.
    public init(accepting header: String?) {
        var best: (language: Language, quality: Double)?
        // A header of thousands of languages is no wish.
        for item in (header ?? "").split(separator: ",").prefix(20) {
            let parts = item.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = parts.first, let language = Language(rawValue: String(tag.prefix { $0 != "-" })) else {
                continue
            }
            let quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if quality > (best?.quality ?? 0) { best = (language, quality) }
        }
        self = best?.language ?? .en
    }
}
