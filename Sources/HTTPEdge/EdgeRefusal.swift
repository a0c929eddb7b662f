public import Values

/// What the edge refuses before any rule is asked: requests that cannot be read or carry no sufficient key.
public enum EdgeRefusal: Refusal, Hashable {
    case bodyMalformed
    /// The value at a path such as `price.amount` is missing or of another type.
    case bodyWrongType(path: String)
    case unknownMember(path: String)
    case duplicateMember(path: String)
    case contentType
    case bodyTooLarge(limit: Int)
    case idempotencyKeyMissing
    case idempotencyKeyMalformed
    case keyMissing
    case keyUnknown
    /// The key was good until a moment that has come.
    case keyExpired(at: Instant)
    /// The key is known, but of another scope than the named ones.
    case keyScope(String)
    case notFound
    case methodNotAllowed
    /// A part of the path or the query, named.
    case parameterMalformed(path: String)
    /// Too many of one network; there is a place again after so many seconds.
    case tooManyRequests(seconds: Int)
    /// `If-Match` names another version than the one that is there.
    case versionChanged
    case temporarilyUnavailable
    /// The disk under the service is full: what was stored stays, and nothing more is taken.
    case storageFull
    /// The service may read its database and not write to it.
    case storageReadOnly
    case internalFault(request: String)
    /// What the HTTP library refused by itself, for example a header that is too long.
    case requestRefused

    public var code: String {
        switch self {
        case .bodyMalformed: "body_malformed"
        case .bodyWrongType: "body_wrong_type"
        case .unknownMember: "unknown_member"
        case .duplicateMember: "duplicate_member"
        case .contentType: "content_type"
        case .bodyTooLarge: "body_too_large"
        case .idempotencyKeyMissing: "idempotency_key_missing"
        case .idempotencyKeyMalformed: "idempotency_key_malformed"
        case .keyMissing: "key_missing"
        case .keyUnknown: "key_unknown"
        case .keyExpired: "key_expired"
        case .keyScope: "key_scope"
        case .notFound: "not_found"
        case .methodNotAllowed: "method_not_allowed"
        case .parameterMalformed: "parameter_malformed"
        case .tooManyRequests: "too_many_requests"
        case .versionChanged: "version_changed"
        case .temporarilyUnavailable: "temporarily_unavailable"
        case .storageFull: "storage_full"
        case .storageReadOnly: "storage_read_only"
        case .internalFault: "internal_fault"
        case .requestRefused: "request_refused"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .bodyWrongType(let path), .unknownMember(let path), .duplicateMember(let path),
            .parameterMalformed(let path):
            ["path": path]
        case .bodyTooLarge(let limit): ["limit": String(limit)]
        case .keyScope(let scope): ["scope": scope]
        case .keyExpired(let at): ["expired_at": at.description]
        case .tooManyRequests(let seconds): ["seconds": String(seconds)]
        case .internalFault(let request): ["request": request]
        case .bodyMalformed, .contentType, .idempotencyKeyMissing, .idempotencyKeyMalformed, .keyMissing, .keyUnknown,
            .notFound, .methodNotAllowed, .versionChanged, .temporarilyUnavailable, .storageFull, .storageReadOnly,
            .requestRefused:
            [:]
        }
    }

    /// What callers hear of a fault of storage that may be over when they ask again; `nil` for one that stays.
    public static func storage(isFull: Bool, isReadOnly: Bool, isTransient: Bool) -> EdgeRefusal? {
        if isFull { return .storageFull }
        if isReadOnly { return .storageReadOnly }
        return isTransient ? .temporarilyUnavailable : nil
    }
}
