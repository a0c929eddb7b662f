public import Values

/// What is refused about endpoints of webhooks.
public enum WebhookRefusal: Refusal, Hashable, CaseIterable {
    /// Not an address that events can be sent to.
    case url
    /// An address of this machine or of a private network, which the configuration does not allow.
    case address
    case kinds
    case limit
    /// There is none of that name, or it is somebody else's.
    case unknown
    /// It is removed, and nothing brings it back.
    case removed
    /// Behind the last event.
    case cursor
    /// Deliveries are off: it has to be enabled first.
    case notEnabled
    /// This server has another key file than the one the secret was made from.
    case otherKey

    public var code: String {
        switch self {
        case .url: "webhook_url"
        case .address: "webhook_address"
        case .kinds: "webhook_events"
        case .limit: "webhook_limit"
        case .unknown: "webhook_unknown"
        case .removed: "webhook_removed"
        case .cursor: "webhook_cursor"
        case .notEnabled: "webhook_not_enabled"
        case .otherKey: "webhook_other_key"
        }
    }
}
