internal import Values

/// The JOSE header of a ticket: exactly `alg`, `typ` and `kid`.
///
/// Any other member is refused, harmless ones too. None has a meaning here, several (`jku`, `jwk`, `x5u`, `x5c`) are
/// famous for making a verifier fetch or trust the forger's key, and `b64` changes what was signed.
enum TicketHeader {
    static let algorithm = "EdDSA"
    static let type = "ticket+jwt"

    /// The key that the header names. Refusals in this order: malformed or duplicate member, critical header,
    /// algorithm, type, other members, key.
    static func key(
        namedBy json: UnsafeBufferPointer<UInt8>, in ring: KeyRing
    ) throws(TicketRefusal) -> VerifyingKey {
        guard case .object(let members) = try JSONValue(ticketPart: json) else { throw .malformed }
        var algorithm: JSONValue?
        var type: JSONValue?
        var keyName: JSONValue?
        var hasOthers = false
        var isCritical = false
        for member in members {
            switch member.name {
            case "alg": algorithm = member.value
            case "typ": type = member.value
            case "kid": keyName = member.value
            case "crit": isCritical = true
            default: hasOthers = true
            }
        }
        if isCritical { throw .criticalHeader }
        guard algorithm == .string(Self.algorithm) else { throw .algorithm }
        guard type == .string(Self.type) else { throw .type }
        if hasOthers { throw .malformed }
        guard let name = keyName?.text, let key = ring[name] else { throw .keyUnknown }
        return key
    }
}
