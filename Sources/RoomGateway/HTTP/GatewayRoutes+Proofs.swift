internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Synchronization
internal import Tickets
internal import Values

/// Holder keys at the door: a ticket that is bound to a key (RFC 7800) comes with a fresh proof of it, whatever is asked,
/// in the manner of RFC 9449. `Authorization` stays `Bearer`: the same clients bring bound tickets and others.
extension RoomGateway {
    /// Checks the proof of a request and remembers it.
    func prove(_ request: Request, _ token: String, of ticket: TicketID, _ key: String) throws {
        let now = clock.now()
        let proof = try HolderProof(request.holderProof)
        try proof.check(
            key: key, method: request.method.rawValue,
            address: ProofAddress(
                bases: configuration.publicURL.map { [$0] } ?? [],
                authority: configuration.publicURL == nil ? request.head.authority : nil, path: request.uri.path),
            ticket: token, at: now)
        try proofs.withLock { memory throws(ProofRefusal) in try memory.take(proof, of: ticket, at: now) }
    }
}
