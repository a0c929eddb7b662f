public import BoxOffice
public import HTTPEdge
internal import Ledger
internal import Stage
public import Store
public import Values

/// A room's move, and what its holders have answered.
public struct MoveView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let move: Int
    public let from: RoomTimes
    public let to: RoomTimes
    public let notice: String
    public let movedAt: Instant
    public let answerUntil: Instant
    /// `keep` or `refund`: of whoever gives no answer until then.
    public let defaultAnswer: MoveAnswer
    /// For the room's host and the platform's staff.
    public let answers: MoveCounts?

    init(_ move: RoomMove, answers: MoveCounts? = nil) {
        room = move.room
        self.move = move.number
        from = move.from
        to = move.to
        notice = move.notice
        movedAt = move.movedAt
        answerUntil = move.answerUntil
        defaultAnswer = move.defaultAnswer
        self.answers = answers
    }
}

/// What an answer did.
public struct MoveAnswerView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let order: OrderID
    public let answer: MoveAnswer
    /// The ticket now: for whoever keeps it, another one that fits the new times.
    public let ticket: TicketID
    public let notBefore: Instant
    public let expiresAt: Instant
    /// Of a ticket that was kept.
    public let token: String?
    /// What was given back in all; of a ticket that was given up.
    public let refunded: Money?
}

extension LedgerService {
    /// Orders in one transaction, when the default answers.
    static let moveBatch = 200

