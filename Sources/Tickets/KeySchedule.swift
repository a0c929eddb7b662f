public import Values

/// Which key signs when: the whole life of a ledger's ticket keys.
///
///     announced ──(its moment comes)──▶ signing ──(the next one's moment comes)──▶ verifying ──▶ retired
///
/// A key is announced before it signs, so that every gateway knows it when its first ticket comes to a door. It goes on
/// verifying until the last ticket it signed has ended, and leaves the key set then. Which key signed a ticket follows
/// from the moment of issue alone, so that a repeated purchase gives the same bytes across a rotation.
public struct KeySchedule: Sendable, Hashable {
    public struct Entry: Sendable, Hashable {
        public let key: VerifyingKey
        public let announcedAt: Instant
        /// Tickets issued from here on are signed with it, until the next entry's moment.
        public let signsFrom: Instant
        /// Left the key set, and why.
        public let retired: Retirement?

        public init(key: VerifyingKey, announcedAt: Instant, signsFrom: Instant, retired: Retirement? = nil) {
            self.key = key
            self.announcedAt = announcedAt
            self.signsFrom = signsFrom
            self.retired = retired
        }
    }

    public struct Retirement: Sendable, Hashable {
        public let at: Instant
        public let reason: String

        public init(at: Instant, reason: String) {
            self.at = at
            self.reason = reason
        }
    }

    public enum State: String, Sendable, Hashable, Codable {
        case announced, signing, verifying, retired
    }

    /// In the order of `signsFrom`.
    public let entries: [Entry]

    public init(_ entries: [Entry]) {
        precondition(
            zip(entries, entries.dropFirst()).allSatisfy { $0.signsFrom < $1.signsFrom },
            "Keys take turns: each signs from a later moment than the one before.")
        self.entries = entries
    }

    /// A day: longer than any gateway should be out of reach.
    public static let maximumLeadSeconds: Int64 = 86_400

    /// What verifies now: everything that was announced and has not retired.
    public var published: KeyRing { KeyRing(entries.filter { $0.retired == nil }.map(\.key)) }

    /// Every key of the past too, the last 32: for statements that outlive the key that signed them.
    public var everKnown: KeyRing { KeyRing(entries.suffix(KeyRing.maximumKeys).map(\.key)) }

    /// The key of tickets issued at a moment.
    ///
    /// A ticket whose own key was retired before its end (it was compromised) is signed with the next that is left.
    public func signer(issuedAt instant: Instant) -> VerifyingKey? {
        let left = entries.filter { $0.retired == nil }
        return (left.last { $0.signsFrom <= instant } ?? left.first)?.key
    }

    public func state(of entry: Entry, at now: Instant) -> State {
        if entry.retired != nil { return .retired }
        if entry.signsFrom > now { return .announced }
        return entry.key == signer(issuedAt: now) ? .signing : .verifying
    }

    /// The window in which a key signs; `nil` at the end for the last one.
    public func window(of entry: Entry) -> (from: Instant, until: Instant?) {
        (entry.signsFrom, entries.first { $0.signsFrom > entry.signsFrom }?.signsFrom)
    }

    /// The entry with which a new key enters.
    /// - Throws: `ticket_key_lead`, `ticket_key_pending` (one at a time), `ticket_key_limit`, in this order.
    public func rotation(
        to key: VerifyingKey, signsInSeconds lead: Int64, at now: Instant
    ) throws(KeyRotationRefusal) -> Entry {
        guard (0...Self.maximumLeadSeconds).contains(lead) else { throw .lead }
        let left = entries.filter { $0.retired == nil }
        if let pending = left.first(where: { $0.signsFrom > now }) { throw .pending(from: pending.signsFrom) }
        guard left.count < KeyRing.maximumKeys else { throw .limit }
        // Never the moment of another key, whatever the clock does.
        let last = entries.last?.signsFrom.advanced(byMicroseconds: 1) ?? now
        return Entry(key: key, announcedAt: now, signsFrom: max(last, now.advanced(bySeconds: lead)))
    }

    /// Whether a key may leave the set.
    /// - Parameters:
    ///   - lastEnd: when the last ticket that it signed ends; `nil` if it signed none.
    ///   - compromised: leaves at once; tickets that it signed have to be fetched again.
    /// - Returns: `false` if it left before.
    /// - Throws: `ticket_key_unknown`, `ticket_key_signs`, `ticket_key_in_use`, in this order.
    public func checkRetirement(
        of id: String, lastEnd: Instant?, compromised: Bool, at now: Instant
    ) throws(KeyRotationRefusal) -> Bool {
        guard let entry = entries.first(where: { $0.key.id == id }) else { throw .unknown }
        switch state(of: entry, at: now) {
        case .retired: return false
        case .announced: return true
        case .signing: throw .signs
        case .verifying:
            if let lastEnd, lastEnd > now, !compromised { throw .inUse(until: lastEnd) }
            return true
        }
    }
}

/// Why a key of tickets is not changed.
public enum KeyRotationRefusal: Refusal, Hashable {
    case unknown
    /// The key signs now: another has to take its place first.
    case signs
    /// Tickets that it signed have not ended.
    case inUse(until: Instant)
    /// The key before this one does not sign yet.
    case pending(from: Instant)
    case lead
    case limit

    public var code: String {
        switch self {
        case .unknown: "ticket_key_not_found"
        case .signs: "ticket_key_signs"
        case .inUse: "ticket_key_in_use"
        case .pending: "ticket_key_pending"
        case .lead: "ticket_key_lead"
        case .limit: "ticket_key_limit"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .inUse(let until): ["until": until.description]
        case .pending(let from): ["from": from.description]
        case .unknown, .signs, .lead, .limit: [:]
        }
    }
}
