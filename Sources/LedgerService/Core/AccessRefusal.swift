public import Values

/// What is refused about keys and who may have them.
public enum AccessRefusal: Refusal, Hashable, CaseIterable {
    /// No host, wallet or gateway is named where one is needed, or one where none belongs.
    case keySubject
    case keyToRevoke
    case keyNotFound
    case keyOwn
    case keyName
    case keyExpiry
    case idempotencyKeyWeak
    /// This server keeps no folder of ticket keys.
    case ticketKeyFolder

    public var code: String {
        switch self {
        case .keySubject: "key_subject"
        case .keyToRevoke: "key_to_revoke"
        case .keyNotFound: "key_not_found"
        case .keyOwn: "key_own"
        case .keyName: "key_name"
        case .keyExpiry: "key_expiry"
        case .idempotencyKeyWeak: "idempotency_key_weak"
        case .ticketKeyFolder: "ticket_key_folder"
        }
    }
}
