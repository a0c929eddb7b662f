public import BoxOffice
public import Values

/// An event of a provider as it was taken in.
public struct ProviderEventRow: Sendable, Hashable {
    public let provider: ProviderName
    /// The provider's id of it.
    public let event: String
    /// The provider's word for what happened: `payment_intent.succeeded`.
    public let kind: String
    /// What it is about, by the provider's name: to be asked after where the event alone says too little.
    public let object: String
    /// A ``ProviderReport`` as JSON.
    public let report: String
    /// Of the bytes as they came.
    public let bodyHash: SHA256Digest
    public let receivedAt: Instant

    public init(
        provider: ProviderName, event: String, kind: String, object: String, report: String, bodyHash: SHA256Digest,
        receivedAt: Instant
    ) {
        self.provider = provider
        self.event = event
        self.kind = kind
        self.object = object
        self.report = report
        self.bodyHash = bodyHash
        self.receivedAt = receivedAt
    }
}

/// What became of an event.
public enum ProviderEventState: String, Sendable, Hashable, CaseIterable {
    /// Its object is not known here yet.
    case parked
    case applied
    /// It told nothing new.
    case known
    /// Not of a kind that concerns us.
    case ignored
    /// It contradicts what is known: somebody has to look.
    case refused
}

/// A call that is owed to a provider.
public struct ProviderCallRow: Sendable, Hashable {
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case checkout, refund, fees
    }

    /// Also the idempotency key that the provider gets.
    public let call: String
    public let provider: ProviderName
    public let kind: Kind
    public let charge: ChargeID
    public let repayment: RepaymentID?
    public let createdAt: Instant
    /// How often it was tried.
    public var tries = 0

    public init(
        provider: ProviderName, kind: Kind, charge: ChargeID, repayment: RepaymentID? = nil, createdAt: Instant
    ) {
        call = "\(kind.rawValue)-\(repayment?.text ?? charge.text)"
        self.provider = provider
        self.kind = kind
        self.charge = charge
        self.repayment = repayment
        self.createdAt = createdAt
    }
}

/// The inbox: events that providers sent.
extension Transaction {
    public borrowing func providerEvent(
        _ event: String, of provider: ProviderName
    ) throws(StoreFault) -> ProviderEventRow? {
        try row(
            """
            SELECT provider, event, kind, object, report, body_hash, received_us FROM provider_events
            WHERE shard = $1 AND provider = $2 AND event = $3
            """, shard, provider.rawValue, event, read: readEvent)
    }

