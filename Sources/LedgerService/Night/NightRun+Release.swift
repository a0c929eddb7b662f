internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Values

extension NightRun {
    struct ReleaseCursor: Sendable {
        var room = ""
        var order = ""
    }

    /// Step 3: moves the escrow of delivered rooms to hosts and platform, and reads the orders of the next part while it
    /// writes one: how an order was sold and split changes no more.
    func release() async throws {
        var cursor = ReleaseCursor()
        var known = (try? await ordersInEscrow(after: cursor, passing: 0)) ?? [:]
        while true {
            let start = cursor
            async let ahead = ordersInEscrow(after: start, passing: stepLimit)
            guard let next = try await releaseStep(after: start, known) else { return }
            known = (try? await ahead) ?? [:]
            cursor = next
        }
    }

    private func ordersInEscrow(
        after cursor: ReleaseCursor, passing count: Int
    ) async throws -> [OrderID: RatedOrder] {
        try await service.database.read { transaction in
            guard let night = try transaction.night(day) else { throw LedgerRefusal.nightUnknown }
            let found = try transaction.ordersInEscrow(
                over: night.cutoff, after: (cursor.room, cursor.order), passing: count, limit: stepLimit)
            return Dictionary(found.map { ($0.order.id, $0) }, uniquingKeysWith: { first, _ in first })
        }
    }

    /// - Parameter known: orders that were read already; any other one is read here.
    /// - Returns: where to go on; `nil` at the end.
    func releaseStep(
        after cursor: ReleaseCursor, _ known: [OrderID: RatedOrder] = [:]
    ) async throws -> ReleaseCursor? {
        let next: ReleaseCursor? = try await service.database.write { transaction in
            guard let night = try open(in: transaction) else { return nil }
            let found = try transaction.escrowed(
                over: night.cutoff, after: (cursor.room, cursor.order), limit: stepLimit)
            guard let last = found.last else { return nil }
            var input = try input(night, in: transaction)
            var done: [(RoomID, OrderID)] = []
            var rooms: [RoomID: RoomInEscrow] = [:]
            var holds = ExtraHolds(hasAny: try transaction.hasRiskFacts())
            for (roomID, orderID, reversed) in found {
                let room = try rooms[roomID] ?? roomInEscrow(roomID, in: transaction)
                rooms[roomID] = room
                guard room.mayRelease, try !room.wasDecided || !transaction.waitsForDelivery(orderID, of: roomID)
                else { continue }
                let (order, split) = try ratedOrder(orderID, known, in: transaction)
                if reversed == order.gross.minorUnits || order.base == 0 { done.append((roomID, orderID)) }
                input.candidates.append(
                    ReleaseCandidate(
                        order: order, split: split, reversed: reversed, room: room.room,
                        extraHoldDays: try holds.days(of: split, on: riskDay(of: room.room, night), in: transaction)))
            }
            // Everything up to the cut was rated in the step before: this rating is empty.
            let rating = try NightlyRun.rate(input)
            let releases = NightlyRun.release(input, rating: rating)
            var released = 0
            for release in releases {
                guard let entry = release.entry else { continue }
                released += 1
                let chained = try transaction.append(entry)
                try transaction.insertRelease(
                    of: release.order, on: day, availableOn: release.availableOn, sequence: chained.sequence)
                for accrual in release.accruals { try transaction.insertAccrual(accrual) }
                done.append((release.room, release.order))
            }
            for (room, order) in done { try transaction.removeEscrowed(order, of: room) }
            var progress = try transaction.progress(of: day)
            progress.released += released
            try transaction.setProgress(progress, of: day)
            CrashPoint.releaseWritten.pass()
            return ReleaseCursor(room: last.room.text, order: last.order.text)
        }
        CrashPoint.releaseCommitted.pass()
        return next
    }

    private func ratedOrder(
        _ id: OrderID, _ known: [OrderID: RatedOrder], in transaction: borrowing Transaction
    ) throws -> (order: Order, split: OrderSplit) {
        if let known = known[id] { return (known.order, known.split) }
        guard let order = try transaction.order(id), let split = try transaction.split(of: id) else {
            throw StoreFault.corrupt(column: "escrowed.order_id")
        }
        return (order, split)
    }

    /// What a step asks once of a room, however many of its orders it releases.
    private struct RoomInEscrow {
        let room: Room
        let mayRelease: Bool
        /// A night has decided how much of it was held: then each order is asked whether its share of the rest was paid back.
        let wasDecided: Bool
    }

    private func roomInEscrow(_ id: RoomID, in transaction: borrowing Transaction) throws -> RoomInEscrow {
        guard let room = try transaction.room(id) else { throw StoreFault.corrupt(column: "escrowed.room") }
        return RoomInEscrow(
            room: room, mayRelease: try mayRelease(room, in: transaction),
            wasDecided: try transaction.delivery(of: id) != nil)
    }
}
