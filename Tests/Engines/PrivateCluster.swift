internal import CPostgreSQL
internal import Foundation
internal import Synchronization

/// A PostgreSQL server for one test process: made in a temporary folder at the first need, reached by a Unix socket
/// only, `fsync` on. It ends with the process, however that ends, and takes its folder along.
public final class PrivateCluster: Sendable {
    /// Why there is no server.
    public struct Missing: Error, CustomStringConvertible {
        public let description: String
    }

    /// The one of this process.
    public static let shared = Result<PrivateCluster, Missing> { () throws(Missing) in try PrivateCluster() }

    /// Databases at one time. To make one takes longer than most tests, and each has some connections.
    private static let databaseLimit = 6

    /// Which databases there are, which of them are free, and who waits for one.
    private struct Databases {
        var made = 0
        var free: [String] = []
        /// Those whose tables are a ledger's.
        var ledgers: Set<String> = []
        var waiting: [Int: CheckedContinuation<String?, Never>] = [:]
        var waiters = 0
        /// When one came back last, or one more was made.
        var movedAt = ContinuousClock.now
    }

    private let folder: String
    private let databases = Mutex(Databases())
    /// Closed by the kernel when this process ends; the keeper of the server waits for that.
    private let leash: FileHandle

    /// Words that differ in case and letters with accents sort by language here, so that a schema which relies on the
    /// order of bytes has to ask for it.
    private static let script = """
        set -eu
        bin=$1 folder=$2
        "$bin/initdb" -D "$folder/data" -U guichet -A trust -E UTF8 --locale=C.UTF-8 \\
            --locale-provider=icu --icu-locale=en -N >"$folder/initdb.log" 2>&1
        "$bin/postgres" -D "$folder/data" -c listen_addresses= -c unix_socket_directories="$folder" -c fsync=on \\
            -c max_connections=1000 -c shared_buffers=128MB -c autovacuum_naptime=5min \\
            >"$folder/server.log" 2>&1 </dev/null &
        server=$!
        echo started
        read -r _ || true
        kill -INT "$server"
        wait "$server" || true
        rm -rf "$folder"
        """

    private init() throws(Missing) {
        guard let bin = Self.binaries else {
            throw Missing(description: "PostgreSQL is not installed (Debian package postgresql-15).")
        }
        var template = Array("/tmp/guichet-pg-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Missing(description: "There is no room in /tmp.") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let keeper = Process()
        let shell = ["/bin/sh", "-c", Self.script, "cluster", bin, folder]
        if getuid() == 0, let user = getpwnam("postgres") {
            // The server refuses to run as root.
            chown(folder, user.pointee.pw_uid, user.pointee.pw_gid)
            keeper.executableURL = URL(fileURLWithPath: "/usr/sbin/runuser")
            keeper.arguments = ["-u", "postgres", "--"] + shell
        } else {
            keeper.executableURL = URL(fileURLWithPath: shell[0])
            keeper.arguments = Array(shell.dropFirst())
        }
        keeper.currentDirectoryURL = URL(fileURLWithPath: "/")
        let input = Pipe()
        let output = Pipe()
        keeper.standardInput = input
        keeper.standardOutput = output
        leash = input.fileHandleForWriting
        do { try keeper.run() } catch { throw Missing(description: "runuser or sh cannot be started: \(error)") }
        // Either the word, or the end of a script that failed.
        guard !output.fileHandleForReading.availableData.isEmpty else {
            throw Missing(description: "initdb failed:\n" + log("initdb.log"))
        }
        try waitUntilReady()
    }

    /// The conninfo of a database of this server.
    public func conninfo(_ database: String, role: String = "guichet") -> String {
        "host=\(folder) user=\(role) dbname=\(database)"
    }

    /// Runs statements, one at a time, over a connection of their own.
    public func run(_ statements: String..., in database: String = "postgres") throws(Missing) {
        let connection = PQconnectdb(conninfo(database))
        defer { PQfinish(connection) }
        for statement in statements {
            let result = PQexec(connection, statement)
            defer { PQclear(result) }
            switch PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: continue
            default: throw Missing(description: PQerrorMessage(connection).map { String(cString: $0) } ?? "")
            }
        }
    }

