internal import Foundation

/// The private keys of a ledger's tickets, one file each: `ticket-signing.pem`, which the first start makes, and
/// `ticket-keys/<kid>.pem` for those that rotations add. An edge, like ``KeyFile``: readable by their owner only, or
/// refused.
public struct KeyFolder: Sendable, Hashable {
    private let path: String

    /// - Parameter path: the server's data folder.
    public init(_ path: String) { self.path = path }

    private var firstPath: String { path + "/ticket-signing.pem" }
    private var folder: String { path + "/ticket-keys" }
    /// See ``webhookKey()``.
    var webhookKeyPath: String { path + "/webhook.key" }

    /// The key of the first start, made if it is missing.
    public func first() throws(KeyRefusal) -> SigningKey { try KeyFile.loadOrGenerate(firstPath) }

    /// The private half of a public key.
    /// - Throws: `key_file_unreadable` if no file has it, `key_file_exposed` if others can read it.
    public func load(_ key: VerifyingKey) throws(KeyRefusal) -> SigningKey {
        let own = "\(folder)/\(key.id).pem"
        if FileManager.default.fileExists(atPath: own) {
            let loaded = try KeyFile.load(own)
            guard loaded.verifyingKey == key else { throw .fileMalformed(path: own) }
            return loaded
        }
        let loaded = try KeyFile.load(firstPath)
        guard loaded.verifyingKey == key else { throw .fileUnreadable(path: own) }
        return loaded
    }

    /// The public halves of every key whose file is here, retired ones too; keys that cannot be read are left out.
    public var publicKeys: KeyRing {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        let paths = [firstPath] + names.filter { $0.hasSuffix(".pem") }.sorted().map { "\(folder)/\($0)" }
        let keys = paths.prefix(KeyRing.maximumKeys).filter { FileManager.default.fileExists(atPath: $0) }
        return KeyRing(keys.compactMap { (try? KeyFile.load($0))?.verifyingKey })
    }

    /// Writes a key's file, durably, with mode 0600.
    public func save(_ key: SigningKey) throws(KeyRefusal) {
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try KeyFile.save(key, to: "\(folder)/\(key.id).pem")
    }

    /// Removes the file of a key that never came into use.
    public func discard(_ key: SigningKey) {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(key.id).pem")
    }
}
