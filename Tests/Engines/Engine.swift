internal import Foundation
public import Store
internal import Synchronization

/// The engines that a store test runs on.
public enum Engine: String, CaseIterable, Sendable {
    case sqlite
    case postgreSQL
}

/// An empty database on an engine: a file in the temporary folder, or a database of the process's own server. What was
/// made of it is removed at the end.
public final class FreshDatabase: Sendable {
    public enum Place: Sendable {
        case file(String)
        case server(PostgreSQLAddress, name: String)
    }

    public let place: Place
    private static let count = Mutex(0)

    public init(_ engine: Engine) throws {
        switch engine {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory
            place = .file(folder.appendingPathComponent("guichet-\(UUID().uuidString).db").path)
        case .postgreSQL:
            let cluster = try PrivateCluster.shared.get()
            let name = Self.count.withLock { count in
                count += 1
                return "test_\(count)"
            }
            try cluster.run("CREATE DATABASE \(name) TEMPLATE template0")
            guard let address = PostgreSQLAddress(cluster.conninfo(name)) else {
                throw PrivateCluster.Missing(description: "The address of a database is none.")
            }
            place = .server(address, name: name)
        }
    }

    deinit {
        switch place {
        case .file(let path):
            for suffix in ["", "-wal", "-shm", ".lock"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        case .server(_, let name): try? PrivateCluster.shared.get().run("DROP DATABASE \(name) WITH (FORCE)")
        }
    }

    /// Opens it with a schema of the test's own.
    public func open(_ migrations: [Migration], lock: SharedLock? = nil) throws(StoreFault) -> Database {
        switch place {
        case .file(let path): try Database(path: path, migrations: migrations)
        case .server(let address, _): try Database(address, migrations: migrations, readers: 2, lock: lock)
        }
    }

    /// Opens it as a ledger.
    public func ledger() throws(StoreFault) -> Database {
        switch place {
        case .file(let path): try .ledger(at: path)
        case .server(let address, _): try .ledger(at: address, readers: 2)
        }
    }
}
