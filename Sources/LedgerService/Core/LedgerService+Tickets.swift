internal import BoxOffice
public import HTTPEdge
internal import Store
internal import Tickets
public import Values

/// A ticket as its holder, its host or an operator sees it.
public struct TicketView: Sendable, Hashable, Encodable {
    public enum State: String, Sendable, Hashable, Encodable {
        case notYetValid = "not_yet_valid"
        case valid, expired, refunded, withdrawn, replaced
    }

    public let ticket: TicketID
    public let order: OrderID?
    public let room: RoomID
    public let seat: Int?
    public let holder: Subject
    public let role: Role
    public let name: String?
    public let state: State
    /// Under which policy, and terms of the room, it was sold.
    public let policy: String
    public let issuedAt: Instant
    public let notBefore: Instant
    public let expiresAt: Instant
    /// For the holder only.
    public let token: String?
    /// Thumbprint (RFC 7638) of the key to which it is bound.
    public let boundTo: String?
    /// The ticket in its place, if the same person holds it.
    public let successor: TicketID?

    init(_ row: TicketRow, at now: Instant, token: String?, successor: TicketID? = nil) {
        self.successor = successor
        boundTo = row.boundTo
        ticket = row.ticket
        order = row.order
        room = row.room
        seat = row.seat
        holder = row.subject
        role = row.role
        name = row.name
        policy = row.policy
        issuedAt = row.issuedAt
        notBefore = row.notBefore
        expiresAt = row.notAfter
        self.token = token
        if let revoked = row.revoked {
            let isReplaced = SuccessionCause(rawValue: revoked.reason) != nil
            state = isReplaced ? .replaced : row.order == nil ? .withdrawn : .refunded
        } else {
            state = now < row.notBefore ? .notYetValid : now < row.notAfter ? .valid : .expired
        }
    }
}

/// What a check of a token found. An invalid ticket is an answer and no error.
public struct TicketVerdict: Sendable, Hashable, Encodable {
    public let valid: Bool
    /// `ticket_valid`, or the code of the refusal.
    public let code: String
    public let detail: String?
    public let next: String?
    public let ticket: TicketID?
    public let room: RoomID?
    public let role: Role?
    public let notBefore: Instant?
    public let expiresAt: Instant?
}

/// A pass for the stage.
public struct PassView: Sendable, Hashable, Encodable {
    public let ticket: TicketID
    public let room: RoomID
    public let role: Role
    public let name: String?
    public let token: String
    public let expiresAt: Instant
}

extension LedgerService {
    /// Stage passes of one room, over its life: far more than the stage has places, so that lost ones can be replaced.
    static let maximumPasses = 200

    /// The claims of a stored ticket, signed. A pure function of the row.
    func token(of row: TicketRow) -> String {
        let claims = TicketClaims(
            issuer: settings.issuer, audience: settings.audience, subject: row.subject, ticket: row.ticket,
            room: row.room, role: row.role, notBefore: row.notBefore, expiresAt: row.notAfter,
            issuedAt: row.signedAt, policy: row.policy, confirmationThumbprint: row.boundTo)
        guard let claims else { preconditionFailure("A stored ticket always has claims: its window is checked.") }
        return ticketKeys.signer(issuedAt: row.signedAt).sign(claims)
    }

    public func ticket(_ id: TicketID, by caller: Caller) async throws -> TicketView {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        let (row, host, successor) = try await database.read { transaction in
            let row = try transaction.ticket(id)
            let replaced = try row?.revoked == nil ? nil : transaction.successor(of: id)
            let next = try replaced.flatMap { try transaction.ticket($0) }
            return (row, try row.flatMap { try transaction.room($0.room)?.host }, next)
        }
        let isHolder = row.map { caller.actor == $0.subject.text } ?? false
        let isHost = host.map { caller == .host($0) } ?? false
        guard let row, isHolder || isHost || caller.isOperator || caller.isAuditor else {
            throw LedgerRefusal.ticketUnknown
        }
        let isSame = successor?.subject == row.subject
        return TicketView(
            row, at: clock.now(), token: isHolder ? token(of: row) : nil, successor: isSame ? successor?.ticket : nil)
    }