    /// Moves a room to other times, tells gateways, and asks every holder.
    public func moveRoom(
        _ id: RoomID, to times: RoomTimes, notice: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> MoveView {
        let now = clock.now()
        let command = OnceOnly(
            "move", by: caller, key: key,
            request: "\(id)|\(times.doorsOpenAt)|\(times.startsAt)|\(times.endsAt)|\(notice)")
        return try await tellingGateways { transaction in
            let outcome = try transaction.once(command, at: now) {
                let room = try owned(id, by: caller, in: transaction)
                // Tickets of a group of commands are not later than the head, so neither is the question about them.
                let instant = max(now, try transaction.journalHead().postedAt)
                let policy = settings.policies[room.policy] ?? settings.housePolicy
                let move = try decideMove(
                    of: room, to: times, notice: notice,
                    moves: try transaction.moves(of: id, limit: 1).first?.number ?? 0,
                    hasOvertime: try !transaction.overtimes(of: id).isEmpty, policy: policy.moves, at: instant)
                try transaction.insertMove(move, by: caller.actor)
                guard let moved = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
                try transaction.announce(moved, at: now)
                try transaction.audit(
                    actor: caller.actor, act: "room_moved", subject: id.text,
                    detail: "\(times.startsAt) \(times.endsAt)", at: now)
                return String(move.number)
            }
            guard let move = try transaction.moves(of: id).first(where: { String($0.number) == outcome }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return MoveView(move)
        }
    }

    /// Moves of a room, the last one first; with what was answered for those whose business it is.
    public func moves(of id: RoomID, by caller: Caller) async throws -> [MoveView] {
        try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            let counts: Bool
            switch caller {
            case .operator, .finance, .auditor, .host(room.host): counts = true
            case .host, .moderator, .gateway, .wallet, .anybody: counts = false
            }
            return try transaction.moves(of: id).map {
                MoveView($0, answers: counts ? try transaction.counts(of: $0) : nil)
            }
        }
    }

    /// A holder keeps a ticket for the new time, or gives it back for the whole price.
    public func answerMove(
        _ ticket: TicketID, _ answer: MoveAnswer, key: IdempotencyKey, by caller: Caller
    ) async throws -> MoveAnswerView {
        let holder = try buyer(caller)
        let command = OnceOnly("move-answer", by: caller, key: key, request: "\(ticket)|\(answer.rawValue)")
        let now = clock.now()
        return try await tellingGateways { transaction in
            let outcome = try transaction.once(command, at: now) {
                guard let row = try transaction.ticket(ticket), row.subject == .holder(holder), row.revoked == nil,
                    let id = row.order, let order = try transaction.order(id),
                    let room = try transaction.room(row.room)
                else { throw MoveRefusal.ticketUnknown }
                let last = try transaction.moves(of: row.room, limit: 1).first
                let move = try decideAnswer(
                    in: room, to: last, boughtAt: try transaction.boughtAt(order),
                    given: try last.flatMap { try transaction.answer(to: $0, of: id) }, at: now)
                try carryOut(answer, isDefault: false, to: move, of: order, actor: caller.actor, at: now, transaction)
                return "\(id.text),\(move.number)"
            }
            return try answered(outcome, answer, in: transaction)
        }
    }

    private func answered(
        _ outcome: String, _ answer: MoveAnswer, in transaction: borrowing Transaction
    ) throws -> MoveAnswerView {
        guard let id = outcome.split(separator: ",").first.flatMap({ OrderID($0) }),
            let order = try transaction.order(id), let row = try transaction.lastTicket(of: id)
        else { throw StoreFault.corrupt(column: "idempotency_keys.outcome") }
        let reversed = try transaction.reversals(of: id).reversed
        return MoveAnswerView(
            room: order.room, order: id, answer: answer, ticket: row.ticket, notBefore: row.notBefore,
            expiresAt: row.notAfter, token: answer == .keep && row.revoked == nil ? token(of: row) : nil,
            refunded: answer == .refund ? Money(reversed, order.currency) : nil)
    }

    /// Gives the default answer for a room whose holders' time is over, and says what was answered.
    public func settleMove(of id: RoomID, by caller: Caller) async throws -> MoveView {
        let now = clock.now()
        let move = try await database.read { transaction in
            _ = try owned(id, by: caller, in: transaction)
            guard let move = try transaction.moves(of: id, limit: 1).first else { throw MoveRefusal.notAsked }
            guard now >= move.answerUntil else { throw MoveRefusal.notDue(move.answerUntil) }
            return move
        }
        while try await settleStep(move) {}
        return try await database.read { MoveView(move, answers: try $0.counts(of: move)) }
    }

    /// Gives the default answer wherever it is due. Called now and then.
    public func settleMoves() async throws {
        let now = clock.now()
        for move in try await database.read({ try $0.movesDue(at: now, limit: 100) }) {
            while try await settleStep(move) {}
        }
    }

    /// A batch of default answers, in one transaction.
    /// - Returns: whether there may be more.
    private func settleStep(_ move: RoomMove) async throws -> Bool {
        let now = clock.now()
        return try await tellingGateways { transaction in
            guard try !transaction.hasEnded(move), let room = try transaction.room(move.room) else { return false }
            // The room may have moved again, and asks anew.
            guard try transaction.moves(of: move.room, limit: 1).first == move else { return false }
            var orders: [OrderID] = []
            switch room.state {
            case .scheduled, .open, .closed: orders = try transaction.unanswered(move, limit: Self.moveBatch)
            // Everything goes back anyway.
            case .cancelled: break
            }
            for id in orders {
                guard let order = try transaction.order(id) else { throw StoreFault.corrupt(column: "orders.order_id") }
                try carryOut(
                    move.defaultAnswer, isDefault: true, to: move, of: order, actor: "move", at: now, transaction)
            }
            guard orders.isEmpty else { return true }
            try transaction.endMove(move, at: now)
            try transaction.audit(
                actor: "move", act: "move_settled", subject: move.room.text, detail: "\(move.number)", at: now)
            return false
        }
    }

    private func carryOut(
        _ answer: MoveAnswer, isDefault: Bool, to move: RoomMove, of order: Order, actor: String, at now: Instant,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.insertAnswer(answer, isDefault: isDefault, to: move, of: order.id, at: now)
        switch answer {
        case .keep:
            guard let row = try transaction.lastTicket(of: order.id) else { throw MoveRefusal.ticketUnknown }
            let policy = settings.policies[order.policy] ?? settings.housePolicy
            let window = policy.window(in: move.to)
            guard (row.notBefore, row.notAfter) != window, now < window.notAfter else { return }
            // What was open when the room moved: a code that somebody has in their hands stays good.
            let offer = try transaction.openOffer(of: row.ticket, at: move.movedAt)
            let next = try succeed(
                row.ticket, by: TicketChange(notBefore: window.notBefore, notAfter: window.notAfter),
                because: .rescheduled, actor: actor, at: now, in: transaction)
            if let offer, let room = try transaction.room(order.room),
                let end = offerEnd(
                    of: offer, under: try terms(of: room.id, policy: order.policy, in: transaction), in: room,
                    after: move, at: now)
            {
                try transaction.follow(offer, with: next.ticket, until: end, at: now)
            }
        case .refund:
            let request = RefundRequest(id: makeID(), authority: .platform)
            _ = try giveBack(order.id, request, reason: .refunded, entry: makeID(), at: now, in: transaction)
        }
    }
}
