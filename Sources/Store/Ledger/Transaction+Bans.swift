public import Values

/// What was said last of somebody whom a host banned.
public struct BanRow: Sendable, Hashable {
    public let host: HostID
    public let holder: HolderID
    public let number: Int
    public let banned: Bool
    public let reason: String
    public let actor: String
    public let at: Instant
}

extension Transaction {
    /// Whether a host has banned somebody from its rooms.
    ///
    /// Asked by every sale: of a host who has banned nobody once for a group of them.
    public borrowing func isBanned(_ holder: HolderID, by host: HostID) throws(StoreFault) -> Bool {
        let hasAny: Bool
        if let known = memory?.hasBans(of: host) {
            hasAny = known
        } else {
            hasAny =
                try row("SELECT 1 FROM host_bans WHERE shard = $1 AND host = $2 LIMIT 1", shard, host) {
                    _ throws(StoreFault) in true
                } ?? false
            memory?.remember(hasBans: hasAny, of: host)
        }
        guard hasAny, let last = try ban(of: holder, by: host) else { return false }
        return last.banned
    }

    /// The last word of a host about somebody.
    public borrowing func ban(of holder: HolderID, by host: HostID) throws(StoreFault) -> BanRow? {
        try row(
            """
            SELECT host, holder, n, banned, reason, actor, at_us FROM host_bans
            WHERE shard = $1 AND host = $2 AND holder = $3 ORDER BY n DESC LIMIT 1
            """, shard, host, holder, read: readBan)
    }

    /// Who is banned by a host now, in the order of their ids.
    public borrowing func bans(of host: HostID, after holder: String, limit: Int) throws(StoreFault) -> [BanRow] {
        try rows(
            """
            SELECT b.host, b.holder, b.n, b.banned, b.reason, b.actor, b.at_us FROM host_bans b
            WHERE b.shard = $1 AND b.host = $2 AND b.holder > $3 AND b.banned = 1 AND NOT EXISTS (SELECT 1
              FROM host_bans m WHERE m.shard = b.shard AND m.host = b.host AND m.holder = b.holder AND m.n > b.n)
            ORDER BY b.holder LIMIT $4
            """, shard, host, holder, limit, read: readBan)
    }

    /// Who is banned now by hosts with a room that ends after an instant.
    public borrowing func bans(
        ofRoomsEndingAfter instant: Instant, limit: Int
    ) throws(StoreFault) -> [BanRow] {
        try rows(
            """
            SELECT b.host, b.holder, b.n, b.banned, b.reason, b.actor, b.at_us FROM host_bans b
            WHERE b.shard = $1 AND b.banned = 1 AND NOT EXISTS (SELECT 1 FROM host_bans m
              WHERE m.shard = b.shard AND m.host = b.host AND m.holder = b.holder AND m.n > b.n)
              AND EXISTS (SELECT 1 FROM rooms r WHERE r.shard = b.shard AND r.host = b.host AND r.ends_us > $2)
            ORDER BY b.host, b.holder LIMIT $3
            """, shard, instant, limit, read: readBan)
    }

    /// Holds of somebody whose seats are kept in rooms of a host.
    public borrowing func openHolds(of holder: HolderID, with host: HostID) throws(StoreFault) -> [PurchaseID] {
        try rows(
            """
            SELECT o.purchase FROM rooms r JOIN open_holds o ON o.shard = r.shard AND o.room = r.room
            JOIN holds h ON h.shard = o.shard AND h.purchase = o.purchase
            WHERE r.shard = $1 AND r.host = $2 AND h.holder = $3 ORDER BY o.purchase
            """, shard, host, holder
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Places of somebody on the waiting lists of a host's rooms.
    public borrowing func openWaits(of holder: HolderID, with host: HostID) throws(StoreFault) -> [WaitingID] {
        try rows(
            """
            SELECT o.wait FROM rooms r JOIN open_waits o ON o.shard = r.shard AND o.room = r.room
            WHERE r.shard = $1 AND r.host = $2 AND o.holder = $3 ORDER BY o.wait
            """, shard, host, holder
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Whether somebody has a wallet, or a ticket or pass of a room of this host.
    public borrowing func isKnown(_ holder: HolderID, to host: HostID) throws(StoreFault) -> Bool {
        try row(
            """
            SELECT 1 FROM wallets WHERE shard = $1 AND holder = $2 UNION ALL
            SELECT 1 FROM tickets t JOIN rooms r ON r.shard = t.shard AND r.room = t.room
            WHERE t.shard = $1 AND t.subject = $2 AND r.host = $3 LIMIT 1
            """, shard, holder, host
        ) { _ throws(StoreFault) in true } ?? false
    }

    /// Chains a word about somebody behind the one before.
    /// - Parameter feed: the event by which gateways hear of it.
    public borrowing func insertBan(
        _ banned: Bool, of holder: HolderID, by host: HostID, behind last: BanRow?, reason: String, feed: Int64,
        actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO host_bans (shard, host, holder, n, prev_n, before, banned, reason, feed, actor, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """, shard, host, holder, (last?.number ?? 0) + 1, last?.number, last?.banned == true ? 1 : 0,
            banned ? 1 : 0, reason, feed, actor, instant)
        memory?.forgetBans(of: host)
    }
}

private func readBan(_ row: borrowing Row) throws(StoreFault) -> BanRow {
    BanRow(
        host: try row.identifier(0), holder: try row.identifier(1), number: try row.int(2),
        banned: try row.int(3) == 1, reason: try row.text(4), actor: try row.text(5), at: try row.instant(6))
}
