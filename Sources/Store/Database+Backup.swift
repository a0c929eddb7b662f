internal import CSQLite
internal import Foundation
internal import Values

extension Database {
    /// Copies a database file while others write to it, by SQLite's online backup: the copy is the database as it stood
    /// at one moment, everything committed before the call included.
    ///
    /// One step over all pages, on a snapshot of the copier's own: a rush of sales neither disturbs it nor makes it begin
    /// again, and waits for nothing. The copy appears under its name whole and on disk, or not at all.
    public static func copy(_ path: String, to target: String) throws(StoreFault) {
        guard access(target, F_OK) != 0 else { throw .file(path: target, code: EEXIST) }
        let partial = target + ".partial"
        unlink(partial)
        do throws(StoreFault) {
            try createPrivateFile(partial)
            try copyPages(path, to: partial)
            try synchronize(partial)
            WholeFile.Kind.backup.written.pass()
        } catch {
            unlink(partial)
            throw error
        }
        guard rename(partial, target) == 0 else { throw .file(path: target, code: errno) }
        try synchronizeFolder(of: target)
        WholeFile.Kind.backup.named.pass()
    }

    private static func copyPages(_ path: String, to target: String) throws(StoreFault) {
        var source: OpaquePointer?
        var copy: OpaquePointer?
        defer {
            sqlite3_close_v2(source)
            sqlite3_close_v2(copy)
        }
        var code = sqlite3_open_v2(path, &source, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let source else { throw sqliteFault(source, "open", code) }
        code = sqlite3_open_v2(target, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let copy else { throw sqliteFault(copy, "open", code) }
        sqlite3_busy_timeout(source, 5_000)
        guard let backup = sqlite3_backup_init(copy, "main", source, "main") else {
            throw sqliteFault(copy, "backup", sqlite3_errcode(copy))
        }
        var step = sqlite3_backup_step(backup, -1)
        // Busy only at the very beginning, before the snapshot is taken.
        for _ in 0..<100 where step == SQLITE_BUSY || step == SQLITE_LOCKED {
            sqlite3_sleep(50)
            step = sqlite3_backup_step(backup, -1)
        }
        let finished = sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE, finished == SQLITE_OK else { throw sqliteFault(copy, "backup", step) }
        // A copy is one file: without this it would ask for a log beside it, and a reader on a full disk could not open it.
        code = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", nil, nil, nil)
        guard code == SQLITE_OK else { throw sqliteFault(copy, "backup", code) }
    }
}
