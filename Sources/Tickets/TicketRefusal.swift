public import Values

/// Why a ticket does not open the door. ``TicketVerifier`` documents the order in which these are found.
public enum TicketRefusal: Refusal, Hashable {
    /// Longer than ``TicketVerifier/maximumBytes``.
    case tooLarge
    /// Not three parts of strict base64url around strict JSON of the expected types.
    case malformed
    /// A JSON object names a member twice, so two readers could see two tickets.
    case duplicateMember
    /// `alg` is not `EdDSA`: `none`, HS256, RS256 and every other one.
    case algorithm
    /// `typ` is not `ticket+jwt`: some other token of the same issuer (RFC 8725 section 3.11).
    case type
    /// `crit` is there: it demands an extension, and none is known here (RFC 7515 section 4.1.11).
    case criticalHeader
    /// `kid` is missing or names no key of the ring.
    case keyUnknown
    /// The signature is not one of that key over these bytes.
    case signature
    /// Another issuer.
    case issuer
    /// Made for another gateway or service.
    case audience
    /// A role unknown here, or not one that may do what was asked.
    case role
    /// Valid from a later moment on.
    case notYetValid(from: Instant)
    /// Valid until a moment that has come.
    case expired(at: Instant)
    /// A ticket for another room.
    case room(RoomID)
    /// Taken back since it was made: refunded, charged back or withdrawn.
    case revoked

    public var code: String {
        switch self {
        case .tooLarge: "ticket_too_large"
        case .malformed: "ticket_malformed"
        case .duplicateMember: "ticket_duplicate_member"
        case .algorithm: "ticket_algorithm"
        case .type: "ticket_type"
        case .criticalHeader: "ticket_critical_header"
        case .keyUnknown: "ticket_key_unknown"
        case .signature: "ticket_signature"
        case .issuer: "ticket_issuer"
        case .audience: "ticket_audience"
        case .role: "ticket_role"
        case .notYetValid: "ticket_not_yet_valid"
        case .expired: "ticket_expired"
        case .room: "ticket_room"
        case .revoked: "ticket_revoked"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .notYetValid(let from): ["valid_from": from.description]
        case .expired(let at): ["expired_at": at.description]
        case .room(let room): ["room": room.text]
        default: [:]
        }
    }
}
