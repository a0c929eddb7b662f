public import BoxOffice
public import Values

/// A party on a waiting list as stored, with when its state came.
public struct WaitRow: Sendable, Hashable {
    public let life: WaitingLife
    public let since: Instant

    public var party: WaitingParty { life.party }
}

/// How long a waiting list is.
public struct WaitingLength: Sendable, Hashable {
    /// Parties in the queue, and the tickets that they want.
    public let parties: Int
    public let tickets: Int
    /// Parties with an offer that is open.
    public let offered: Int
}

extension Transaction {
    /// Whether somebody waits for seats of a room, offers aside. Asked by every purchase, so remembered for its group.
    public borrowing func hasQueue(for room: RoomID) throws(StoreFault) -> Bool {
        if let known = memory?.hasQueue(for: room) { return known }
        let found =
            try row("SELECT 1 FROM open_waits WHERE shard = $1 AND room = $2 AND purchase IS NULL LIMIT 1", shard, room)
        {
            _ throws(StoreFault) in true
        } ?? false
        memory?.remember(hasQueue: found, for: room)
        return found
    }

    /// Puts a party behind the last one.
    /// - Returns: its place.
    @discardableResult
    public borrowing func insertWait(_ party: WaitingParty, capacity: Int) throws(StoreFault) -> Int {
        let last = try row("SELECT max(place) FROM waits WHERE shard = $1 AND room = $2", shard, party.room) {
            row throws(StoreFault) in try row.optionalInteger(0)
        }
        let previous = last.flatMap(\.self)
        let place = (previous ?? 0) + 1
        try execute(
            """
            INSERT INTO waits (shard, wait, room, capacity, place, prev_place, holder, count, tier, most, currency,
              voucher, country, country_source, joined_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """, shard, party.id, party.room, capacity, place, previous, party.holder, party.count, party.tier,
            party.most?.minorUnits, party.most?.currency, party.voucher, party.country?.country,
            party.country?.source.rawValue, party.joinedAt)
        try execute(
            "INSERT INTO open_waits (shard, room, place, wait, holder, count) VALUES ($1, $2, $3, $4, $5, $6)", shard,
            party.room, place, party.id, party.holder, party.count)
        try appendWaitState(.waiting, to: party, at: party.joinedAt)
        return Int(place)
    }

