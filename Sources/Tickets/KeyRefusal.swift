public import Values

/// Why a key or a set of keys can't be used. For operators: nothing here is a buyer's business.
public enum KeyRefusal: Refusal, Hashable {
    /// No file at the path, or one that this process may not read.
    case fileUnreadable(path: String)
    /// Somebody else than the owner can read or write the file, or it is not an ordinary file of this user.
    case fileExposed(path: String, mode: String)
    /// Not an unencrypted Ed25519 key in PEM.
    case fileMalformed(path: String)
    /// A key would be written over an existing file, or the folder can't be written.
    case fileNotWritten(path: String)
    /// Not a JWK Set (RFC 7517 section 5) of usable Ed25519 keys, or too large a one.
    case setMalformed
    /// A member that belongs to a private key stands in a public set.
    case setHoldsPrivateKey
    /// A `kid` is not the key's RFC 7638 thumbprint.
    case setKeyMisnamed

    public var code: String {
        switch self {
        case .fileUnreadable: "key_file_unreadable"
        case .fileExposed: "key_file_exposed"
        case .fileMalformed: "key_file_malformed"
        case .fileNotWritten: "key_file_not_written"
        case .setMalformed: "key_set_malformed"
        case .setHoldsPrivateKey: "key_set_private"
        case .setKeyMisnamed: "key_set_misnamed"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .fileUnreadable(let path), .fileMalformed(let path), .fileNotWritten(let path): ["path": path]
        case .fileExposed(let path, let mode): ["path": path, "mode": mode]
        case .setMalformed, .setHoldsPrivateKey, .setKeyMisnamed: [:]
        }
    }
}
