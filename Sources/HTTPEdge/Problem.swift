internal import Foundation
public import HTTPTypes
public import Hummingbird
internal import NIOCore
internal import Schemas
public import Values

/// Problem details of RFC 9457 with three members of ours: the stable code, its facts and what to do next.
public struct Problem: Encodable, Sendable, Hashable {
    public let type: String
    public let title: String
    public let status: Int
    public let detail: String
    public let code: String
    public let next: String
    public let facts: [String: String]?

    /// The words of a refusal in a language.
    public init(_ refusal: any Refusal, in language: Language) {
        let text = RefusalTexts.all[refusal.code]
        let words = text?.words(in: language.rawValue, facts: refusal.facts)
        type = "urn:guichet:problem:\(refusal.code)"
        // Every code has its words, which tests of each module check; 422 is right for any refusal.
        status = text?.status ?? 422
        title = words?.title ?? refusal.code
        detail = words?.detail ?? refusal.code
        next = words?.next ?? ""
        code = refusal.code
        facts = refusal.facts.isEmpty ? nil : refusal.facts
    }

    public var response: Response {
        var headers: HTTPFields = [.contentType: "application/problem+json", .cacheControl: "no-store"]
        // A proof of a key that does not hold has a scheme of its own (RFC 9449 section 7.1).
        let isProof = code.hasPrefix("proof_")
        let proof = #"DPoP error="invalid_dpop_proof", algs="ES256 EdDSA""#
        if status == 401 { headers[.wwwAuthenticate] = isProof ? proof : "Bearer" }
        if status == 503 { headers[.retryAfter] = "1" }
        // Buckets refill within seconds; a refusal that knows better says so in its facts.
        if status == 429 { headers[.retryAfter] = facts?["seconds"] ?? "5" }
        return Response(
            status: HTTPResponse.Status(code: status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSON.encode(self))))
    }
}

/// JSON as every answer is written: members sorted, so that the same value gives the same bytes.
public enum JSON {
    public static func encode(_ value: some Encodable) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Answers are made of texts, integers and booleans, which always have a JSON form.
        guard let data = try? encoder.encode(value) else { preconditionFailure("An answer has no JSON form.") }
        return Array(data)
    }

    /// An answer that no cache keeps.
    public static func response(_ value: some Encodable, status: HTTPResponse.Status = .ok) -> Response {
        response(encode(value), status: status)
    }

    /// An answer of bytes that are JSON already.
    public static func response(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
