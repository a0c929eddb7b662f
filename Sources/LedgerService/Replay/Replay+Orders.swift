internal import BoxOffice
internal import Payouts
internal import Reporting
internal import Store
internal import Values

extension Replay {
    /// Every order in the order of the sales, some at a time.
    func eachOrder(
        _ hosts: [String: String], _ rooms: [String: String], _ body: (OrderRow) throws -> Void
    ) async throws {
        let (policy, lastDay) = (config.policy, config.lastDay)
        var cursor: Int64 = 0
        while true {
            let from = cursor
            let (rows, last) = try await service.database.read { transaction in
                let found = try transaction.orders(soldBehind: from, limit: 500)
                let rows = try found.compactMap { item in
                    try Self.row(item.order, hosts, rooms, policy, lastDay, in: transaction)
                }
                return (rows, found.last?.sequence)
            }
            guard let last else { return }
            for row in rows { try body(row) }
            cursor = last
        }
    }

    private static func row(
        _ id: OrderID, _ hosts: [String: String], _ rooms: [String: String], _ policy: SalePolicy, _ lastDay: LocalDay,
        in transaction: borrowing Transaction
    ) throws -> OrderRow? {
        guard let order = try transaction.order(id), let room = try transaction.room(order.room) else { return nil }
        let split = try transaction.split(of: id)
        // What is wholly given back is never released, and was due all the same.
        let due =
            try transaction.release(of: id)?.availableOn
            ?? availabilityDay(soldAt: order.soldAt, roomEndedAt: room.endsAt, policy: policy)
        return OrderRow(
            order: try transaction.importedName(of: id.text) ?? id.text,
            room: rooms[order.room.text] ?? order.room.text,
            owner: hosts[order.owner.text] ?? order.owner.text, currency: order.currency,
            gross: order.gross.minorUnits, vat: order.vat, fee: order.fee, feeRefundable: order.feeIsRefundable,
            base: order.base, parts: split?.parts ?? [], hostShare: split?.hostShare ?? 0,
            platform: split?.platform ?? 0,
            shares: Dictionary(
                (split?.shares ?? []).map { (hosts[$0.host.text] ?? $0.host.text, $0.amount.minorUnits) },
                uniquingKeysWith: +),
            reversed: try transaction.reversals(of: id).reversed,
            tierReversed: try transaction.bracketsReversed(of: id), released: due <= lastDay)
    }

    /// Closed months by their nights, as the rules list them.
    func funds(_ hosts: [String: String]) async throws -> (pools: [ReplayPool], stipends: [ReplayStipend]) {
        try await service.database.read { transaction in
            var pools: [ReplayPool] = []
            var stipends: [ReplayStipend] = []
            for month in try transaction.fundMonths() {
                var shared: [ReplayPool.Host] = []
                let results = try transaction.fundResults(of: month.program, month.month)
                for result in results {
                    let host = hosts[result.host.text] ?? result.host.text
                    switch result.figures {
                    case .weeks(let all, let enrolled, let met):
                        stipends.append(
                            ReplayStipend(
                                program: month.program, month: month.month.description, host: host,
                                amount: result.amount.minorUnits, weeks: all, weeksEnrolled: enrolled, weeksMet: met))
                    case .heard(let minutes, let listeners):
                        shared.append(
                            ReplayPool.Host(
                                host: host, minutes: minutes, listeners: listeners, isEligible: result.isEligible,
                                amount: result.amount.minorUnits))
                    }
                }
                if month.kind != "stipend" {
                    pools.append(
                        ReplayPool(
                            month: month.month.description, currency: month.amount.currency,
                            pool: month.amount.minorUnits, cap: month.cap, hosts: shared))
                }
            }
            return (pools, stipends)
        }
    }
}
