internal import Foundation
public import Store
internal import Synchronization

/// The engines that a store test runs on.
public enum Engine: String, CaseIterable, Sendable {
    case sqlite
    case postgreSQL

    /// For suites that run as a whole on one engine: SQLite, unless GUICHET_TEST_ENGINE says postgreSQL.
    public static let chosen =
        ProcessInfo.processInfo.environment["GUICHET_TEST_ENGINE"].flatMap(Engine.init) ?? .sqlite
}

/// An empty database on an engine: a file in the temporary folder, or a database of the process's own server. A test
/// takes one at a time. The file is removed at the end; the database is emptied for the next test.
public final class FreshDatabase: Sendable {
    private enum Place: Sendable {
        case file(String)
        case server(PrivateCluster, name: String)
    }

    private let place: Place
    private let isPrepared = Mutex(false)

    public init(_ engine: Engine) async throws {
        switch engine {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory
            place = .file(folder.appendingPathComponent("guichet-\(UUID().uuidString).db").path)
        case .postgreSQL:
            let cluster = try PrivateCluster.shared.get()
            place = .server(cluster, name: try await cluster.takeDatabase())
        }
    }

    deinit {
        switch place {
        case .file(let path):
            for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        case .server(let cluster, let name): cluster.giveBack(name)
        }
    }

    /// The file of an SQLite database.
    public var path: String? {
        if case .file(let path) = place { return path }
        return nil
    }

    /// Opens it with a schema of the test's own.
    public func open(_ migrations: [Migration], lock: SharedLock? = nil) throws -> Database {
        switch place {
        case .file(let path): return try Database(path: path, migrations: migrations)
        case .server(let cluster, let name):
            try prepare { () throws in try cluster.clear(name, keepingLedger: false) }
            return try Database(try address(), migrations: migrations, readers: 1, lock: lock)
        }
    }

    /// Opens it as a ledger; twice for two processes on one database.
    public func ledger() throws -> Database {
        switch place {
        case .file(let path): return try .ledger(at: path)
        case .server(let cluster, let name):
            try prepare { () throws in try cluster.clear(name, keepingLedger: true) }
            // Two connections a test, since hundreds of tests run at one time on one server.
            return try .ledger(at: try address(), readers: 1)
        }
    }

    /// The address of a database on the server, as its owner or another role sees it.
    public func address(as role: String = "guichet") throws -> PostgreSQLAddress {
        guard let address = PostgreSQLAddress(try conninfo(as: role)) else {
            throw PrivateCluster.Missing(description: "The server's address can't be read.")
        }
        return address
    }

    /// The same as a text that other programs take.
    public func conninfo(as role: String = "guichet") throws -> String {
        guard case .server(let cluster, let name) = place else {
            throw PrivateCluster.Missing(description: "A file has no address.")
        }
        return cluster.conninfo(name, role: role)
    }

    /// Runs statements as the owner of the server.
    public func administer(_ statements: String...) throws {
        guard case .server(let cluster, let name) = place else { return }
        for statement in statements { try cluster.run(statement, in: name) }
    }

    private func prepare(_ clear: () throws -> Void) throws {
        try isPrepared.withLock { isPrepared in
            if !isPrepared { try clear() }
            isPrepared = true
        }
    }
}