    /// Makes a stage pass: a ticket without money, for the host, a co-host or a speaker.
    public func issuePass(
        for id: RoomID, role: Role, name: String? = nil, key: IdempotencyKey? = nil, by caller: Caller
    ) async throws -> PassView {
        guard role != .listener else { throw LedgerRefusal.passRole }
        if let name, !isPrintable(name, characters: 1...80) { throw LedgerRefusal.passName }
        let ticketID: TicketID = makeID()
        let guest: HolderID = makeID()
        let now = clock.now()
        let command = OnceOnly(
            "pass", by: caller, key: key, request: "\(id)|\(role.rawValue)|\(name ?? "")")
        let row = try await database.write { transaction in
            let outcome = try transaction.once(command, at: now) {
                let room = try staged(id, as: role, by: caller, in: transaction)
                switch room.state {
                case .scheduled, .open: break
                case .closed, .cancelled: throw LedgerRefusal.passRoomOver
                }
                guard now.seconds < room.endsAt.seconds else { throw LedgerRefusal.passRoomOver }
                guard try transaction.passCount(of: id) < Self.maximumPasses else { throw LedgerRefusal.passLimit }
                // The host comes in with its own name; guests of the stage have no account, only this pass.
                let row = TicketRow(
                    ticket: ticketID, order: nil, room: id, seat: nil,
                    subject: role == .host ? .host(room.host) : .holder(guest), role: role, name: name,
                    policy: room.policy, issuedAt: now, notBefore: now, notAfter: room.endsAt)
                try transaction.insertTicket(row, capacity: room.capacity)
                try transaction.audit(
                    actor: caller.actor, act: "pass_issued", subject: ticketID.text, detail: role.rawValue, at: now)
                return ticketID.text
            }
            guard let row = try TicketID(outcome).flatMap({ try transaction.ticket($0) }) else {
                throw StoreFault.corrupt(column: "idempotency_keys.outcome")
            }
            return row
        }
        return PassView(
            ticket: row.ticket, room: row.room, role: row.role, name: row.name, token: token(of: row),
            expiresAt: row.notAfter)
    }

    /// The room, if the caller may bring people of that role on its stage: its host, an operator, or a moderator of
    /// the host, who runs the stage but does not hand out the host's own place.
    private func staged(
        _ id: RoomID, as role: Role, by caller: Caller, in transaction: borrowing Transaction
    ) throws -> Room {
        guard case .moderator(let host) = caller else { return try owned(id, by: caller, in: transaction) }
        guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
        guard room.host == host, role != .host else { throw EdgeRefusal.keyScope("host of the room, operator") }
        return room
    }

    /// Checks a token as a door would, revocations and later ends included.
    public func verify(_ token: String, for room: RoomID? = nil, language: Language = .en) async throws -> TicketVerdict
    {
        let verifier = TicketVerifier(keyRing: keyRing, issuer: settings.issuer, audience: settings.audience)
        do {
            let ticket = try verifier.authenticate(token).ticket
            let known = try await database.read { transaction in
                (end: try transaction.ticket(ticket)?.notAfter, isRevoked: try transaction.isRevoked(ticket))
            }
            let claims = try verifier.verify(
                token, at: clock.now(), room: room, isRevoked: { _ in known.isRevoked },
                end: { known.end ?? $0.expiresAt })
            return TicketVerdict(
                valid: true, code: "ticket_valid", detail: nil, next: nil, ticket: claims.ticket, room: claims.room,
                role: claims.role, notBefore: claims.notBefore, expiresAt: known.end ?? claims.expiresAt)
        } catch let error as TicketRefusal {
            let words = Problem(error, in: language)
            return TicketVerdict(
                valid: false, code: error.code, detail: words.detail, next: words.next, ticket: nil, room: nil,
                role: nil, notBefore: nil, expiresAt: nil)
        }
    }
}
