public import HTTPEdge
internal import Store
public import Values

/// A key as lists show it: everything but its characters.
public struct KeyView: Sendable, Hashable, Encodable {
    public let id: APIKeyID
    public let scope: String
    public let subject: String
    public let name: String?
    public let createdBy: String
    public let createdAt: Instant
    public let expiresAt: Instant?
    public let revokedAt: Instant?
    /// Some minutes coarse.
    public let lastUsedAt: Instant?

    init(_ row: KeyRow) {
        id = row.id
        scope = row.scope
        subject = row.subject
        name = row.name.isEmpty ? nil : row.name
        createdBy = row.createdBy
        createdAt = row.createdAt
        expiresAt = row.expiresAt
        revokedAt = row.revokedAt
        lastUsedAt = row.usedAt
    }
}

/// What a new key is to be.
public struct KeyDraft: Sendable, Hashable {
    public var scope: KeyScope
    /// Of keys for hosts and moderators.
    public var host: HostID?
    /// Of keys for gateways that exist already; a new gateway without.
    public var gateway: GatewayID?
    public var name: String?
    public var expiresAt: Instant?

    public init(
        _ scope: KeyScope, host: HostID? = nil, gateway: GatewayID? = nil, name: String? = nil,
        expiresAt: Instant? = nil
    ) {
        self.scope = scope
        self.host = host
        self.gateway = gateway
        self.name = name
        self.expiresAt = expiresAt
    }
}

extension LedgerService {
    /// Whose key this is.
    /// - Throws: `key_unknown` for a key that does not exist or was revoked, `key_expired` for one whose time is over.
    public func authenticate(_ key: String) async throws -> Caller {
        // Nobody's key is longer; a long one need not be hashed.
        guard key.utf8.count <= 80 else { throw EdgeRefusal.keyUnknown }
        let hash = SHA256Digest(of: key)
        let now = clock.now()
        if let known = knownWallets.wallet(hash, at: now) {
            if let end = known.expiresAt, now >= end { throw EdgeRefusal.keyExpired(at: end) }
            return .wallet(known.holder)
        }
        let generation = knownWallets.generation
        guard let row = try await database.read({ try $0.key(hash: hash) }), !row.isRevoked,
            let scope = KeyScope(rawValue: row.scope)
        else { throw EdgeRefusal.keyUnknown }
        if let end = row.expiresAt, now >= end { throw EdgeRefusal.keyExpired(at: end) }
        if scope != .wallet { keyUses.note(hash, last: row.usedAt, at: now) }
        switch scope {
        case .operator: return .operator(row.id)
        case .finance: return .finance(row.id)
        case .auditor: return .auditor(row.id)
        case .host: return .host(try subject(row))
        case .moderator: return .moderator(try subject(row))
        case .gateway: return .gateway(try subject(row))
        case .wallet:
            let holder: HolderID = try subject(row)
            knownWallets.remember(
                .init(holder: holder, expiresAt: row.expiresAt, foundAt: now), hash, readAt: generation)
            return .wallet(holder)
        }
    }

    private func subject<Kind>(_ row: KeyRow) throws -> Identifier<Kind> {
        guard let id = Identifier<Kind>(row.subject) else { throw StoreFault.corrupt(column: "api_keys.subject") }
        return id
    }

