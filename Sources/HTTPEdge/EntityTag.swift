public import Hummingbird
internal import HTTPTypes
internal import Values

/// The version of something that people edit (RFC 9110 section 8.8.3): the same facts give the same tag.
public struct EntityTag: Sendable, Hashable {
    /// With its quotes, as it stands in `ETag`.
    public let text: String

    /// - Parameter facts: what an edit changes, and nothing that moves by itself.
    public init(of facts: some Encodable) {
        text = "\"\(SHA256Digest(of: JSON.encode(facts)).hex.prefix(32))\""
    }
}

/// What `If-Match` asks for: that nobody changed the thing since it was read.
public struct TagCondition: Sendable, Hashable {
    private let tags: Set<String>

    /// `nil` without the header, which is no condition, and for `*`, which holds for whatever exists.
    public init?(_ request: Request) throws(EdgeRefusal) {
        guard let header = request.headers[.ifMatch] else { return nil }
        let tags = header.split(separator: ",").map { $0.filter { $0 != " " } }
        if tags == ["*"] { return nil }
        // Weak tags never match here (RFC 9110 section 13.1.1), so they are no fault, only no match.
        guard (1...20).contains(tags.count), tags.allSatisfy({ $0.hasSuffix("\"") && $0.utf8.count <= 100 }) else {
            throw .parameterMalformed(path: "If-Match")
        }
        self.tags = Set(tags)
    }

    /// - Throws: `version_changed`; asked inside the transaction that makes the change.
    public func check(_ tag: EntityTag) throws(EdgeRefusal) {
        guard tags.contains(tag.text) else { throw .versionChanged }
    }
}

extension Response {
    /// The same answer with the version of what it shows.
    public func tagged(_ tag: EntityTag) -> Response {
        var response = self
        response.headers[.eTag] = tag.text
        return response
    }
}
