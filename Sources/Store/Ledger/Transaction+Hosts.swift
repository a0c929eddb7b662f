public import Values

/// A host as stored.
public struct HostRow: Sendable, Hashable {
    public let host: HostID
    public let name: String
    public let createdAt: Instant
}

extension Transaction {
    public borrowing func insertHost(_ host: HostID, name: String, at instant: Instant) throws(StoreFault) {
        try execute(
            "INSERT INTO hosts (shard, host, name, created_us) VALUES ($1, $2, $3, $4)", shard, host, name, instant)
    }

    public borrowing func host(_ host: HostID) throws(StoreFault) -> HostRow? {
        try row("SELECT name, created_us FROM hosts WHERE shard = $1 AND host = $2", shard, host) {
            row throws(StoreFault) in HostRow(host: host, name: try row.text(0), createdAt: try row.instant(1))
        }
    }

    public borrowing func hosts() throws(StoreFault) -> [HostRow] {
        try rows("SELECT host, name, created_us FROM hosts WHERE shard = $1 ORDER BY host", shard) {
            row throws(StoreFault) in
            HostRow(host: try row.identifier(0), name: try row.text(1), createdAt: try row.instant(2))
        }
    }

    public borrowing func insertWallet(_ holder: HolderID, at instant: Instant) throws(StoreFault) {
        try execute("INSERT INTO wallets (shard, holder, created_us) VALUES ($1, $2, $3)", shard, holder, instant)
    }

    public borrowing func walletExists(_ holder: HolderID) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM wallets WHERE shard = $1 AND holder = $2", shard, holder) { _ throws(StoreFault) in
            true
        } ?? false
    }
}
