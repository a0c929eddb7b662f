internal import BoxOffice
public import HTTPEdge
internal import Stage
internal import Store
public import Values

extension LedgerService {
    /// Sets on how many devices a ticket of a room may be used at one time. Whoever is inside stays inside.
    /// - Parameter condition: that the room is still as it was read.
    public func setSharing(
        _ sharing: SharingPolicy, of id: RoomID, if condition: TagCondition? = nil, by caller: Caller
    ) async throws -> RoomView {
        let now = clock.now()
        return try await tellingGateways { transaction in
            let room = try owned(id, by: caller, in: transaction)
            try condition?.check(try view(of: room, in: transaction).tag)
            if let next = try decideSharing(sharing, from: try transaction.sharing(of: id).sharing, of: room, at: now) {
                try transaction.share(next, in: room, by: caller.actor, at: now)
            }
            return try view(of: room, in: transaction)
        }
    }
}

extension Transaction {
    /// Chains a sharing policy behind the one before, and tells gateways and other systems.
    borrowing func share(
        _ sharing: SharingPolicy, in room: Room, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        let last = try self.sharing(of: room.id)
        let feed = try tellGateways(of: room, sharing: sharing, at: instant)
        try insertSharing(sharing, of: room.id, behind: last, feed: feed, by: actor, at: instant)
        try tell(
            .roomSharing, of: "\(room.id)/\(last.number + 1)", host: room.host, at: instant,
            EventFacts(room: room.id, host: room.host, sharing: sharing.text))
        try audit(actor: actor, act: "room_sharing", subject: room.id.text, detail: sharing.text, at: instant)
    }

    /// Tells gateways how a room is now.
    /// - Parameters:
    ///   - sharing: what is about to be stored; what is, without.
    ///   - holderKey: the same.
    /// - Returns: the event's number.
    @discardableResult
    borrowing func tellGateways(
        of room: Room, sharing: SharingPolicy? = nil, holderKey: HolderKeyPolicy? = nil, at instant: Instant
    ) throws(StoreFault) -> Int64 {
        let known: SharingPolicy
        if let sharing { known = sharing } else { known = try self.sharing(of: room.id).sharing }
        let asked: HolderKeyPolicy
        if let holderKey { asked = holderKey } else { asked = try self.holderKey(of: room.id).policy }
        let change = FeedEvent.Change.room(RoomBrief(room, sharing: known, holderKey: asked))
        return try appendFeed(kind: "room", at: instant) { text(of: FeedEvent(sequence: $0, change: change)) }
    }
}
