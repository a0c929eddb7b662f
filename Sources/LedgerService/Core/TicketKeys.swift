internal import Store
internal import Synchronization
internal import Tickets
internal import Values

/// The key ring in memory: the schedule that the database tells, and the private keys that this process has.
final class TicketKeys: Sendable {
    private struct State {
        var schedule: KeySchedule
        var keys: [String: SigningKey]
    }

    /// Where private keys lie; `nil` where there is one key and it is not written down.
    let folder: KeyFolder?
    private let state: Mutex<State>

    private init(_ schedule: KeySchedule, _ keys: [String: SigningKey], folder: KeyFolder?) {
        self.folder = folder
        state = Mutex(State(schedule: schedule, keys: keys))
    }

    convenience init(only key: SigningKey) {
        let entry = KeySchedule.Entry(
            key: key.verifyingKey, announcedAt: Instant(microseconds: 0), signsFrom: Instant(microseconds: 0))
        self.init(KeySchedule([entry]), [key.id: key], folder: nil)
    }

    /// Reads the ring and its private keys; the first start makes the first key.
    static func open(_ database: Database, _ folder: KeyFolder, at now: Instant) async throws -> TicketKeys {
        var schedule = try await database.read { try $0.keySchedule() }
        if schedule.entries.isEmpty {
            let first = try folder.first().verifyingKey
            schedule = try await database.write { transaction in
                // Another process of the same folder may have been faster.
                if try transaction.keySchedule().entries.isEmpty {
                    let entry = KeySchedule.Entry(key: first, announcedAt: now, signsFrom: Instant(microseconds: 0))
                    try transaction.insertTicketKey(entry, by: "configuration")
                    try transaction.audit(
                        actor: "configuration", act: "ticket_key_installed", subject: first.id, at: now)
                }
                return try transaction.keySchedule()
            }
        }
        var keys: [String: SigningKey] = [:]
        // Every private key that may sign must be here and closed to others, or the server does not start.
        for entry in schedule.entries where entry.retired == nil { keys[entry.key.id] = try folder.load(entry.key) }
        return TicketKeys(schedule, keys, folder: folder)
    }

    var schedule: KeySchedule { state.withLock { $0.schedule } }

    /// What signs tickets of a moment.
    func signer(issuedAt instant: Instant) -> TicketSigner { TicketSigner(key: key(issuedAt: instant)) }

    func key(issuedAt instant: Instant) -> SigningKey {
        state.withLock { state in
            // The schedule always has a key that is not retired, and ``take(_:)`` never lets go of a private half.
            guard let named = state.schedule.signer(issuedAt: instant), let key = state.keys[named.id] else {
                preconditionFailure("The ring has no private key for its own signer.")
            }
            return key
        }
    }

    /// Takes a schedule over. Keys whose file is not here yet are taken the next time.
    /// - Returns: the names of keys whose private half is missing here.
    func take(_ schedule: KeySchedule) -> [String] {
        let known = state.withLock { Set($0.keys.keys) }
        var loaded: [String: SigningKey] = [:]
        var missing: [String] = []
        for entry in schedule.entries where entry.retired == nil && !known.contains(entry.key.id) {
            if let key = try? folder?.load(entry.key) {
                loaded[entry.key.id] = key
            } else {
                missing.append(entry.key.id)
            }
        }
        // Without its private half a key could not sign here; the old schedule is right until the file comes.
        guard missing.isEmpty else { return missing }
        state.withLock { state in
            state.keys.merge(loaded) { first, _ in first }
            state.schedule = schedule
        }
        return []
    }

    /// Keeps a new private key ready before its schedule is known.
    func keep(_ key: SigningKey) { state.withLock { $0.keys[key.id] = key } }
}
