internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

/// Whose turn it is on a waiting list: asked wherever seats get free, in the same transaction, and every few seconds for
/// what time alone frees.
extension LedgerService {
    /// Offers free seats to those who wait, in order, until one wants more than there are.
    ///
    /// Holds of the room whose time is over are ended first: their seats, and their places at a price, count. Costs one
    /// remembered look where nobody waits.
    /// - Returns: whether free seats gather for somebody now: then nobody else gets one.
    @discardableResult
    func serveQueue(of id: RoomID, at now: Instant, in transaction: borrowing Transaction) throws -> Bool {
        guard try transaction.hasQueue(for: id), let room = try transaction.room(id), room.sells(at: now) else {
            return false
        }
        while try takeBackOverdueSeats(of: id, at: now, in: transaction) {}
        guard try freeNow(of: room, at: now, in: transaction) > 0 else { return false }
        var place = 0
        while true {
            let rows = try transaction.openWaits(of: id, after: place, limit: Self.waitingPage)
            for row in rows where row.life.state != .offered {
                switch try takeTurn(row, in: room, at: now, in: transaction) {
                case .offer, .pass: continue
                case .gather: return true
                }
            }
            guard rows.count == Self.waitingPage, let last = rows.last else { return false }
            place = last.life.place
        }
    }

    /// Parties that are read at one time.
    private static let waitingPage = 200

    /// Carries out one party's turn.
    private func takeTurn(
        _ row: WaitRow, in room: Room, at now: Instant, in transaction: borrowing Transaction
    ) throws -> WaitingTurn {
        let turn = try self.turn(of: row, in: room, at: now, in: transaction)
        let party = row.party
        switch turn {
        case .offer(let terms):
            let hold = BoxOffice.offer(
                terms, to: party, as: makeID(), in: room, seconds: settings.waitingOfferSeconds, at: now)
            let sale = try saleNow(of: room.id, in: transaction)
            let seats = try seatsOnOffer(in: room, wanting: party.count, at: now, in: transaction)
            try keep(hold, on: seats.choose(party.count, of: room.capacity), in: room, at: now, transaction)
            try transaction.tellHold(hold, [.held], at: now)
            try count(terms, times: hold.count, for: hold.purchase.text, in: sale, at: now, transaction)
            try transaction.move(party, to: .offered, offer: hold, at: now)
        case .gather:
            if row.life.state == .passed { try transaction.move(party, to: .waiting, at: now) }
        case .pass(let why):
            if row.life.pass != why { try transaction.move(party, to: .passed, pass: why, at: now) }
        }
        return turn
    }

    private func turn(
        of row: WaitRow, in room: Room, at now: Instant, in transaction: borrowing Transaction
    ) throws -> WaitingTurn {
        decideTurn(
            of: row.party, voucher: try claim(of: row.party.voucher, in: transaction),
            in: try saleNow(of: room.id, in: transaction), free: try freeNow(of: room, at: now, in: transaction),
            at: now)
    }

    func claim(of voucher: VoucherID?, in transaction: borrowing Transaction) throws -> VoucherClaim {
        try voucher.flatMap { try transaction.voucher($0) }.map { .known($0) } ?? .none
    }

    /// Seats that can be bought now, up to those of the largest group.
    func freeNow(of room: Room, at now: Instant, in transaction: borrowing Transaction) throws -> Int {
        try seatsOnOffer(in: room, wanting: TicketWish.maximumCount, at: now, in: transaction).left(of: room.capacity)
    }

    /// Whether free seats would go to somebody who waits, or gather for them. Read only.
    func isSpokenFor(_ room: Room, free: Int, at now: Instant, in transaction: borrowing Transaction) throws -> Bool {
        guard free > 0 else { return false }
        let sale = try saleNow(of: room.id, in: transaction)
        for row in try transaction.openWaits(of: room.id, after: 0, limit: WaitingList.maximumParties)
        where row.life.state != .offered {
            let voucher = try claim(of: row.party.voucher, in: transaction)
            if case .pass = decideTurn(of: row.party, voucher: voucher, in: sale, free: free, at: now) { continue }
            return true
        }
        return false
    }

    /// Whether a list needs somebody to write: read only, so that a turn that changes nothing locks nobody out.
    private func isDue(_ id: RoomID, at now: Instant, in transaction: borrowing Transaction) throws -> Bool {
        guard let room = try transaction.room(id), room.sells(at: now) else { return true }
        if try !transaction.overdueOffers(of: id, at: now, limit: 1).isEmpty { return true }
        guard try transaction.hasQueue(for: id) else { return false }
        if try !transaction.overdueHolds(of: id, at: now, limit: 1).isEmpty { return true }
        guard try freeNow(of: room, at: now, in: transaction) > 0 else { return false }
        for row in try transaction.openWaits(of: id, after: 0, limit: WaitingList.maximumParties)
        where row.life.state != .offered {
            switch try turn(of: row, in: room, at: now, in: transaction) {
            case .offer: return true
            case .gather: return row.life.state == .passed
            case .pass(let why): if row.life.pass != why { return true }
            }
        }
        return false
    }