    /// Chains a state of a party behind the one before. The schema knows which may follow which.
    /// - Parameters:
    ///   - offer: the hold of an offer.
    ///   - pass: why seats went past it.
    /// - Returns: the number of the fact, from 1.
    @discardableResult
    public borrowing func appendWaitState(
        _ state: WaitingState, to party: WaitingParty, offer: PurchaseID? = nil, pass: WaitingPass? = nil,
        at instant: Instant
    ) throws(StoreFault) -> Int64 {
        memory?.forgetQueue(for: party.room)
        let last = try row(
            "SELECT n, state FROM wait_facts WHERE shard = $1 AND wait = $2 ORDER BY n DESC LIMIT 1", shard, party.id
        ) { row throws(StoreFault) in (n: try row.integer(0), state: try row.text(1)) }
        let step = try row("SELECT max(step) FROM wait_facts WHERE shard = $1 AND room = $2", shard, party.room) {
            row throws(StoreFault) in try row.optionalInteger(0)
        }
        let before = step.flatMap(\.self)
        let n = (last?.n ?? 0) + 1
        try execute(
            """
            INSERT INTO wait_facts (shard, wait, n, prev_n, prev_state, state, room, step, prev_step, purchase, reason,
              at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, party.id, n, last?.n, last?.state, state.rawValue, party.room, (before ?? 0) + 1, before,
            offer, pass?.rawValue ?? "", instant)
        if state.isOpen {
            try execute(
                "UPDATE open_waits SET purchase = $1 WHERE shard = $2 AND room = $3 AND holder = $4", offer, shard,
                party.room, party.holder)
        } else {
            try execute(
                "DELETE FROM open_waits WHERE shard = $1 AND room = $2 AND holder = $3", shard, party.room,
                party.holder)
        }
        return n
    }

    public borrowing func wait(_ id: WaitingID) throws(StoreFault) -> WaitRow? {
        try row(
            """
            SELECT w.wait, w.room, w.holder, w.count, w.tier, w.most, w.currency, w.voucher, w.country,
              w.country_source, w.joined_us, w.place, f.state, f.reason, f.at_us,
              (SELECT o.purchase FROM wait_facts o WHERE o.shard = w.shard AND o.wait = w.wait
               AND o.purchase IS NOT NULL)
            FROM waits w JOIN wait_facts f ON f.shard = w.shard AND f.wait = w.wait
              AND f.n = (SELECT max(n) FROM wait_facts WHERE shard = w.shard AND wait = w.wait)
            WHERE w.shard = $1 AND w.wait = $2
            """, shard, id, read: readWait)
    }

    /// Open parties of a room behind a place, in the order of joining; those with an offer too.
    public borrowing func openWaits(
        of room: RoomID, after place: Int, limit: Int
    ) throws(StoreFault) -> [WaitRow] {
        try rows(
            """
            SELECT w.wait, w.room, w.holder, w.count, w.tier, w.most, w.currency, w.voucher, w.country,
              w.country_source, w.joined_us, w.place, f.state, f.reason, f.at_us, o.purchase
            FROM open_waits o JOIN waits w ON w.shard = o.shard AND w.wait = o.wait
            JOIN wait_facts f ON f.shard = w.shard AND f.wait = w.wait
              AND f.n = (SELECT max(n) FROM wait_facts WHERE shard = w.shard AND wait = w.wait)
            WHERE o.shard = $1 AND o.room = $2 AND o.place > $3 ORDER BY o.place LIMIT $4
            """, shard, room, place, limit, read: readWait)
    }

    /// The open party of a holder in a room.
    public borrowing func openWait(of holder: HolderID, in room: RoomID) throws(StoreFault) -> WaitingID? {
        try row(
            "SELECT wait FROM open_waits WHERE shard = $1 AND room = $2 AND holder = $3", shard, room, holder
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// The party to whom the seats of a hold are offered.
    public borrowing func openWait(offered hold: PurchaseID) throws(StoreFault) -> WaitingID? {
        try row("SELECT wait FROM open_waits WHERE shard = $1 AND purchase = $2", shard, hold) {
            row throws(StoreFault) in try row.identifier(0)
        }
    }

    public borrowing func waitingLength(of room: RoomID) throws(StoreFault) -> WaitingLength {
        let length = try row(
            """
            SELECT count(CASE WHEN purchase IS NULL THEN 1 END),
              CAST(coalesce(sum(CASE WHEN purchase IS NULL THEN count END), 0) AS BIGINT), count(purchase)
            FROM open_waits WHERE shard = $1 AND room = $2
            """, shard, room
        ) { row throws(StoreFault) in
            WaitingLength(parties: try row.int(0), tickets: try row.int(1), offered: try row.int(2))
        }
        return length ?? WaitingLength(parties: 0, tickets: 0, offered: 0)
    }

    /// How many parties of a room are in the queue before a place.
    public borrowing func waits(before place: Int, in room: RoomID) throws(StoreFault) -> Int {
        try row(
            "SELECT count(*) FROM open_waits WHERE shard = $1 AND room = $2 AND place < $3 AND purchase IS NULL", shard,
            room, place
        ) { row throws(StoreFault) in try row.int(0) } ?? 0
    }

    /// Rooms with a waiting list, behind one of them.
    public borrowing func roomsWithWaits(after room: String, limit: Int) throws(StoreFault) -> [RoomID] {
        try rows(
            "SELECT DISTINCT room FROM open_waits WHERE shard = $1 AND room > $2 ORDER BY room LIMIT $3", shard, room,
            limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// Holds of a room by which seats are offered and whose time is over.
    public borrowing func overdueOffers(
        of room: RoomID, at instant: Instant, limit: Int
    ) throws(StoreFault) -> [PurchaseID] {
        try rows(
            """
            SELECT h.purchase FROM open_holds h JOIN open_waits o ON o.shard = h.shard AND o.purchase = h.purchase
            WHERE h.shard = $1 AND h.room = $2 AND h.expires_us <= $3 ORDER BY h.expires_us, h.purchase LIMIT $4
            """, shard, room, instant, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }
}

private func readWait(_ row: borrowing Row) throws(StoreFault) -> WaitRow {
    guard let state = WaitingState(rawValue: try row.text(12)) else { throw row.corrupt(12) }
    var most: Money?
    if let amount = try row.optionalInteger(5) { most = Money(amount, try row.currency(6)) }
    let party = WaitingParty(
        id: try row.identifier(0), room: try row.identifier(1), holder: try row.identifier(2), count: try row.int(3),
        tier: try row.optionalText(4), most: most, voucher: try row.optionalIdentifier(7),
        country: try readEvidence(row, 8, 9), joinedAt: try row.instant(10))
    let life = WaitingLife(
        party, place: try row.int(11), state: state, pass: WaitingPass(rawValue: try row.text(13)),
        offer: try row.optionalIdentifier(15))
    return WaitRow(life: life, since: try row.instant(14))
}