    /// Makes a key. Operators make any but a wallet's, which comes with the wallet; hosts make further keys of
    /// themselves and of their moderators.
    /// - Parameter secret: the key with which the command came; with it a repeated command gives the same characters.
    public func makeKey(
        _ draft: KeyDraft, key: IdempotencyKey? = nil, secret: String? = nil, by caller: Caller
    ) async throws -> IssuedKey {
        let host = try hostOfNewKey(draft, by: caller)
        let now = clock.now()
        if let name = draft.name, !isPrintable(name, characters: 1...80) { throw AccessRefusal.keyName }
        // Ten years: longer than any key should live.
        if let end = draft.expiresAt, end <= now || end > now.advanced(bySeconds: 3_653 * 86_400) {
            throw AccessRefusal.keyExpiry
        }
        let subject =
            switch draft.scope {
            case .operator, .finance, .auditor: draft.scope.rawValue
            case .gateway: (draft.gateway ?? makeID()).text
            case .host, .moderator: host?.text ?? ""
            case .wallet: ""
            }
        let id: APIKeyID = makeID()
        let seed = KeySeed(secret: secret)
        let command = OnceOnly(
            "key", by: caller, key: key,
            request: """
                \(draft.scope.rawValue)|\(host?.text ?? "")|\(draft.gateway?.text ?? "")|\(draft.name ?? "")|\
                \(draft.expiresAt?.description ?? "")
                """, secret: secret)
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                if let host, try transaction.host(host) == nil { throw LedgerRefusal.hostUnknown }
                let stored = try transaction.insertKey(
                    id, draft.scope, subject: subject, name: draft.name, expiresAt: draft.expiresAt, from: seed,
                    by: caller.actor, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "key_made", subject: subject,
                    detail: "\(draft.scope.rawValue) \(id)", at: now)
                return text(of: stored)
            }
        }
        return try value(StoredKey.self, from: outcome, column: "idempotency_keys.outcome").issued(seed)
    }

    private func hostOfNewKey(_ draft: KeyDraft, by caller: Caller) throws -> HostID? {
        switch (caller, draft.scope) {
        case (.anybody, _): throw EdgeRefusal.keyMissing
        case (.operator, .host), (.operator, .moderator):
            guard let host = draft.host, draft.gateway == nil else { throw AccessRefusal.keySubject }
            return host
        case (.operator, .wallet): throw AccessRefusal.keySubject
        case (.operator, .gateway):
            guard draft.host == nil else { throw AccessRefusal.keySubject }
            return nil
        case (.operator, _):
            guard draft.host == nil, draft.gateway == nil else { throw AccessRefusal.keySubject }
            return nil
        case (.host(let own), .host), (.host(let own), .moderator):
            guard draft.host ?? own == own else { throw EdgeRefusal.keyScope("operator") }
            guard draft.gateway == nil else { throw AccessRefusal.keySubject }
            return own
        case (.host, _), (.moderator, _), (.finance, _), (.auditor, _), (.gateway, _), (.wallet, _):
            throw EdgeRefusal.keyScope("operator")
        }
    }

    /// Keys in the order of their making, those of wallets left out: a host's own, or all for operators and auditors.
    public func keys(_ page: PageRequest, by caller: Caller) async throws -> (keys: [KeyView], next: String?) {
        let rows: [KeyRow]
        switch caller {
        case .operator, .auditor:
            rows = try await database.read { try $0.keysListed(after: page.after ?? "", limit: page.limit + 1) }
        case .host(let host):
            rows = try await database.read {
                try $0.keys(of: host.text, after: page.after ?? "", limit: page.limit + 1)
            }
        case .anybody: throw EdgeRefusal.keyMissing
        case .moderator, .finance, .gateway, .wallet: throw EdgeRefusal.keyScope("host, operator, auditor")
        }
        let (elements, next) = page.page(rows, key: \.id.text)
        return (elements.map { KeyView($0) }, next)
    }

    /// What a revocation is about: one key by its characters or its id, or every key of a host, wallet, gateway, of
    /// finance, of auditors or of operators.
    public enum KeySelection: Sendable {
        case key(String)
        case id(APIKeyID)
        case subject(String)

        var name: String {
            switch self {
            case .key(let key): SHA256Digest(of: key).hex
            case .id(let id): id.text
            case .subject(let subject): subject
            }
        }
    }

    /// Takes keys back; from now on they are refused as unknown. Doing it twice changes nothing.
    /// - Parameter own: the key that makes the request; it cannot be revoked by itself, so that one always remains.
    /// - Returns: how many keys were valid until now.
    public func revokeKeys(
        _ selection: KeySelection, own: String?, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> Int {
        let owner: HostID?
        switch caller {
        case .operator: owner = nil
        case .host(let host): owner = host
        case .anybody: throw EdgeRefusal.keyMissing
        case .moderator, .finance, .auditor, .gateway, .wallet: throw EdgeRefusal.keyScope("host, operator")
        }
        let ownHash = own.map { SHA256Digest(of: $0) }
        let now = clock.now()
        let command = OnceOnly("key_revoke", by: caller, key: key, request: selection.name)
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                let rows: [KeyRow]
                switch selection {
                case .key(let key): rows = try transaction.key(hash: SHA256Digest(of: key)).map { [$0] } ?? []
                case .id(let id): rows = try transaction.key(id).map { [$0] } ?? []
                case .subject(let name): rows = try transaction.keys(of: name)
                }
                // To a host, somebody else's key is not there.
                guard let subject = rows.first?.subject, owner.map({ $0.text == subject }) ?? true else {
                    throw AccessRefusal.keyNotFound
                }
                guard ownHash.map({ hash in !rows.contains { $0.hash == hash } }) ?? true else {
                    throw AccessRefusal.keyOwn
                }
                var revoked = 0
                for row in rows where try transaction.revokeKey(hash: row.hash, at: now) { revoked += 1 }
                if revoked > 0 {
                    try transaction.audit(
                        actor: caller.actor, act: "key_revoked", subject: subject, detail: "\(revoked)", at: now)
                }
                return String(revoked)
            }
        }
        knownWallets.forgetAll()
        guard let revoked = Int(outcome) else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        return revoked
    }

    /// Makes sure that a key of the configuration is known: for the first operator, and for services that are
    /// configured together.
    public func install(key: String, _ scope: KeyScope, subject: String) async throws {
        let hash = SHA256Digest(of: key)
        let now = clock.now()
        let id: APIKeyID = makeID()
        try await database.write { transaction in
            guard try transaction.key(hash: hash) == nil else { return }
            try transaction.insertKey(
                KeyRow(
                    id: id, hash: hash, scope: scope.rawValue, subject: subject, createdBy: "configuration",
                    createdAt: now))
            try transaction.audit(
                actor: "configuration", act: "key_installed", subject: subject, detail: scope.rawValue, at: now)
        }
    }

    /// Writes down which keys were used lately. Called now and then, not with every request.
    public func storeKeyUses() async throws {
        let uses = keyUses.take()
        guard !uses.isEmpty else { return }
        try await database.write { transaction in
            for (hash, at) in uses { try transaction.noteUse(of: hash, at: at) }
        }
    }
}
