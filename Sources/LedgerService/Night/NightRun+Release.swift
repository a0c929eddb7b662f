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

    /// Step 3: moves the escrow of delivered rooms to hosts and platform.
    /// - Returns: where to go on; `nil` at the end.
    func releaseStep(after cursor: ReleaseCursor) async throws -> ReleaseCursor? {
        let next: ReleaseCursor? = try await service.database.write { transaction in
            guard let night = try open(in: transaction) else { return nil }
            let found = try transaction.escrowed(
                over: night.cutoff, after: (cursor.room, cursor.order), limit: stepLimit)
            guard let last = found.last else { return nil }
            var input = try input(night, in: transaction)
            var done: [(RoomID, OrderID)] = []
            var mayRelease: [RoomID: Bool] = [:]
            var holds = ExtraHolds(hasAny: try transaction.hasRiskFacts())
            for (roomID, orderID) in found {
                guard let order = try transaction.order(orderID), let room = try transaction.room(roomID),
                    let split = try transaction.split(of: orderID)
                else { throw StoreFault.corrupt(column: "escrowed.order_id") }
                if mayRelease[roomID] == nil { mayRelease[roomID] = try self.mayRelease(room, in: transaction) }
                guard mayRelease[roomID] == true, try !transaction.waitsForDelivery(orderID, of: roomID) else {
                    continue
                }
                let reversed = try transaction.reversals(of: orderID).reversed
                if reversed == order.gross.minorUnits || order.base == 0 { done.append((roomID, orderID)) }
                input.candidates.append(
                    ReleaseCandidate(
                        order: order, split: split, reversed: reversed, room: room,
                        extraHoldDays: try holds.days(of: split, on: riskDay(of: room, night), in: transaction)))
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
            return ReleaseCursor(room: last.0.text, order: last.1.text)
        }
        CrashPoint.releaseCommitted.pass()
        return next
    }
}
