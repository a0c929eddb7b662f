internal import Synchronization
internal import Values

/// Keys of wallets that were found in the database lately: a buyer's request needs no look-up of its own.
///
/// Only wallets are remembered: they are nearly all of the requests of a rush. Where other processes share the
/// database, a key that one of them revokes is accepted here for ``sharedSeconds`` at most; in one process not at all.
final class KnownWallets: Sendable {
    static let sharedSeconds: Int64 = 1
    /// 100,000 are some 15 MB; with more the memory starts again from nothing.
    private static let capacity = 100_000

    /// What a key was found to be.
    struct Wallet: Sendable {
        let holder: HolderID
        let expiresAt: Instant?
        let foundAt: Instant
    }

    private struct State {
        var wallets: [SHA256Digest: Wallet] = [:]
        /// Moves with every revocation: what was read before one is not remembered after it.
        var generation: UInt64 = 0
    }

    private let state = Mutex(State())
    private let isShared: Bool

    init(isShared: Bool) { self.isShared = isShared }

    /// The wallet of a key, if it is known and still to be believed.
    func wallet(_ hash: SHA256Digest, at now: Instant) -> Wallet? {
        guard let wallet = state.withLock({ $0.wallets[hash] }) else { return nil }
        if isShared {
            // A clock that was set back must not make a memory last.
            guard (wallet.foundAt...wallet.foundAt.advanced(bySeconds: Self.sharedSeconds)).contains(now) else {
                return nil
            }
        }
        return wallet
    }

    /// To be taken before the database is read, and given back with what was found there.
    var generation: UInt64 { state.withLock { $0.generation } }

    func remember(_ wallet: Wallet, _ hash: SHA256Digest, readAt generation: UInt64) {
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.wallets.count >= Self.capacity { state.wallets = [:] }
            state.wallets[hash] = wallet
        }
    }

    /// After keys were revoked: all are looked up again.
    func forgetAll() {
        state.withLock { state in
            state.wallets = [:]
            state.generation &+= 1
        }
    }
}
