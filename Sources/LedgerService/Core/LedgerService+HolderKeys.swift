internal import BoxOffice
public import HTTPEdge
internal import Stage
internal import Store
public import Tickets
public import Values

extension LedgerService {
    /// Says whether listeners of a room enter with bound tickets only. Whoever is inside stays inside.
    /// - Parameter condition: that the room is still as it was read.
    public func setHolderKey(
        _ policy: HolderKeyPolicy, of id: RoomID, if condition: TagCondition? = nil, by caller: Caller
    ) async throws -> RoomView {
        let now = clock.now()
        return try await tellingGateways { transaction in
            let room = try owned(id, by: caller, in: transaction)
            try condition?.check(try view(of: room, in: transaction).tag)
            let current = try transaction.holderKey(of: id).policy
            if let next = try decideHolderKey(policy, from: current, of: room, at: now) {
                try transaction.askForKeys(next, in: room, by: caller.actor, at: now)
            }
            return try view(of: room, in: transaction)
        }
    }

    /// Binds a ticket of the caller's to the key that made the proof, and signs it so: the first who claims it has it.
    ///
    /// What makes it the caller's is the key of the wallet, which no link carries; the token of a ticket claims nothing. A
    /// proof that is sent twice claims the same again, so no memory of proofs is needed here.
    public func claim(
        _ id: TicketID, with proof: HolderProof, key: IdempotencyKey, by caller: Caller
    ) async throws -> TicketView {
        let holder = try buyer(caller)
        let command = OnceOnly("claim", by: caller, key: key, request: "\(id)|\(proof.thumbprint)")
        let now = clock.now()
        let row = try await tellingGateways { transaction in
            _ = try transaction.once(command, at: now) {
                let found = try transaction.ticket(id)
                let own = found?.subject == .holder(holder) ? found : nil
                let standing = try own.flatMap { row in
                    try row.facts.map {
                        TicketStanding(
                            $0, isRevoked: row.revoked != nil, isReplaced: try transaction.successor(of: id) != nil)
                    }
                }
                let policy = try own.map { try transaction.holderKey(of: $0.room).policy } ?? .none
                let isNew = try decideClaim(
                    of: standing, for: proof.thumbprint, bound: own?.boundTo, in: policy, at: now)
                if isNew, let own {
                    try transaction.insertBinding(of: id, to: proof.thumbprint, by: caller.actor, at: now)
                    let binding = TicketBinding(ticket: id, room: own.room, thumbprint: proof.thumbprint)
                    _ = try transaction.appendFeed(kind: "bound", at: now) {
                        text(of: FeedEvent(sequence: $0, change: .bound(binding)))
                    }
                    try transaction.tell(
                        .ticketBound, of: id.text, host: try transaction.room(own.room)?.host, at: now,
                        EventFacts(ticket: id, room: own.room))
                    try transaction.audit(actor: caller.actor, act: "ticket_bound", subject: id.text, at: now)
                }
                return id.text
            }
            guard let row = try transaction.ticket(id) else { throw LedgerRefusal.ticketUnknown }
            return row
        }
        return TicketView(row, at: clock.now(), token: token(of: row))
    }
}

extension Transaction {
    /// Chains a wish for holder keys behind the one before, and tells gateways and other systems.
    borrowing func askForKeys(
        _ policy: HolderKeyPolicy, in room: Room, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        let last = try holderKey(of: room.id)
        let feed = try tellGateways(of: room, holderKey: policy, at: instant)
        try insertHolderKey(policy, of: room.id, behind: last, feed: feed, by: actor, at: instant)
        try tell(
            .roomHolderKey, of: "\(room.id)/\(last.number + 1)", host: room.host, at: instant,
            EventFacts(room: room.id, host: room.host, holderKey: policy.rawValue))
        try audit(
            actor: actor, act: "room_holder_key", subject: room.id.text, detail: policy.rawValue, at: instant)
    }
}
