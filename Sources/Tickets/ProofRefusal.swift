public import Values

/// Why a proof that somebody has the key of a ticket is none. ``HolderProof`` documents the order of the checks.
public enum ProofRefusal: Refusal, Hashable, CaseIterable {
    /// The ticket is bound to a key, and no proof came with it.
    case missing
    /// Longer than ``HolderProof/maximumBytes``.
    case tooLarge
    /// Not three parts of strict base64url around strict JSON of the expected members.
    case malformed
    /// `typ` is not `dpop+jwt`.
    case type
    /// `alg` is neither ES256 nor EdDSA.
    case algorithm
    /// `jwk` is no public key of that algorithm: another type or curve, or no point on it.
    case key
    /// `jwk` holds a private member: a secret was sent over the line.
    case privateKey
    /// The signature is not one of that key over these bytes.
    case signature
    /// Another key than the one to which the ticket is bound.
    case otherKey
    /// Made for another method or address.
    case target
    /// Made longer ago than ``HolderProof/window``, or too far in the future.
    case stale
    /// Made for another ticket.
    case ticket
    /// It was used before.
    case replayed
    /// More proofs of one ticket in a short time than any page makes, or more of all than are remembered.
    case tooMany

    public var code: String {
        switch self {
        case .missing: "proof_missing"
        case .tooLarge: "proof_too_large"
        case .malformed: "proof_malformed"
        case .type: "proof_type"
        case .algorithm: "proof_algorithm"
        case .key: "proof_key"
        case .privateKey: "proof_private_key"
        case .signature: "proof_signature"
        case .otherKey: "proof_other_key"
        case .target: "proof_target"
        case .stale: "proof_stale"
        case .ticket: "proof_ticket"
        case .replayed: "proof_replayed"
        case .tooMany: "too_many_proofs"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .stale: ["seconds": String(HolderProof.window)]
        default: [:]
        }
    }
}
