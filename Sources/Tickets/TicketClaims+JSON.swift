internal import Values

extension TicketClaims {
    /// The canonical JSON text: fixed order, no white space, `/` not escaped.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.member("iss", issuer)
        writer.member("aud", audience)
        writer.member("sub", subject.text)
        writer.member("jti", ticket.text)
        writer.member("room", room.text)
        writer.member("role", role.rawValue)
        writer.member("nbf", notBefore.seconds)
        writer.member("exp", expiresAt.seconds)
        writer.member("iat", issuedAt.seconds)
        writer.member("policy", policy)
        if let thumbprint = confirmationThumbprint {
            var inner = JSONWriter()
            inner.member("jkt", thumbprint)
            writer.member("cnf", json: inner.finished())
        }
        return writer.finished()
    }

    /// Reads the claims of a signed payload, in any order of members.
    ///
    /// Claims unknown here are ignored, as RFC 7519 section 4 asks: an older gateway keeps working beside a newer ledger.
    /// A claim that must not be overlooked has to come with a new `typ`.
    init(json bytes: UnsafeBufferPointer<UInt8>) throws(TicketRefusal) {
        let value = try JSONValue(ticketPart: bytes)
        guard case .object = value,
            let issuer = value["iss"]?.text, let audience = value["aud"]?.text,
            let subject = value["sub"]?.text.flatMap({ Subject($0) }),
            let ticket = value["jti"]?.text.flatMap({ TicketID($0) }),
            let room = value["room"]?.text.flatMap({ RoomID($0) }),
            let roleName = value["role"]?.text,
            let notBefore = value["nbf"]?.integer, let expiresAt = value["exp"]?.integer,
            let issuedAt = value["iat"]?.integer, let policy = value["policy"]?.text
        else { throw .malformed }
        guard let role = Role(rawValue: roleName) else { throw .role }
        var thumbprint: String?
        if let confirmation = value["cnf"] {
            // Only a thumbprint: a binding that can't be checked here must not be passed over in silence.
            guard case .object(let members) = confirmation, members.count == 1,
                let text = confirmation["jkt"]?.text
            else { throw .malformed }
            thumbprint = text
        }
        // Whoever multiplies seconds by a million must know that they are few; 2^53 − 1 of them would overflow.
        let times = [notBefore, expiresAt, issuedAt]
        guard times.allSatisfy({ (0...253_402_300_799).contains($0) }),
            let claims = TicketClaims(
                issuer: issuer, audience: audience, subject: subject, ticket: ticket, room: room, role: role,
                notBefore: Instant(seconds: notBefore), expiresAt: Instant(seconds: expiresAt),
                issuedAt: Instant(seconds: issuedAt), policy: policy, confirmationThumbprint: thumbprint)
        else { throw .malformed }
        self = claims
    }
}

extension JSONValue {
    /// One part of a ticket.
    init(ticketPart bytes: UnsafeBufferPointer<UInt8>) throws(TicketRefusal) {
        do {
            self = try StrictJSONReader.read(bytes)
        } catch .duplicateMember {
            throw .duplicateMember
        } catch {
            throw .malformed
        }
    }
}

/// Writes one JSON object, members in the order of the calls.
struct JSONWriter {
    private var bytes: [UInt8]

    init() {
        bytes = []
        bytes.reserveCapacity(512)
    }

    mutating func member(_ name: StaticString, _ text: String) {
        begin(name)
        Self.append(text, to: &bytes)
    }

    mutating func member(_ name: StaticString, _ value: Int64) {
        begin(name)
        bytes.append(contentsOf: String(value).utf8)
    }

    mutating func member(_ name: StaticString, json: [UInt8]) {
        begin(name)
        bytes.append(contentsOf: json)
    }

    consuming func finished() -> [UInt8] {
        if bytes.isEmpty { bytes.append(UInt8(ascii: "{")) }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private mutating func begin(_ name: StaticString) {
        bytes.append(bytes.isEmpty ? UInt8(ascii: "{") : UInt8(ascii: ","))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(contentsOf: "\":".utf8)
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                bytes.append(UInt8(ascii: "\\"))
                bytes.append(byte)
            case 0..<0x20:
                bytes.append(contentsOf: "\\u00".utf8)
                bytes.append(contentsOf: hexadecimal([byte]).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