    /// A database that no other test has now.
    func takeDatabase() async throws -> String {
        let taken: String?? = databases.withLock { databases in
            if let free = databases.free.popLast() { return free }
            if databases.made < Self.databaseLimit { return .some(nil) }
            return nil
        }
        if let free = taken ?? nil { return free }
        if taken == nil, let given = await waitForDatabase() { return given }
        let number = databases.withLock { databases in
            databases.made += 1
            databases.movedAt = .now
            return databases.made
        }
        try run("CREATE DATABASE test_\(number) TEMPLATE template0")
        return "test_\(number)"
    }

    /// `nil` when none has come back for two seconds, to one of those who wait at a time: hundreds of tests that begin at
    /// one moment don't make a database each.
    private func waitForDatabase() async -> String? {
        let number = databases.withLock { databases in
            databases.waiters += 1
            return databases.waiters
        }
        let patience = Task {
            while true {
                try await Task.sleep(for: .milliseconds(500))
                let stuck = databases.withLock { databases -> CheckedContinuation<String?, Never>? in
                    guard ContinuousClock.now - databases.movedAt >= .seconds(2), number == databases.waiting.keys.max()
                    else { return nil }
                    databases.movedAt = .now
                    return databases.waiting.removeValue(forKey: number)
                }
                stuck?.resume(returning: nil)
            }
        }
        defer { patience.cancel() }
        return await withCheckedContinuation { continuation in
            let free: String? = databases.withLock { databases in
                if let free = databases.free.popLast() { return free }
                databases.waiting[number] = continuation
                return nil
            }
            if let free { continuation.resume(returning: free) }
        }
    }

    func giveBack(_ name: String) {
        let waiter = databases.withLock { databases in
            databases.movedAt = .now
            // Whoever asked last: tests that have one already and need another, before those that have not begun.
            guard let last = databases.waiting.keys.max() else {
                databases.free.append(name)
                return CheckedContinuation<String?, Never>?.none
            }
            return databases.waiting.removeValue(forKey: last)
        }
        waiter?.resume(returning: name)
    }

    /// Empties a database: of its rows, where it is to be a ledger and was one; of everything otherwise.
    func clear(_ name: String, keepingLedger: Bool) throws(Missing) {
        let wasLedger = databases.withLock { databases in
            keepingLedger ? !databases.ledgers.insert(name).inserted : databases.ledgers.remove(name) != nil
        }
        // A test that failed may have left connections behind.
        let left = """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """
        guard keepingLedger, wasLedger else {
            return try run(left, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public", in: name)
        }
        let rows = """
            DO $$ DECLARE t text; BEGIN
              SET LOCAL session_replication_role = replica;
              FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'schema_migrations'
              LOOP EXECUTE 'DELETE FROM ' || quote_ident(t); END LOOP;
            END $$
            """
        try run(left, rows, in: name)
    }

    /// The folder of the newest server on this machine.
    private static var binaries: String? {
        let root = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return versions.compactMap { Int($0) }.sorted(by: >).map { "\(root)/\($0)/bin" }
            .first { FileManager.default.isExecutableFile(atPath: "\($0)/initdb") }
    }

    private func waitUntilReady() throws(Missing) {
        // A server with nothing to recover answers within a second; a minute is for machines that do much else.
        for _ in 0..<600 {
            if PQping(conninfo("postgres")) == PQPING_OK { return }
            usleep(100_000)
        }
        throw Missing(description: "The server does not answer:\n" + log("server.log"))
    }

    private func log(_ name: String) -> String {
        (try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)) ?? ""
    }
}
