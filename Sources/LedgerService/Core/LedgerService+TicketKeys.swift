public import HTTPEdge
internal import Stage
internal import Store
public import Tickets
public import Values

/// A key of tickets as lists show it.
public struct TicketKeyView: Sendable, Hashable, Encodable {
    public let kid: String
    public let state: KeySchedule.State
    public let announcedAt: Instant
    /// Tickets issued from here on are signed with it.
    public let signsFrom: Instant
    public let retiredAt: Instant?
    public let reason: String?
}

extension LedgerService {
    /// Between the announcement of a key and its first ticket, unless the operator says otherwise. Gateways hear of it
    /// within a second; a minute forgives one that is restarting.
    public static let keyLeadSeconds: Int64 = 60

    /// The keys of tickets in the order of their use.
    public func ticketKeyViews(by caller: Caller) throws -> [TicketKeyView] {
        guard caller.seesEverything else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("operator, auditor")
        }
        let schedule = ticketKeys.schedule
        let now = clock.now()
        return schedule.entries.map { entry in
            TicketKeyView(
                kid: entry.key.id, state: schedule.state(of: entry, at: now), announcedAt: entry.announcedAt,
                signsFrom: entry.signsFrom, retiredAt: entry.retired?.at, reason: entry.retired?.reason)
        }
    }

    /// Makes a new key, announces it to gateways and in the key set, and lets it sign from a moment on.
    public func rotateTicketKey(
        signsInSeconds lead: Int64? = nil, key once: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> TicketKeyView {
        try requireOperator(caller)
        guard let folder = ticketKeys.folder else { throw AccessRefusal.ticketKeyFolder }
        let lead = lead ?? Self.keyLeadSeconds
        let now = clock.now()
        let new = SigningKey.generate()
        let command = OnceOnly("ticket_key", by: caller, key: once, request: "\(lead)")
        // The file comes first: a key that is announced must be able to sign after any crash.
        try folder.save(new)
        ticketKeys.keep(new)
        let kid: String
        do {
            kid = try await tellingGateways { transaction in
                try transaction.once(command, at: now) {
                    let schedule = try transaction.keySchedule()
                    let entry = try schedule.rotation(to: new.verifyingKey, signsInSeconds: lead, at: now)
                    try transaction.insertTicketKey(entry, by: caller.actor)
                    try transaction.announceKeys(at: now)
                    try transaction.audit(
                        actor: caller.actor, act: "ticket_key_announced", subject: entry.key.id,
                        detail: "signs from \(entry.signsFrom)", at: now)
                    return entry.key.id
                }
            }
        } catch {
            folder.discard(new)
            throw error
        }
        if kid != new.id { folder.discard(new) }
        return try await viewOfKey(kid)
    }

    /// Takes a key out of the set. Keys whose tickets have ended leave by themselves; by hand one takes back an
    /// announced key, or one that somebody else may have.
    public func retireTicketKey(
        _ kid: String, compromised: Bool = false, key once: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> TicketKeyView {
        try requireOperator(caller)
        let now = clock.now()
        let command = OnceOnly("ticket_key_retire", by: caller, key: once, request: "\(kid)|\(compromised)")
        _ = try await tellingGateways { transaction in
            try transaction.once(command, at: now) {
                let schedule = try transaction.keySchedule()
                let lastEnd = try transaction.lastEnd(ofTicketsSignedWith: kid, in: schedule)
                guard try schedule.checkRetirement(of: kid, lastEnd: lastEnd, compromised: compromised, at: now) else {
                    return kid
                }
                try transaction.retireTicketKey(
                    kid, because: compromised ? "compromised" : "by hand", by: caller.actor, at: now)
                try transaction.announceKeys(at: now)
                try transaction.audit(
                    actor: caller.actor, act: "ticket_key_retired", subject: kid,
                    detail: compromised ? "compromised" : "", at: now)
                return kid
            }
        }
        return try await viewOfKey(kid)
    }

    /// Takes over what other processes changed, and retires keys whose last ticket has ended. Called now and then.
    ///
    /// A key stays a minute longer than its last ticket, for processes that heard late that it no longer signs.
    /// - Returns: the names of keys whose private half is missing in this process's folder.
    @discardableResult
    public func refreshTicketKeys() async throws -> [String] {
        guard ticketKeys.folder != nil else { return [] }
        let schedule = try await database.read { try $0.keySchedule() }
        let now = clock.now()
        for entry in schedule.entries where schedule.state(of: entry, at: now) == .verifying {
            guard let until = schedule.window(of: entry).until, now >= until.advanced(bySeconds: 60) else { continue }
            let kid = entry.key.id
            let lastEnd = try await database.read { try $0.lastEnd(ofTicketsSignedWith: kid, in: schedule) }
            if let lastEnd, now < lastEnd.advanced(bySeconds: 60) { continue }
            try await tellingGateways { transaction in
                guard try transaction.keySchedule() == schedule else { return }
                try transaction.retireTicketKey(kid, because: "last ticket ended", by: "schedule", at: now)
                try transaction.announceKeys(at: now)
                try transaction.audit(actor: "schedule", act: "ticket_key_retired", subject: kid, at: now)
            }
        }
        return ticketKeys.take(try await database.read { try $0.keySchedule() })
    }

    private func viewOfKey(_ kid: String) async throws -> TicketKeyView {
        _ = ticketKeys.take(try await database.read { try $0.keySchedule() })
        guard let view = try ticketKeyViews(by: .operator).first(where: { $0.kid == kid }) else {
            throw KeyRotationRefusal.unknown
        }
        return view
    }

    /// The snapshot with the moments from and until which it may be trusted, signed: whoever has the key set can check
    /// it without this service, and sees how old it is.
    public func signedSnapshot() async throws -> String {
        let now = clock.now()
        let statement = SnapshotStatement(
            issuedAt: now, staleAfter: now.advanced(bySeconds: Int64(AdmissionPolicy().maximumSilenceSeconds)),
            snapshot: try await snapshot())
        return ticketKeys.key(issuedAt: now).sign(
            payload: JSON.encode(statement), type: SignedStatement.snapshotType)
    }
}

private struct SnapshotStatement: Encodable {
    let issuedAt: Instant
    let staleAfter: Instant
    let snapshot: GatewaySnapshot
}

extension Caller {
    /// Operators and auditors see what belongs to anybody.
    var seesEverything: Bool { isOperator || isAuditor }
}

extension Transaction {
    /// Tells gateways which keys there are now.
    borrowing func announceKeys(at instant: Instant) throws {
        let jwks = try keySchedule().published.jwks
        try appendFeed(kind: "keys", at: instant) { text(of: FeedEvent(sequence: $0, change: .keys(jwks: jwks))) }
    }

    /// When the last ticket ends that was issued while a key signed.
    borrowing func lastEnd(ofTicketsSignedWith kid: String, in schedule: KeySchedule) throws -> Instant? {
        guard let entry = schedule.entries.first(where: { $0.key.id == kid }) else { return nil }
        let window = schedule.window(of: entry)
        return try lastTicketEnd(issuedFrom: window.from, until: window.until)
    }

    borrowing func keySchedule() throws(StoreFault) -> KeySchedule {
        var entries: [KeySchedule.Entry] = []
        for row in try ticketKeys() {
            guard let key = Base64URL.decode(row.publicKey).flatMap({ VerifyingKey(bytes: $0) }), key.id == row.kid
            else {
                throw .corrupt(column: "ticket_keys.public_key")
            }
            let retired = row.retired.map { KeySchedule.Retirement(at: $0.at, reason: $0.reason) }
            entries.append(
                KeySchedule.Entry(
                    key: key, announcedAt: row.announcedAt, signsFrom: row.signsFrom, retired: retired))
        }
        return KeySchedule(entries)
    }

    borrowing func insertTicketKey(_ entry: KeySchedule.Entry, by actor: String) throws(StoreFault) {
        try insertTicketKey(
            TicketKeyRow(
                kid: entry.key.id, publicKey: Base64URL.encode(entry.key.bytes), announcedAt: entry.announcedAt,
                signsFrom: entry.signsFrom), by: actor)
    }
}
