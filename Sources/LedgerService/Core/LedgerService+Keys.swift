internal import Foundation
internal import HTTPEdge
internal import Store
internal import Tickets
public import Values

/// A key that was just made: the only moment at which its characters are known.
public struct IssuedKey: Sendable, Hashable, Encodable {
    public let key: String
    public let scope: KeyScope
    public let subject: String
}

extension LedgerService {
    /// Whose key this is.
    /// - Throws: `key_unknown` for a key that does not exist or was revoked.
    public func authenticate(_ key: String) async throws -> Caller {
        // Nobody's key is longer; a long one need not be hashed.
        guard key.utf8.count <= 80 else { throw EdgeRefusal.keyUnknown }
        let hash = SHA256Digest(of: key)
        guard let row = try await database.read({ try $0.key(hash: hash) }), !row.isRevoked,
            let scope = KeyScope(rawValue: row.scope)
        else { throw EdgeRefusal.keyUnknown }
        switch scope {
        case .operator: return .operator
        case .finance: return .finance
        case .host: return .host(try subject(row))
        case .gateway: return .gateway(try subject(row))
        case .wallet: return .wallet(try subject(row))
        }
    }

    private func subject<Kind>(_ row: KeyRow) throws -> Identifier<Kind> {
        guard let id = Identifier<Kind>(row.subject) else { throw StoreFault.corrupt(column: "api_keys.subject") }
        return id
    }

    /// Makes a key for a scope; of operator, finance and gateway only, since hosts and wallets get theirs when they
    /// are made.
    public func makeKey(_ scope: KeyScope, gateway: GatewayID? = nil, by caller: Caller) async throws -> IssuedKey {
        guard caller == .operator else { throw EdgeRefusal.keyScope("operator") }
        let subject: String
        switch scope {
        case .operator, .finance: subject = scope.rawValue
        case .gateway: subject = (gateway ?? makeID()).text
        case .host, .wallet: throw LedgerRefusal.keySubject
        }
        let key = newKey(scope, subject: subject)
        let now = clock.now()
        try await database.write { transaction in
            try transaction.insert(key, at: now)
            try transaction.audit(
                actor: caller.actor, act: "key_made", subject: subject, detail: scope.rawValue, at: now)
        }
        return key
    }

    /// What a revocation is about: one key, or every key of a host, wallet, gateway, of finance or of operators.
    public enum KeySelection: Sendable {
        case key(String)
        case subject(String)
    }

    /// Takes keys back; from now on they are refused as unknown. Doing it twice changes nothing.
    /// - Parameter own: the key that makes the request; it cannot be revoked by itself, so that one always remains.
    /// - Returns: how many keys were valid until now.
    public func revokeKeys(_ selection: KeySelection, own: String?, by caller: Caller) async throws -> Int {
        guard caller == .operator else { throw EdgeRefusal.keyScope("operator") }
        let ownHash = own.map { SHA256Digest(of: $0).hex }
        let now = clock.now()
        return try await database.write { transaction in
            let hashes: [String]
            let subject: String
            switch selection {
            case .key(let key):
                let hash = SHA256Digest(of: key)
                guard let row = try transaction.key(hash: hash) else { throw LedgerRefusal.keyNotFound }
                (hashes, subject) = ([hash.hex], row.subject)
            case .subject(let name):
                (hashes, subject) = (try transaction.keyHashes(of: name), name)
            }
            guard !hashes.isEmpty else { throw LedgerRefusal.keyNotFound }
            guard ownHash.map({ !hashes.contains($0) }) ?? true else { throw LedgerRefusal.keyOwn }
            var revoked = 0
            for hash in hashes where try transaction.revokeKey(hash: hash, at: now) { revoked += 1 }
            if revoked > 0 {
                try transaction.audit(
                    actor: caller.actor, act: "key_revoked", subject: subject, detail: "\(revoked)", at: now)
            }
            return revoked
        }
    }

    /// Makes sure that a key of the configuration is known: for the first operator, and for services that are
    /// configured together.
    public func install(key: String, _ scope: KeyScope, subject: String) async throws {
        let hash = SHA256Digest(of: key)
        let now = clock.now()
        try await database.write { transaction in
            guard try transaction.key(hash: hash) == nil else { return }
            try transaction.insertKey(hash: hash, scope: scope.rawValue, subject: subject, at: now)
            try transaction.audit(
                actor: "configuration", act: "key_installed", subject: subject, detail: scope.rawValue, at: now)
        }
    }

    func newKey(_ scope: KeyScope, subject: String) -> IssuedKey {
        IssuedKey(key: scope.newKeyText(), scope: scope, subject: subject)
    }
}

extension KeyScope {
    /// A new key: `gk_<scope>_` and 32 random bytes in base64url.
    public func newKeyText() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return "gk_\(rawValue)_\(text)"
    }
}

extension Transaction {
    borrowing func insert(_ key: IssuedKey, at instant: Instant) throws(StoreFault) {
        try insertKey(
            hash: SHA256Digest(of: key.key), scope: key.scope.rawValue, subject: key.subject, at: instant)
    }
}
