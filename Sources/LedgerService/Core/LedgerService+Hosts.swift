internal import Foundation
public import HTTPEdge
internal import Store
public import Values

/// A host as the API shows it.
public struct HostView: Sendable, Hashable, Encodable {
    public let host: HostID
    public let name: String
}

extension LedgerService {
    /// Makes a host and its key.
    /// - Parameter secret: the key with which the command came; with it a repeated command gives the same characters.
    public func createHost(
        name: String, idempotency key: IdempotencyKey? = nil, secret: String? = nil, by caller: Caller
    ) async throws -> (host: HostView, key: IssuedKey) {
        guard caller.isOperator else { throw EdgeRefusal.keyScope("operator") }
        let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
        // A name fits a line and turns no text around.
        guard isPrintable(name, characters: 1...80) else { throw LedgerRefusal.hostName }
        let id: HostID = makeID()
        let keyID: APIKeyID = makeID()
        let seed = KeySeed(secret: secret)
        let now = clock.now()
        let command = OnceOnly("host", by: caller, key: key, request: name, secret: secret)
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                try transaction.insertHost(id, name: name, at: now)
                let stored = try transaction.insertKey(
                    keyID, .host, subject: id.text, from: seed, by: caller.actor, at: now)
                try transaction.audit(actor: caller.actor, act: "host_created", subject: id.text, at: now)
                return text(of: stored)
            }
        }
        let stored = try value(StoredKey.self, from: outcome, column: "idempotency_keys.outcome")
        guard let made = HostID(stored.subject) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        return (HostView(host: made, name: name), stored.issued(seed))
    }

    public func host(_ id: HostID) async throws -> HostView {
        guard let row = try await database.read({ try $0.host(id) }) else { throw LedgerRefusal.hostUnknown }
        return HostView(host: row.host, name: row.name)
    }
}

/// Whether a text has a number of characters, none of them invisible or turning the direction of what stands around.
func isPrintable(_ text: String, characters: ClosedRange<Int>) -> Bool {
    characters.contains(text.count) && text.utf8.count <= 4 * characters.upperBound
        && !text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse: true
            default: (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
            }
        }
}
