internal import Foundation
internal import Store
internal import Tickets
public import Values

/// A key that was just made: the only moment at which its characters are known.
public struct IssuedKey: Sendable, Hashable, Encodable {
    public let id: APIKeyID
    public let key: String
    public let scope: KeyScope
    public let subject: String
    public let name: String?
    public let expiresAt: Instant?
}

/// What the characters of a new key come from: a salt, which the stored outcome of the command keeps, and a secret that
/// only the caller has. A repeated command gives the same key, and neither the database nor the caller's secret alone
/// is enough to find it.
struct KeySeed: Sendable {
    let salt: String
    private let secret: String

    /// - Parameters:
    ///   - secret: the key with which the command came, or a long idempotency key of somebody without one; `nil`
    ///     where the command has no name and cannot be repeated.
    ///   - salt: as the outcome kept it; a new one without.
    init(secret: String?, salt: String? = nil) {
        self.salt = salt ?? randomHex()
        self.secret = secret ?? randomHex()
    }

    /// `gk_<scope>_` and 43 characters.
    func text(for scope: KeyScope) -> String {
        scope.keyText(hmacSHA256("guichet key \(scope.rawValue) \(salt)", key: secret).bytes)
    }

    func with(salt: String) -> KeySeed { KeySeed(secret: secret, salt: salt) }
}

private func randomHex() -> String {
    var generator = SystemRandomNumberGenerator()
    return hexadecimal((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
}

extension KeyScope {
    /// A new key: `gk_<scope>_` and 32 random bytes in base64url.
    public func newKeyText() -> String {
        var generator = SystemRandomNumberGenerator()
        return keyText((0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }

    func keyText(_ bytes: [UInt8]) -> String { "gk_\(rawValue)_\(Base64URL.encode(bytes))" }
}

/// What the stored outcome of a command keeps of a key that it made.
struct StoredKey: Codable {
    let id: APIKeyID
    let scope: KeyScope
    let subject: String
    let name: String?
    let expiresAt: Instant?
    let salt: String

    func issued(_ seed: KeySeed) -> IssuedKey {
        IssuedKey(
            id: id, key: seed.with(salt: salt).text(for: scope), scope: scope, subject: subject, name: name,
            expiresAt: expiresAt)
    }
}

extension Transaction {
    /// Stores a key and gives what the command's outcome keeps of it.
    borrowing func insertKey(
        _ id: APIKeyID, _ scope: KeyScope, subject: String, name: String? = nil, expiresAt: Instant? = nil,
        from seed: KeySeed, by actor: String, at now: Instant
    ) throws(StoreFault) -> StoredKey {
        try insertKey(
            KeyRow(
                id: id, hash: SHA256Digest(of: seed.text(for: scope)), scope: scope.rawValue, subject: subject,
                name: name ?? "", createdBy: actor, createdAt: now, expiresAt: expiresAt))
        return StoredKey(
            id: id, scope: scope, subject: subject, name: name, expiresAt: expiresAt, salt: seed.salt)
    }
}
