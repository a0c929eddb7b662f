internal import BoxOffice
internal import HTTPEdge
internal import Stage
internal import Store
internal import Values

/// Rooms whose terms promise that time which was not held is paid back: decided from the receipts of gateways, once, in
/// the first night after their end, before anything of their money becomes a host's.
extension NightRun {
    /// Step 3a: decides how much of each room was held.
    /// - Returns: where to go on; `nil` at the end.
    func deliverStep(after room: String) async throws -> String? {
        guard settings.terms.all.contains(where: { $0.delivery != nil }) else { return nil }
        return try await service.database.write { transaction in
            guard let night = try open(in: transaction) else { return nil }
            let found = try transaction.roomsToDeliver(over: night.cutoff, after: room, limit: stepLimit)
            for id in found {
                guard let room = try transaction.room(id) else { throw StoreFault.corrupt(column: "room_terms.room") }
                try decideDelivery(of: room, night, in: transaction)
            }
            return found.last?.text
        }
    }

    private func decideDelivery(of room: Room, _ night: NightRow, in transaction: borrowing Transaction) throws {
        guard let rule = try service.terms(of: room.id, policy: room.policy, in: transaction).delivery else { return }
        // Who was not told to have left counts to the room's end, and not for days.
        let stage = StageTime(
            try service.stageReceipts(of: room.id, in: transaction), now: min(service.clock.now(), room.overAt))
        let window = try service.promised(by: room, in: transaction)
        let delivery = stage.delivery(in: window)
        // A gateway that lost its line tells later. Until then it is not known that nobody spoke; afterwards, who was not
        // told to have left spoke to the end.
        let isLate = night.cutoff >= room.overAt.advanced(bySeconds: settings.deliveryPatienceSeconds)
        guard isLate || (stage.open == 0 && delivery.isWhole(under: rule)) else { return }
        let row = DeliveryRow(
            room: room.id, night: day, lastReceipt: try transaction.lastReceiptNumber(), from: window.from,
            to: window.to, delivery: delivery, rule: rule, at: service.clock.now())
        try transaction.insertDelivery(row)
        try transaction.tellDelivery(row, host: room.host)
    }

    /// Step 3b: pays back what was not held, order by order.
    /// - Returns: where to go on; `nil` at the end.
    func undeliveredStep(after cursor: ReleaseCursor) async throws -> ReleaseCursor? {
        try await service.tellingGateways { transaction in
            guard try open(in: transaction) != nil else { return nil }
            let found = try transaction.undeliveredOrders(after: (cursor.room, cursor.order), limit: stepLimit)
            var stages: [RoomID: StageTime] = [:]
            for (roomID, order) in found {
                guard let room = try transaction.room(roomID), let decided = try transaction.delivery(of: roomID)
                else { throw StoreFault.corrupt(column: "deliveries.room") }
                let stage =
                    try stages[roomID]
                    ?? StageTime(
                        try service.stageReceipts(of: roomID, through: decided.lastReceipt, in: transaction),
                        now: min(decided.at, room.overAt))
                stages[roomID] = stage
                try payBack(order, of: room, decided, stage, in: transaction)
            }
            return found.last.map { ReleaseCursor(room: $0.0.text, order: $0.1.text) }
        }
    }

    private func payBack(
        _ order: OrderID, of room: Room, _ decided: DeliveryRow, _ stage: StageTime,
        in transaction: borrowing Transaction
    ) throws {
        guard let standing = try transaction.standing(of: order) else {
            throw StoreFault.corrupt(column: "escrowed.order_id")
        }
        // Who bought a ticket in the middle was promised the rest.
        let promised = AttendanceInterval(from: max(decided.from, standing.order.soldAt), to: decided.to)
        var delivery = promised.from < promised.to ? stage.delivery(in: promised) : decided.delivery
        if let row = try transaction.extension(order),
            let overtime = try transaction.overtimes(of: room.id).first(where: { $0.number == row.overtime })
        {
            delivery = stage.delivery(in: AttendanceInterval(from: overtime.from, to: overtime.until))
        }
        // A tip is a gift for what was heard.
        let isTip = try transaction.tip(order) != nil
        let due = isTip ? .zero(standing.order.currency) : delivery.due(of: standing.remaining, under: decided.rule)
        guard due.isPositive else {
            return try transaction.insertDeliveryOrder(order, of: room.id, delivery, refund: nil, amount: 0)
        }
        let request = RefundRequest(id: service.makeID(), amount: due, authority: .platform)
        let refund = try service.giveBack(
            order, request, reason: .undelivered, entry: service.makeID(), serving: false, withExtensions: false,
            at: service.clock.now(), in: transaction)
        try transaction.insertDeliveryOrder(
            order, of: room.id, delivery, refund: refund.refund, amount: refund.amount.minorUnits)
    }

    /// Whether money of a room may become its host's: its delivery was decided, or nobody promised one.
    func mayRelease(_ room: Room, in transaction: borrowing Transaction) throws -> Bool {
        if case .cancelled = room.state { return true }
        guard try transaction.terms(of: room.id) != nil,
            try service.terms(of: room.id, policy: room.policy, in: transaction).delivery != nil
        else { return true }
        return try transaction.delivery(of: room.id) != nil
    }
}

extension StageTime {
    func delivery(in window: AttendanceInterval) -> Delivery {
        Delivery(
            promisedSeconds: max(1, window.from.microseconds(until: window.to) / 1_000_000),
            deliveredSeconds: seconds(in: window))
    }
}

extension LedgerService {
    /// The time that a room's tickets promise: its own, without overtime.
    func promised(by room: Room, in transaction: borrowing Transaction) throws(StoreFault) -> AttendanceInterval {
        let end = try transaction.overtimes(of: room.id).first?.from ?? room.endsAt
        return AttendanceInterval(from: room.startsAt, to: end)
    }

    /// What gateways have told of who may speak in a room.
    /// - Parameter last: the last receipt to look at.
    func stageReceipts(
        of room: RoomID, through last: Int64 = .max, in transaction: borrowing Transaction
    ) throws -> [Receipt] {
        var receipts: [Receipt] = []
        var cursor: Int64 = 0
        while true {
            let page = try transaction.receipts(of: room, stage: true, after: cursor, limit: 1_000)
            for row in page where row.number <= last {
                receipts.append(try value(Receipt.self, from: row.body, column: "receipts.body"))
            }
            guard page.count == 1_000, let next = page.last?.number, next < last else { return receipts }
            cursor = next
        }
    }
}

extension Transaction {
    /// A night has decided how much of a room was held.
    borrowing func tellDelivery(_ row: DeliveryRow, host: HostID) throws(StoreFault) {
        var facts = EventFacts(room: row.room, host: host)
        facts.day = row.night
        facts.promisedSeconds = row.delivery.promisedSeconds
        facts.deliveredSeconds = row.delivery.deliveredSeconds
        try tell(.roomDelivered, of: row.room.text, host: host, at: row.at, facts)
    }
}
