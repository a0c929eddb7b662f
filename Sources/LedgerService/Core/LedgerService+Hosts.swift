internal import Foundation
internal import HTTPEdge
internal import Store
public import Values

/// A host as the API shows it.
public struct HostView: Sendable, Hashable, Encodable {
    public let host: HostID
    public let name: String
}

extension LedgerService {
    /// Makes a host and its key.
    public func createHost(name: String, by caller: Caller) async throws -> (host: HostView, key: IssuedKey) {
        guard caller == .operator else { throw EdgeRefusal.keyScope("operator") }
        let name = name.trimmingCharacters(in: .whitespacesAndNewlines)
        // A name fits a line and turns no text around.
        guard isPrintable(name, characters: 1...80) else { throw LedgerRefusal.hostName }
        let id: HostID = makeID()
        let key = newKey(.host, subject: id.text)
        let now = clock.now()
        try await database.write { transaction in
            try transaction.insertHost(id, name: name, at: now)
            try transaction.insert(key, at: now)
            try transaction.audit(actor: caller.actor, act: "host_created", subject: id.text, at: now)
        }
        return (HostView(host: id, name: name), key)
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
