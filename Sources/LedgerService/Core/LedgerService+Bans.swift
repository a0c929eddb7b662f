internal import BoxOffice
public import HTTPEdge
internal import Stage
internal import Store
public import Values

/// Somebody whom a host lets into none of its rooms.
public struct BanView: Sendable, Hashable, Encodable {
    public let host: HostID
    public let holder: HolderID
    public let banned: Bool
    public let reason: String
    /// Who said it, as the audit log names them.
    public let by: String
    public let at: Instant

    init(_ row: BanRow) {
        host = row.host
        holder = row.holder
        banned = row.banned
        reason = row.reason
        by = row.actor
        at = row.at
    }
}

/// Whom a host means: the person, or a ticket or pass of theirs.
public enum BannedPerson: Sendable, Hashable {
    case holder(HolderID)
    case ticket(TicketID)
}

extension LedgerService {
    /// Bans somebody from every room of a host, or lets them in again. Whoever is inside is sent out, waits for no seat
    /// and buys nothing there any more; what they bought stays theirs until it is given back.
    public func ban(
        _ person: BannedPerson, banned: Bool = true, by host: HostID, reason: String = "", key: IdempotencyKey,
        as caller: Caller
    ) async throws -> BanView {
        guard reason.isEmpty || isPrintable(reason, characters: 1...200) else {
            throw EdgeRefusal.bodyWrongType(path: "reason")
        }
        let command = OnceOnly(
            banned ? "ban" : "unban", by: caller, key: key, request: "\(host)|\(person)|\(reason)")
        let now = clock.now()
        return try await tellingGateways { transaction in
            try requireBanning(host, caller, in: transaction)
            let outcome = try transaction.once(command, at: now) {
                let holder = try named(person, to: host, in: transaction)
                let last = try transaction.ban(of: holder, by: host)
                let isNew = try decideBan(
                    banned, from: last?.banned ?? false, isKnown: try transaction.isKnown(holder, to: host))
                if isNew {
                    try transaction.ban(
                        holder, banned, by: host, behind: last, reason: reason, actor: caller.actor, at: now)
                }
                // Said again, too: what a person had begun before bans ended it ends now.
                if banned { try endWhatWaits(of: holder, with: host, at: now, in: transaction) }
                return holder.text
            }
            guard let row = try HolderID(outcome).flatMap({ try transaction.ban(of: $0, by: host) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return BanView(row)
        }
    }

    /// Whom a host has banned, in the order of their ids.
    public func bans(
        of host: HostID, _ page: PageRequest, as caller: Caller
    ) async throws -> (bans: [BanView], next: String?) {
        try await database.read { transaction in
            if !caller.isAuditor { try requireBanning(host, caller, in: transaction) }
            let (rows, next) = page.page(
                try transaction.bans(of: host, after: page.after ?? "", limit: page.limit + 1), key: \.holder.text)
            return (rows.map { BanView($0) }, next)
        }
    }

    /// Refuses a buyer whom the host of a room has banned.
    func checkNotBanned(_ holder: HolderID, from room: Room?, in transaction: borrowing Transaction) throws {
        guard let room, try transaction.isBanned(holder, by: room.host) else { return }
        throw BanRefusal.banned
    }

    private func requireBanning(
        _ host: HostID, _ caller: Caller, in transaction: borrowing Transaction
    ) throws {
        switch caller {
        case .operator, .host(host), .moderator(host): break
        case .anybody: throw EdgeRefusal.keyMissing
        case .host, .moderator, .finance, .auditor, .gateway, .wallet:
            throw EdgeRefusal.keyScope("host, moderator of the host, operator")
        }
        guard try transaction.host(host) != nil else { throw LedgerRefusal.hostUnknown }
    }

    private func named(
        _ person: BannedPerson, to host: HostID, in transaction: borrowing Transaction
    ) throws -> HolderID {
        switch person {
        case .holder(let holder): return holder
        case .ticket(let ticket):
            // A ticket of another host's room says nothing here, not even whether it exists.
            guard let row = try transaction.ticket(ticket), case .holder(let holder) = row.subject,
                try transaction.room(row.room)?.host == host
            else { throw BanRefusal.holderUnknown }
            return holder
        }
    }
}

extension Transaction {
    /// Chains a word about somebody behind the one before, and tells gateways and other systems.
    borrowing func ban(
        _ holder: HolderID, _ banned: Bool, by host: HostID, behind last: BanRow?, reason: String, actor: String,
        at instant: Instant
    ) throws(StoreFault) {
        let notice = HostBanNotice(host: host, holder: .holder(holder), banned: banned)
        let feed = try appendFeed(kind: "banned", at: instant) {
            text(of: FeedEvent(sequence: $0, change: .banned(notice)))
        }
        try insertBan(
            banned, of: holder, by: host, behind: last, reason: reason, feed: feed, actor: actor, at: instant)
        // Wallets are not told to other systems: who it is says the list of bans to whoever may read it.
        try tell(
            banned ? .hostBanned : .hostUnbanned, of: "\(host)/\(feed)", host: host, at: instant,
            EventFacts(host: host))
        try audit(
            actor: actor, act: banned ? "host_banned" : "host_unbanned", subject: host.text, detail: holder.text,
            at: instant)
    }
}
