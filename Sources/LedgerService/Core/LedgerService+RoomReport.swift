internal import BoxOffice
internal import HTTPEdge
internal import Stage
internal import Store
internal import Tickets
public import Values

/// What was held of a room and who heard what, from the receipts of gateways; the statement is its signed sum.
public struct RoomReportView: Sendable, Hashable, Encodable {
    public struct Stretch: Sendable, Hashable, Encodable {
        public let from: Instant
        public let to: Instant
    }

    /// One listener's ticket.
    public struct Line: Sendable, Hashable, Encodable {
        public let ticket: TicketID
        public let entries: Int64
        public let refusals: Int64
        public let connectedSeconds: Int64
        public let heardSeconds: Int64
        public let lostPackets: Int64
        public let jitterMicroseconds: Int64
    }

    /// What a night has decided, where the terms of the room promise it.
    public struct Decision: Sendable, Hashable, Encodable {
        public let night: LocalDay
        public let deliveredSeconds: Int64
        public let wholeFromBp: Int64
        public let refundedOrders: Int
        /// One for each currency.
        public let refunded: [Money]
    }

    public let room: RoomID
    /// `under_way` until the room is over, `open` while gateways have not told of everybody's end, then `final`.
    public let state: String
    public let startsAt: Instant
    /// As promised to tickets, without overtime.
    public let endsAt: Instant
    public let promisedSeconds: Int64
    public let deliveredSeconds: Int64
    public let stage: [Stretch]
    /// Tickets that came in.
    public let listeners: Int64
    /// By all tickets together.
    public let heardSeconds: Int64
    public let decision: Decision?
    /// By ticket, from the cursor on.
    public let lines: [Line]
    /// Behind which ticket more follows.
    public let next: TicketID?
    /// JWS of type `room-report+jwt`.
    public let statement: String
}

extension LedgerService {
    /// Lines on a page at most.
    public static let roomReportLines = 1_000

    /// The report of a room, for its host and the house.
    /// - Parameter ticket: only lines behind it.
    public func roomReport(
        of id: RoomID, after ticket: TicketID? = nil, limit: Int = roomReportLines, by caller: Caller
    ) async throws -> RoomReportView {
        let now = clock.now()
        return try await database.read { transaction in
            guard let room = try transaction.room(id) else { throw LedgerRefusal.roomUnknown }
            guard caller == .host(room.host) || caller.seesEverything || caller.isFinance else {
                throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("host of the room, finance")
            }
            var receipts = try stageReceipts(of: id, in: transaction)
            receipts += try listenerReceipts(of: id, in: transaction)
            let window = try promised(by: room, in: transaction)
            let report = RoomReport(receipts, now: min(now, max(room.overAt, window.from)))
            let delivery = report.stage.delivery(in: window)
            let isOver = now >= room.overAt
            let isOpen = report.stage.open + report.openListeners > 0
            let state = !isOver ? "under_way" : isOpen ? "open" : "final"
            let statement = RoomReportStatement(
                issuer: settings.issuer, room: id, state: state, startsAt: window.from, endsAt: window.to,
                promisedSeconds: delivery.promisedSeconds, deliveredSeconds: delivery.deliveredSeconds,
                listeners: report.listeners, heardSeconds: report.heardSeconds, lines: report.digest,
                receipts: Self.digest(of: receipts), at: now)
            let behind = ticket.map { cursor in report.lines.filter { $0.ticket > cursor } } ?? report.lines
            let page = behind.prefix(min(max(1, limit), Self.roomReportLines))
            return RoomReportView(
                room: id, state: state, startsAt: window.from, endsAt: window.to,
                promisedSeconds: delivery.promisedSeconds, deliveredSeconds: delivery.deliveredSeconds,
                stage: report.stage.stretches.map { .init(from: $0.from, to: $0.to) }, listeners: report.listeners,
                heardSeconds: report.heardSeconds, decision: try decision(on: id, in: transaction),
                lines: page.map(RoomReportView.Line.init), next: page.count < behind.count ? page.last?.ticket : nil,
                statement: ticketKeys.signer(issuedAt: now).sign(statement))
        }
    }

    private func decision(
        on room: RoomID, in transaction: borrowing Transaction
    ) throws(StoreFault) -> RoomReportView.Decision? {
        guard let row = try transaction.delivery(of: room) else { return nil }
        let sum = try transaction.deliverySum(of: room)
        return RoomReportView.Decision(
            night: row.night, deliveredSeconds: row.delivery.deliveredSeconds, wholeFromBp: row.rule.wholeFrom.value,
            refundedOrders: sum.orders, refunded: sum.amounts)
    }

    private func listenerReceipts(of room: RoomID, in transaction: borrowing Transaction) throws -> [Receipt] {
        var receipts: [Receipt] = []
        var cursor: Int64 = 0
        while true {
            let page = try transaction.receipts(of: room, stage: false, after: cursor, limit: 1_000)
            for row in page { receipts.append(try value(Receipt.self, from: row.body, column: "receipts.body")) }
            guard page.count == 1_000, let next = page.last?.number else { return receipts }
            cursor = next
        }
    }

    /// Binds a report to the chains of the gateways: whoever holds the receipts can tell that it was made from these.
    private static func digest(of receipts: [Receipt]) -> SHA256Digest {
        let sorted = receipts.sorted { ($0.gateway, $0.sequence) < ($1.gateway, $1.sequence) }
        return SHA256Digest(of: sorted.map { "\($0.gateway)|\($0.sequence)|\($0.hash)\n" }.joined())
    }
}

extension RoomReportView.Line {
    init(_ line: RoomReport.Line) {
        ticket = line.ticket
        entries = line.entries
        refusals = line.refusals
        connectedSeconds = line.connectedSeconds
        heardSeconds = line.heardSeconds
        lostPackets = line.lost
        jitterMicroseconds = line.jitterMicroseconds
    }
}
