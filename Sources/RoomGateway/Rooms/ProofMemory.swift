internal import Tickets
internal import Values

/// Which proofs were used, for as long as they could be used again: each works once at this gateway.
///
/// Bounded twice. One ticket has at most ``mostOfTicket`` in memory, ten times what a page that fails and tries again makes,
/// so nobody fills the memory with one ticket; and all have at most ``most``, some 60 MB, beyond which proofs are refused.
struct ProofMemory {
    static let mostOfTicket = 256
    static let most = 262_144
    /// A proof may be dated a window ahead and is good until a window behind its date.
    static let seconds = 2 * HolderProof.window + 1

    /// By ticket: the digest of key and `jti`, and when it was seen, oldest first.
    private var seen: [TicketID: [(digest: SHA256Digest, at: Instant)]] = [:]
    private(set) var count = 0
    private var sweptAt: Instant?

    /// - Throws: ``ProofRefusal/replayed``, ``ProofRefusal/tooMany``.
    mutating func take(_ proof: HolderProof, of ticket: TicketID, at now: Instant) throws(ProofRefusal) {
        sweep(at: now)
        forget(ticket, before: now.advanced(bySeconds: -Self.seconds))
        let digest = SHA256Digest(of: "\(proof.thumbprint) \(proof.id)")
        let known = seen[ticket] ?? []
        guard !known.contains(where: { $0.digest == digest }) else { throw .replayed }
        guard known.count < Self.mostOfTicket, count < Self.most else { throw .tooMany }
        seen[ticket, default: []].append((digest, now))
        count += 1
    }

    /// Once in a window; between two sweeps a ticket forgets by itself when it is used.
    private mutating func sweep(at now: Instant) {
        if let sweptAt, sweptAt <= now, now < sweptAt.advanced(bySeconds: Self.seconds) { return }
        sweptAt = now
        for ticket in Array(seen.keys) { forget(ticket, before: now.advanced(bySeconds: -Self.seconds)) }
    }

    private mutating func forget(_ ticket: TicketID, before instant: Instant) {
        guard let first = seen[ticket]?.first, first.at < instant else { return }
        let left = seen[ticket]?.drop { $0.at < instant } ?? []
        count -= (seen[ticket]?.count ?? 0) - left.count
        seen[ticket] = left.isEmpty ? nil : Array(left)
    }
}
