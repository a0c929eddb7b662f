internal import BoxOffice
internal import Foundation
internal import HTTPEdge
internal import Ledger
internal import Stage
internal import Store
internal import Values

/// A command that may be sent twice: under which name, by whom, and what it says.
struct OnceOnly: Sendable {
    /// Who asks for what: keys of two callers, or of two commands, never meet.
    let scope: String
    /// `nil` for a command without a name: it is carried out each time it is sent.
    let key: IdempotencyKey?
    /// Of everything that the command says, so that the same key cannot stand for something else.
    let requestHash: SHA256Digest

    init(_ command: String, by caller: Caller, key: IdempotencyKey?, request: String) {
        scope = "\(command):\(caller.name)"
        self.key = key
        requestHash = SHA256Digest(of: request)
    }

    /// A command whose answer follows from the caller's own key as well: who comes with another one can't be given it.
    init(_ command: String, by caller: Caller, key: IdempotencyKey?, request: String, secret: String?) {
        let print = secret.map { "|" + SHA256Digest(of: "guichet command \($0)").hex } ?? ""
        self.init(command, by: caller, key: key, request: request + print)
    }

    /// What whoever carries it out asks first, whether it was carried out, and then what `ask` asks.
    func foresight(_ ask: @escaping @Sendable (borrowing Transaction) -> Void = { _ in }) -> Foresight {
        Foresight { [scope, key] transaction in
            if let key { _ = try? transaction.storedOutcome(scope: scope, key: key.text) }
            ask(transaction)
        }
    }
}

extension Transaction {
    /// What a payment from a wallet asks: where the journal and the events end, and how much is there.
    borrowing func foreseePayment(from holder: HolderID, in currency: Currency?) {
        _ = try? journalHead()
        _ = try? lastEvent()
        if let currency { _ = try? amount(in: .wallet(holder), currency) }
    }

    /// What a sale asks about its room.
    borrowing func foreseeSale(of room: RoomID) {
        _ = try? self.room(room)
        _ = try? prices(of: room)
        _ = try? terms(of: room)
        _ = try? hasQueue(for: room)
        _ = try? seatUse(of: room)
    }
}

extension Transaction {
    /// Carries a command out, or gives the outcome that it had the first time.
    borrowing func once(
        _ command: OnceOnly, at instant: Instant, carryOut: () throws -> String
    ) throws -> String {
        guard let key = command.key else { return try carryOut() }
        if let stored = try storedOutcome(scope: command.scope, key: key.text) {
            guard stored.requestHash == command.requestHash.hex else { throw LedgerRefusal.idempotencyMismatch }
            return stored.outcome
        }
        // A refusal is not stored: the buyer may top up and send the same command again.
        let outcome = try carryOut()
        try storeOutcome(
            outcome, scope: command.scope, key: key.text, requestHash: command.requestHash, at: instant)
        return outcome
    }

    /// Names and dates of the next entry: never earlier than the last one.
    borrowing func stamp(
        _ id: EntryID, at now: Instant, calendar: BusinessCalendar
    ) throws(StoreFault) -> EntryStamp {
        let postedAt = max(now, try journalHead().postedAt)
        return EntryStamp(id: id, postedAt: postedAt, effectiveOn: calendar.businessDay(of: postedAt))
    }

    /// Tells gateways, and other systems, how a room stands.
    borrowing func announce(_ room: Room, at instant: Instant) throws(StoreFault) {
        try tellRoom(room, at: instant)
        try tellGateways(of: room, at: instant)
    }

    /// Takes a ticket back and tells gateways, and other systems.
    borrowing func revoke(
        _ ticket: TicketRow, because reason: ReasonCode, at instant: Instant
    ) throws(StoreFault) {
        try revoke(ticket, at: instant, reason: reason.text)
        try announceRevocation(of: ticket, because: reason, at: instant)
    }

    /// Tells gateways, and other systems, that a ticket was taken back.
    borrowing func announceRevocation(
        of ticket: TicketRow, because reason: ReasonCode, at instant: Instant
    ) throws(StoreFault) {
        try tell(
            .ticketRevoked, of: ticket.ticket.text, host: try room(ticket.room)?.host, at: instant,
            EventFacts(order: ticket.order, ticket: ticket.ticket, room: ticket.room, reason: reason.text))
        let notice = RevocationNotice(ticket: ticket.ticket, room: ticket.room, reason: reason, at: instant)
        try appendFeed(kind: "revoked", at: instant) {
            text(of: FeedEvent(sequence: $0, change: .revoked(notice)))
        }
    }
}

extension RoomBrief {
    init(_ room: Room, sharing: SharingPolicy, holderKey: HolderKeyPolicy, elsewhere: String? = nil) {
        let state: State =
            switch room.state {
            case .scheduled: .scheduled
            case .open: .open
            case .closed: .closed
            case .cancelled: .cancelled
            }
        self.init(
            room: room.id, host: room.host, title: room.title, startsAt: room.startsAt, endsAt: room.endsAt,
            doorsOpenAt: room.doorsOpenAt, capacity: room.capacity, state: state, sharing: sharing,
            holderKey: holderKey, elsewhere: elsewhere)
    }
}

func text(of value: some Encodable) -> String { String(decoding: JSON.encode(value), as: UTF8.self) }

func value<Value: Decodable>(_ type: Value.Type, from text: String, column: String) throws(StoreFault) -> Value {
    do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch { throw .corrupt(column: column) }
}
