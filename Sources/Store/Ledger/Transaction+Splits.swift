public import BoxOffice
internal import Foundation
public import Values

extension Transaction {
    /// How far an order has come: what was given back, and where the rest of its money is.
    /// - Parameter sequence: as the journal stood there.
    public borrowing func standing(
        of id: OrderID, through sequence: Int64 = .max
    ) throws(StoreFault) -> OrderStanding? {
        guard let order = try order(id) else { return nil }
        let reversed = try reversals(of: id, through: sequence).reversed
        guard let released = try release(of: id), released.sequence <= sequence, let split = try split(of: id) else {
            return OrderStanding(order: order, reversed: reversed, settlement: .escrow)
        }
        return OrderStanding(
            order: order, reversed: reversed, settlement: .released(split, availableOn: released.availableOn))
    }

    public borrowing func insertSplit(_ split: OrderSplit, of order: Order, on day: LocalDay) throws(StoreFault) {
        try execute(
            """
            INSERT INTO order_splits
              (shard, order_id, host, currency, base, parts, shares, host_share, platform, rated_on)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, split.order, order.owner, order.currency, order.base, list(split.parts),
            split.shares.map { "\($0.host)=\($0.amount.minorUnits)" }.joined(separator: ","), split.hostShare,
            split.platform, day)
    }

    public borrowing func split(of order: OrderID) throws(StoreFault) -> OrderSplit? {
        try row(
            "SELECT currency, parts, shares, platform FROM order_splits WHERE shard = $1 AND order_id = $2", shard,
            order
        ) { row throws(StoreFault) in
            try readSplit(row, of: order, in: try row.currency(0), from: 1)
        }
    }

    public borrowing func insertRelease(
        of order: OrderID, on day: LocalDay, availableOn: LocalDay, sequence: Int64
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO releases (shard, order_id, day, available_on, seq) VALUES ($1, $2, $3, $4, $5)", shard, order,
            day, availableOn, sequence)
    }

    public borrowing func release(
        of order: OrderID
    ) throws(StoreFault) -> (day: LocalDay, availableOn: LocalDay, sequence: Int64)? {
        try row("SELECT day, available_on, seq FROM releases WHERE shard = $1 AND order_id = $2", shard, order) {
            row throws(StoreFault) in (try row.day(0), try row.day(1), try row.integer(2))
        }
    }
}

/// Parts, shares and the platform's part, in three columns side by side.
func readSplit(
    _ row: borrowing Row, of order: OrderID, in currency: Currency, from column: Int
) throws(StoreFault) -> OrderSplit {
    guard let parts = numbers(try row.text(column)) else { throw row.corrupt(column) }
    var shares: [HostAmount] = []
    for item in try row.text(column + 1).split(separator: ",") {
        let pair = item.split(separator: "=")
        guard pair.count == 2, let host = HostID(pair[0]), let amount = Int64(pair[1]) else {
            throw row.corrupt(column + 1)
        }
        shares.append(HostAmount(host: host, amount: Money(amount, currency)))
    }
    return OrderSplit(order: order, parts: parts, platform: try row.integer(column + 2), shares: shares)
}

/// Numbers of a column, joined by commas.
func list(_ numbers: [Int64]) -> String { numbers.map(String.init).joined(separator: ",") }

func numbers(_ text: String) -> [Int64]? {
    let numbers = text.split(separator: ",").map { Int64($0) }
    return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
}
