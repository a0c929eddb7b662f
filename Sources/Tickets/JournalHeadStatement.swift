public import Values

/// What a night publishes about the journal, signed with the key of tickets: where it ends, and the tree over the entries
/// since the statement before. Whoever keeps one can tell later whether anything before it was changed.
///
/// A JWS in compact form (RFC 7515) with a type and an audience of its own, so that it never passes as a ticket.
public struct JournalHeadStatement: Hashable, Sendable {
    public let issuer: String
    public let shard: String
    public let day: LocalDay
    /// The first entry of the tree; `sequence + 1` if there was none since the statement before.
    public let first: Int64
    /// The last entry, which `hash` is the chain's hash of.
    public let sequence: Int64
    public let hash: SHA256Digest
    /// Of the Merkle tree over the hashes of the entries `first...sequence` (RFC 9162 section 2.1).
    public let root: SHA256Digest
    public let at: Instant

    /// `typ` of the header.
    public static let type = "journal-head+jwt"

    public init(
        issuer: String, shard: String, day: LocalDay, first: Int64, sequence: Int64, hash: SHA256Digest,
        root: SHA256Digest, at: Instant
    ) {
        self.issuer = issuer
        self.shard = shard
        self.day = day
        self.first = first
        self.sequence = sequence
        self.hash = hash
        self.root = root
        self.at = at
    }

    /// `aud`: whoever reads journals, and no gateway.
    public var audience: String { issuer + "/v1/journal" }

    /// The claims in their order.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.member("iss", issuer)
        writer.member("aud", audience)
        writer.member("iat", at.seconds)
        writer.member("shard", shard)
        writer.member("day", day.description)
        writer.member("first", first)
        writer.member("sequence", sequence)
        writer.member("hash", hash.hex)
        writer.member("root", root.hex)
        return writer.finished()
    }
}

extension TicketSigner {
    /// The statement signed; the same statement gives the same text.
    public func sign(_ statement: JournalHeadStatement) -> String {
        sign(payload: statement.json, type: JournalHeadStatement.type)
    }
}

/// Why a text is not a signed head.
public enum JournalHeadFault: Error, Hashable, Sendable {
    /// Not a JWS of this type with these claims.
    case malformed
    /// Its key is not in the ring: it may be sound, and can't be told here.
    case keyUnknown
    case signature
}

extension KeyRing {
    /// Checks the signature and reads the statement.
    public func journalHead(_ token: String) throws(JournalHeadFault) -> JournalHeadStatement {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard token.utf8.count <= TicketVerifier.maximumBytes, parts.count == 3,
            let header = Self.object(parts[0]), let signature = Base64URL.decode(parts[2]),
            header["alg"]?.text == TicketHeader.algorithm, header["typ"]?.text == JournalHeadStatement.type,
            let name = header["kid"]?.text
        else { throw .malformed }
        guard let key = self[name] else { throw .keyUnknown }
        guard key.isValid(signature: signature, over: Array("\(parts[0]).\(parts[1])".utf8)) else { throw .signature }
        guard let claims = Self.object(parts[1]), let issuer = claims["iss"]?.text,
            let seconds = claims["iat"]?.integer, (0...253_402_300_799).contains(seconds),
            let shard = claims["shard"]?.text, let day = claims["day"]?.text.flatMap({ LocalDay($0) }),
            let first = claims["first"]?.integer, let sequence = claims["sequence"]?.integer,
            let hash = claims["hash"]?.text.flatMap({ SHA256Digest(hex: $0) }),
            let root = claims["root"]?.text.flatMap({ SHA256Digest(hex: $0) })
        else { throw .malformed }
        let statement = JournalHeadStatement(
            issuer: issuer, shard: shard, day: day, first: first, sequence: sequence, hash: hash, root: root,
            at: Instant(seconds: seconds))
        guard claims["aud"]?.text == statement.audience else { throw .malformed }
        return statement
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64URL.decode(part) else { return nil }
        return bytes.withUnsafeBufferPointer { try? StrictJSONReader.read($0) }
    }
}
