internal import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// What a wallet holds and the tickets of its holder, newest first.
public struct WalletView: Sendable, Hashable, Encodable {
    public let holder: HolderID
    public let balances: [Money]
    public let tickets: [TicketView]
}

/// A top-up that was booked.
public struct TopupView: Sendable, Hashable, Codable {
    public let holder: HolderID
    public let entry: EntryID
    public let amount: Money
    /// What the wallet held afterwards.
    public let balance: Money
}

extension LedgerService {
    /// Tickets shown with a wallet: all that anybody will ever hold, and still an answer of bounded length.
    private static let walletTickets = 10_000

    /// A new wallet and its key: the key is the wallet, whoever has it may spend.
    /// - Parameter key: asks for the same wallet again. Whoever knows it gets the wallet, so it must not be guessable.
    public func createWallet(key: IdempotencyKey? = nil) async throws -> (holder: HolderID, key: IssuedKey) {
        // 32 characters of even the smallest alphabet in use, hexadecimal, are 128 bits.
        guard key.map({ $0.text.utf8.count >= 32 }) ?? true else { throw AccessRefusal.idempotencyKeyWeak }
        let holder: HolderID = makeID()
        let keyID: APIKeyID = makeID()
        let seed = KeySeed(secret: key?.text)
        let now = clock.now()
        // Only a digest of the name is stored, or the database would tell the wallet's key.
        let digest = key.flatMap { IdempotencyKey(SHA256Digest(of: "wallet \($0.text)").hex) }
        let command = OnceOnly("wallet", by: .anybody, key: digest, request: "")
        let outcome = try await database.write(foreseeing: command.foresight()) { transaction in
            try transaction.once(command, at: now) {
                try transaction.insertWallet(holder, at: now)
                let stored = try transaction.insertKey(
                    keyID, .wallet, subject: holder.text, from: seed, by: holder.text, at: now)
                return text(of: stored)
            }
        }
        let stored = try value(StoredKey.self, from: outcome, column: "idempotency_keys.outcome")
        guard let made = HolderID(stored.subject) else {
            throw StoreFault.corrupt(column: "idempotency_keys.outcome")
        }
        return (made, stored.issued(seed))
    }

    public func wallet(_ holder: HolderID, by caller: Caller) async throws -> WalletView {
        if !caller.isAuditor { try require(caller, is: holder) }
        let now = clock.now()
        let (balances, rows) = try await database.read { transaction in
            guard try transaction.walletExists(holder) else { throw LedgerRefusal.walletUnknown }
            var balances: [Money] = []
            for currency in try transaction.currencies(of: .wallet(holder)) {
                balances.append(try transaction.amount(in: .wallet(holder), currency))
            }
            return (balances, try transaction.tickets(of: .holder(holder), limit: Self.walletTickets))
        }
        let shows = caller == .wallet(holder)
        return WalletView(
            holder: holder, balances: balances,
            tickets: rows.map { TicketView($0, at: now, token: shows ? token(of: $0) : nil) })
    }

    /// The tickets of a wallet, newest first.
    public func tickets(
        of holder: HolderID, _ page: PageRequest, by caller: Caller
    ) async throws -> (tickets: [TicketView], next: String?) {
        if !caller.isAuditor { try require(caller, is: holder) }
        let now = clock.now()
        let rows = try await database.read { transaction in
            guard try transaction.walletExists(holder) else { throw LedgerRefusal.walletUnknown }
            // Behind every id in the order of texts.
            return try transaction.tickets(
                of: .holder(holder), before: page.after ?? "~", limit: page.limit + 1)
        }
        let (elements, next) = page.page(rows, key: \.ticket.text)
        let shows = caller == .wallet(holder)
        return (elements.map { TicketView($0, at: now, token: shows ? token(of: $0) : nil) }, next)
    }

    /// Puts money into a wallet. Operators book what the provider received; wallets may do it themselves only with
    /// the sandbox provider.
    public func topUp(
        _ holder: HolderID, _ amount: Money, key: IdempotencyKey, by caller: Caller
    ) async throws -> TopupView {
        if !caller.isOperator {
            try require(caller, is: holder)
            guard settings.sandboxTopups else { throw LedgerRefusal.topupNotAllowed }
        }
        let command = OnceOnly("topup", by: caller, key: key, request: "\(holder)|\(amount)")
        let entry: EntryID = makeID()
        let now = clock.now()
        let policy = settings.housePolicy
        let outcome = try await database.write { transaction in
            try transaction.once(command, at: now) {
                guard try transaction.walletExists(holder) else { throw LedgerRefusal.walletUnknown }
                let stamp = try transaction.stamp(entry, at: now, calendar: policy.calendar)
                let held = try transaction.amount(in: .wallet(holder), amount.currency)
                let topup = try decideTopup(of: holder, amount, wallet: held, policy: policy, stamp: stamp)
                try transaction.append(topup)
                if caller.isOperator {
                    try transaction.audit(
                        actor: caller.actor, act: "wallet_topped_up", subject: holder.text,
                        detail: amount.description, at: now)
                }
                return text(of: TopupView(holder: holder, entry: entry, amount: amount, balance: held + amount))
            }
        }
        return try value(TopupView.self, from: outcome, column: "idempotency_keys.outcome")
    }

    private func require(_ caller: Caller, is holder: HolderID) throws {
        guard caller == .wallet(holder) || caller.isOperator else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("wallet")
        }
    }
}