    /// Takes an event in that was not there before, to be read as soon as possible.
    public borrowing func insertEvent(_ event: ProviderEventRow) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_events (shard, provider, event, kind, object, report, body_hash, received_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, event.provider.rawValue, event.event, event.kind, event.object, event.report, event.bodyHash,
            event.receivedAt)
        try execute(
            "INSERT INTO due_events (shard, provider, event, due_us, tries) VALUES ($1, $2, $3, $4, 0)", shard,
            event.provider.rawValue, event.event, event.receivedAt)
    }

    /// Events that are to be read now, in the order of their time.
    public borrowing func dueEvents(
        at instant: Instant, limit: Int
    ) throws(StoreFault) -> [(event: ProviderEventRow, tries: Int)] {
        try rows(
            """
            SELECT e.provider, e.event, e.kind, e.object, e.report, e.body_hash, e.received_us, d.tries
            FROM due_events d JOIN provider_events e ON e.shard = d.shard AND e.provider = d.provider
              AND e.event = d.event
            WHERE d.shard = $1 AND d.due_us <= $2 ORDER BY d.due_us, d.provider, d.event LIMIT $3
            """, shard, instant, limit
        ) { row throws(StoreFault) in (event: try readEvent(row), tries: try row.int(7)) }
    }

    /// How often an event was tried; `nil` for one that has its last word.
    public borrowing func tries(of event: ProviderEventRow) throws(StoreFault) -> Int? {
        try row(
            "SELECT tries FROM due_events WHERE shard = $1 AND provider = $2 AND event = $3", shard,
            event.provider.rawValue, event.event
        ) { row throws(StoreFault) in try row.int(0) }
    }

    /// Tries an event again later; the first time it is written down as parked.
    public borrowing func park(
        _ event: ProviderEventRow, until due: Instant, at instant: Instant
    ) throws(StoreFault) {
        if try lastState(of: event) == nil {
            try execute(
                """
                INSERT INTO provider_event_facts (shard, provider, event, n, state, detail, at_us)
                VALUES ($1, $2, $3, 1, 'parked', '', $4)
                """, shard, event.provider.rawValue, event.event, instant)
        }
        try execute(
            """
            UPDATE due_events SET due_us = $4, tries = tries + 1 WHERE shard = $1 AND provider = $2 AND event = $3
            """, shard, event.provider.rawValue, event.event, due)
    }

    /// The last word about an event.
    public borrowing func end(
        _ event: ProviderEventRow, _ state: ProviderEventState, detail: String = "", at instant: Instant
    ) throws(StoreFault) {
        let before = try lastState(of: event)
        try execute(
            """
            INSERT INTO provider_event_facts (shard, provider, event, n, prev_n, prev_state, state, detail, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, event.provider.rawValue, event.event, before == nil ? 1 : 2, before == nil ? Int?.none : 1,
            before?.rawValue, state.rawValue, detail, instant)
        try execute(
            "DELETE FROM due_events WHERE shard = $1 AND provider = $2 AND event = $3", shard, event.provider.rawValue,
            event.event)
    }

    public borrowing func lastState(of event: ProviderEventRow) throws(StoreFault) -> ProviderEventState? {
        try row(
            """
            SELECT state FROM provider_event_facts WHERE shard = $1 AND provider = $2 AND event = $3
            ORDER BY n DESC LIMIT 1
            """, shard, event.provider.rawValue, event.event
        ) { row throws(StoreFault) in
            guard let state = ProviderEventState(rawValue: try row.text(0)) else { throw row.corrupt(0) }
            return state
        }
    }

    /// Events without a last word that came before an instant, oldest first: somebody should look.
    public borrowing func waitingEvents(
        before instant: Instant, limit: Int
    ) throws(StoreFault) -> [ProviderEventRow] {
        try rows(
            """
            SELECT e.provider, e.event, e.kind, e.object, e.report, e.body_hash, e.received_us
            FROM due_events d CROSS JOIN provider_events e WHERE d.shard = $1 AND e.shard = d.shard
              AND e.provider = d.provider AND e.event = d.event AND e.received_us < $2 ORDER BY e.received_us, e.event LIMIT $3
            """, shard, instant, limit, read: readEvent)
    }
}

/// The outbox: calls that are owed to providers.
extension Transaction {
    /// Owes a call, to be made from an instant on; one that was owed before changes nothing.
    public borrowing func owe(_ call: ProviderCallRow, from due: Instant) throws(StoreFault) {
        let isKnown = try row("SELECT 1 FROM provider_calls WHERE shard = $1 AND call = $2", shard, call.call) {
            _ throws(StoreFault) in true
        }
        if isKnown == true { return }
        try execute(
            """
            INSERT INTO provider_calls (shard, call, provider, kind, charge, repayment, created_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, call.call, call.provider.rawValue, call.kind.rawValue, call.charge, call.repayment,
            call.createdAt)
        try execute(
            "INSERT INTO due_calls (shard, call, due_us, tries) VALUES ($1, $2, $3, 0)", shard, call.call, due)
    }

    /// Whether a call is to be made now; a question that disturbs no writer.
    public borrowing func hasDueCalls(at instant: Instant) throws(StoreFault) -> Bool {
        try row("SELECT 1 FROM due_calls WHERE shard = $1 AND due_us <= $2 LIMIT 1", shard, instant) {
            _ throws(StoreFault) in true
        } ?? false
    }

    /// Takes calls that are due, so that nobody else makes them until `lease`: a caller that dies leaves them to others.
    public borrowing func takeCalls(
        at instant: Instant, lease: Instant, limit: Int
    ) throws(StoreFault) -> [ProviderCallRow] {
        let calls = try rows(
            """
            SELECT c.provider, c.kind, c.charge, c.repayment, c.created_us, d.tries
            FROM due_calls d JOIN provider_calls c ON c.shard = d.shard AND c.call = d.call
            WHERE d.shard = $1 AND d.due_us <= $2 ORDER BY d.due_us, d.call LIMIT $3
            """, shard, instant, limit, read: readCall)
        for call in calls { try postpone(call, until: lease, countsAsTry: true) }
        return calls
    }

    public borrowing func postpone(
        _ call: ProviderCallRow, until due: Instant, countsAsTry: Bool = false
    ) throws(StoreFault) {
        try execute(
            "UPDATE due_calls SET due_us = $3, tries = tries + $4 WHERE shard = $1 AND call = $2", shard, call.call,
            due, countsAsTry ? 1 : 0)
    }

    /// The end of a call; one that has ended stays as it is.
    public borrowing func end(
        _ call: ProviderCallRow, refused detail: String? = nil, at instant: Instant
    ) throws(StoreFault) {
        let isOver = try row("SELECT 1 FROM provider_call_ends WHERE shard = $1 AND call = $2", shard, call.call) {
            _ throws(StoreFault) in true
        }
        if isOver == true { return }
        try execute(
            """
            INSERT INTO provider_call_ends (shard, call, outcome, detail, at_us) VALUES ($1, $2, $3, $4, $5)
            """, shard, call.call, detail == nil ? "done" : "refused", detail ?? "", instant)
        try execute("DELETE FROM due_calls WHERE shard = $1 AND call = $2", shard, call.call)
    }
}

private func readEvent(_ row: borrowing Row) throws(StoreFault) -> ProviderEventRow {
    guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    guard let hash = SHA256Digest(hex: try row.text(5)) else { throw row.corrupt(5) }
    return ProviderEventRow(
        provider: provider, event: try row.text(1), kind: try row.text(2), object: try row.text(3),
        report: try row.text(4), bodyHash: hash, receivedAt: try row.instant(6))
}

private func readCall(_ row: borrowing Row) throws(StoreFault) -> ProviderCallRow {
    guard let provider = ProviderName(rawValue: try row.text(0)) else { throw row.corrupt(0) }
    guard let kind = ProviderCallRow.Kind(rawValue: try row.text(1)) else { throw row.corrupt(1) }
    var call = ProviderCallRow(
        provider: provider, kind: kind, charge: try row.identifier(2), repayment: try row.optionalIdentifier(3),
        createdAt: try row.instant(4))
    call.tries = try row.int(5)
    return call
}
