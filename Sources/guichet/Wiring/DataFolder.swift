import Foundation
import LedgerService
import Store
import Tickets

/// The server's folder on disk: database, spool, keys. Its owner's alone.
struct DataFolder {
    let path: String

    /// Makes the folder if it is missing and closes it to others.
    init(_ path: String) throws {
        self.path = path
        let manager = FileManager.default
        do {
            try manager.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw CommandFailure(.file, "The data folder \(path) can't be made.")
        }
        guard manager.isWritableFile(atPath: path) else {
            throw CommandFailure(.file, "The data folder \(path) can't be written to.")
        }
    }

    var ledgerDatabase: String { path + "/ledger.sqlite" }
    /// The signed heads of the journal, one file a night: copy them elsewhere.
    var headsFolder: String { path + "/heads" }
    var spoolDatabase: String { path + "/spool.sqlite" }
    private var operatorKeyFile: String { path + "/operator.key" }

    /// The private keys that sign tickets.
    var ticketKeys: KeyFolder { KeyFolder(path) }

    /// The first operator's key: read from `operator.key`, made on the first start.
    func operatorKey() throws -> String {
        if FileManager.default.fileExists(atPath: operatorKeyFile) {
            do { try KeyFile.checkMode(operatorKeyFile) } catch {
                throw CommandFailure(
                    .configuration, "\(operatorKeyFile) must be readable by its owner only (chmod 600).")
            }
            return try ServerOptions.readKey(operatorKeyFile)
        }
        let key = KeyScope.operator.newKeyText()
        do {
            try WholeFile.write(Data((key + "\n").utf8), to: operatorKeyFile, .key, mode: 0o600, isNew: true)
        } catch {
            // Another process that started at the same moment made it first.
            guard FileManager.default.fileExists(atPath: operatorKeyFile) else {
                throw CommandFailure(.file, "\(operatorKeyFile) can't be written.")
            }
            return try ServerOptions.readKey(operatorKeyFile)
        }
        return key
    }
}