    /// Ends offers whose time is over, offers what is free to the next, and ends the lists of rooms that are over.
    /// Called now and then.
    public func settleWaits() async throws {
        let now = clock.now()
        var last = ""
        var fault: (any Error)?
        while true {
            let after = last
            let rooms = try await database.read { transaction in
                try transaction.roomsWithWaits(after: after, limit: Self.waitingPage).map { room in
                    (room, try isDue(room, at: now, in: transaction))
                }
            }
            for (room, isDue) in rooms where isDue {
                // What is wrong with one room keeps no other one waiting.
                do { while try await settleWaits(of: room) {} } catch { fault = fault ?? error }
            }
            guard rooms.count == Self.waitingPage, let room = rooms.last?.0 else {
                if let fault { throw fault }
                return
            }
            last = room.text
        }
    }

    /// A batch of the same for one room, in one transaction.
    /// - Returns: whether there may be more.
    private func settleWaits(of id: RoomID) async throws -> Bool {
        let now = clock.now()
        return try await database.write { transaction in
            guard let room = try transaction.room(id), room.sells(at: now) else {
                let rows = try transaction.openWaits(of: id, after: 0, limit: Self.waitingPage)
                for row in rows { try end(row, at: now, in: transaction) }
                return !rows.isEmpty
            }
            let overdue = try endOverdueOffers(of: id, at: now, in: transaction)
            try serveQueue(of: id, at: now, in: transaction)
            return overdue == Self.waitingPage
        }
    }

    /// Writes down that offers have lapsed.
    /// - Returns: how many, up to a page of them.
    @discardableResult
    func endOverdueOffers(of id: RoomID, at now: Instant, in transaction: borrowing Transaction) throws -> Int {
        let overdue = try transaction.overdueOffers(of: id, at: now, limit: Self.waitingPage)
        for offer in overdue { try end(offer, at: now, in: transaction) }
        return overdue.count
    }

    /// What a banned person had begun with a host ends: places on waiting lists, and seats held for money that has not
    /// come. Money that comes all the same waits in suspense, as for any hold that was given up. Others are served.
    func endWhatWaits(
        of holder: HolderID, with host: HostID, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        var rooms: Set<RoomID> = []
        // A party with an offer ends with its hold.
        for hold in try transaction.openHolds(of: holder, with: host) {
            rooms.insert(try end(hold, at: now, in: transaction))
        }
        for id in try transaction.openWaits(of: holder, with: host) {
            guard let row = try transaction.wait(id) else { throw StoreFault.corrupt(column: "open_waits.wait") }
            try end(row, at: now, in: transaction)
            rooms.insert(row.party.room)
        }
        for room in rooms.sorted(by: { $0.text < $1.text }) { try serveQueue(of: room, at: now, in: transaction) }
    }

    /// The room is over for a party: what is offered to it is given back.
    private func end(_ row: WaitRow, at now: Instant, in transaction: borrowing Transaction) throws {
        if row.life.state == .offered, let offer = row.life.offer {
            try end(offer, at: now, in: transaction)
        } else {
            try transaction.move(row.party, to: .ended, at: now)
        }
    }

    /// Ends an offer that is held: by time, or because its room sells no more. Its party follows.
    /// - Returns: the room whose seats are free again.
    @discardableResult
    private func end(_ offer: PurchaseID, at now: Instant, in transaction: borrowing Transaction) throws -> RoomID {
        guard var held = try transaction.heldPurchase(offer) else { throw StoreFault.corrupt(column: "open_holds") }
        let overdue = held.expire(at: now)
        let moves = overdue.isEmpty ? try held.cancel(at: now) : overdue
        try transaction.append(moves, to: held.hold, at: now)
        try giveBack(held.hold, at: now, in: transaction)
        return held.hold.room
    }
}

extension Transaction {
    /// Puts a party in its next state and tells of it.
    borrowing func move(
        _ party: WaitingParty, to state: WaitingState, offer: Hold? = nil, pass: WaitingPass? = nil,
        at instant: Instant
    ) throws(StoreFault) {
        let n = try appendWaitState(state, to: party, offer: offer?.purchase, pass: pass, at: instant)
        try tell(party, state, n, offer: offer, pass: pass, at: instant)
    }

    /// Tells other systems of a party's state.
    borrowing func tell(
        _ party: WaitingParty, _ state: WaitingState, _ n: Int64, offer: Hold? = nil, pass: WaitingPass? = nil,
        at instant: Instant
    ) throws(StoreFault) {
        try tell(
            EventKind(state, isFirst: n == 1), of: "\(party.id)/\(n)", host: try room(party.room)?.host, at: instant,
            EventFacts(
                room: party.room, purchase: offer?.purchase, waiting: party.id, amount: offer?.total,
                count: party.count, state: state.rawValue, reason: pass?.rawValue))
    }

    /// The party to which a hold was offered goes where the hold went.
    borrowing func follow(_ hold: Hold, _ moves: [HoldState], at instant: Instant) throws(StoreFault) {
        guard let id = try openWait(offered: hold.purchase), let row = try wait(id) else { return }
        let sells = try room(hold.room)?.sells(at: instant) ?? false
        for state in moves {
            guard let next = WaitingLife.following(state, roomSells: sells) else { continue }
            return try move(row.party, to: next, at: instant)
        }
    }
}
