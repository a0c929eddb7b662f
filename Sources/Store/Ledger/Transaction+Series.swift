public import BoxOffice
public import Values

/// A ticket of a pass as it was sold.
public struct PassOrderRow: Sendable, Hashable {
    public let room: RoomID
    public let order: OrderID
    public let weight: Int64
    public let share: Money
}

extension Transaction {
    /// - Parameter versions: of each room, the version under which the tickets of passes stand.
    public borrowing func insertSeries(_ series: Series, versions: [Int]) throws(StoreFault) {
        try execute(
            """
            INSERT INTO series (shard, series, host, title, currency, rooms, made_us) VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, series.id, series.host, series.title, series.currency, series.rooms.count, series.madeAt)
        for (index, room) in series.rooms.enumerated() {
            try execute(
                """
                INSERT INTO series_rooms (shard, series, rooms, n, room, currency, price_version, price, price_kind)
                VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 'floor')
                """, shard, series.id, series.rooms.count, index + 1, room, series.currency, versions[index])
        }
    }

    public borrowing func series(_ id: SeriesID) throws(StoreFault) -> Series? {
        let rooms = try seriesRooms(of: id).map(\.room)
        return try row(
            "SELECT series, host, title, currency, made_us FROM series WHERE shard = $1 AND series = $2", shard, id
        ) { row throws(StoreFault) in
            Series(
                id: try row.identifier(0), host: try row.identifier(1), title: try row.text(2),
                currency: try row.currency(3), rooms: rooms, madeAt: try row.instant(4))
        }
    }

    /// The rooms of a series in the host's order, each with the version under which the tickets of passes stand.
    public borrowing func seriesRooms(of id: SeriesID) throws(StoreFault) -> [(room: RoomID, version: Int)] {
        try rows(
            "SELECT room, price_version FROM series_rooms WHERE shard = $1 AND series = $2 ORDER BY n", shard, id
        ) { row throws(StoreFault) in (room: try row.identifier(0), version: try row.int(1)) }
    }

    /// Series behind one of them in the order of their making; of one host, or of all.
    public borrowing func series(of host: HostID?, after series: String, limit: Int) throws(StoreFault) -> [SeriesID] {
        try rows(
            """
            SELECT series FROM series WHERE shard = $1 AND (CAST($2 AS TEXT) IS NULL OR host = $2) AND series > $3
            ORDER BY series LIMIT $4
            """, shard, host, series, limit
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    public borrowing func seriesCount(of host: HostID) throws(StoreFault) -> Int {
        try row("SELECT count(*) FROM series WHERE shard = $1 AND host = $2", shard, host) {
            row throws(StoreFault) in try row.int(0)
        } ?? 0
    }

    /// In how many series a room is.
    public borrowing func seriesCount(with room: RoomID) throws(StoreFault) -> Int {
        try row("SELECT count(*) FROM series_rooms WHERE shard = $1 AND room = $2", shard, room) {
            row throws(StoreFault) in try row.int(0)
        } ?? 0
    }

    /// The series in which a room is, in the order of their making.
    public borrowing func series(with room: RoomID) throws(StoreFault) -> [SeriesID] {
        try rows(
            "SELECT series FROM series_rooms WHERE shard = $1 AND room = $2 ORDER BY series LIMIT $3", shard, room,
            Series.maximumOfRoom
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    public borrowing func insertOffer(_ offer: SeriesOffer) throws(StoreFault) {
        try execute(
            """
            INSERT INTO series_offers
              (shard, series, version, prev_version, currency, price, passes, sale_ends_us, withdrawn, since_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, offer.series, offer.version, offer.version == 1 ? Int?.none : offer.version - 1,
            offer.price.currency, offer.price.minorUnits, offer.passes, offer.saleEndsAt, offer.isWithdrawn ? 1 : 0,
            offer.since)
    }

    /// What holds for the passes of a series: the last version.
    public borrowing func offer(of series: SeriesID) throws(StoreFault) -> SeriesOffer? {
        try row(
            """
            SELECT series, version, price, currency, passes, sale_ends_us, withdrawn, since_us FROM series_offers
            WHERE shard = $1 AND series = $2 ORDER BY version DESC LIMIT 1
            """, shard, series
        ) { row throws(StoreFault) in
            SeriesOffer(
                series: try row.identifier(0), version: try row.int(1), price: try row.money(2, 3),
                passes: try row.int(4), saleEndsAt: try row.optionalInstant(5), isWithdrawn: try row.integer(6) == 1,
                since: try row.instant(7))
        }
    }

    /// How many passes of a series were sold.
    public borrowing func passesSold(of series: SeriesID) throws(StoreFault) -> Int {
        let last = try row("SELECT max(n) FROM series_places WHERE shard = $1 AND series = $2", shard, series) {
            row throws(StoreFault) in try row.optionalInteger(0)
        }
        return Int(last.flatMap(\.self) ?? 0)
    }

    /// The pass, its place among those of the series, and the part of each order. The orders are stored already.
    public borrowing func insertPass(_ sale: PassSale) throws(StoreFault) {
        let pass = sale.pass
        try execute(
            """
            INSERT INTO series_passes (shard, pass, series, version, holder, currency, price, sold_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, pass.id, pass.series, pass.version, pass.holder, pass.price.currency, pass.price.minorUnits,
            pass.soldAt)
        let sold = try passesSold(of: pass.series)
        try execute(
            """
            INSERT INTO series_places (shard, series, n, prev_n, version, passes, pass, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, pass.series, sold + 1, sold == 0 ? Int?.none : sold, pass.version, sale.terms.offer.passes,
            pass.id, pass.soldAt)
        var before: Int64 = 0
        for (index, part) in sale.terms.parts.enumerated() {
            let share = part.share.minorUnits
            try execute(
                """
                INSERT INTO series_pass_orders
                  (shard, pass, series, n, prev_n, room, order_id, weight, pass_price, before, share, after)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                """, shard, pass.id, pass.series, index + 1, index == 0 ? Int?.none : index, part.room,
                sale.sales[index].order.id, part.weight, pass.price.minorUnits, before, share, before + share)
            before += share
        }
    }

    public borrowing func pass(_ id: SeriesPassID) throws(StoreFault) -> SeriesPass? {
        try row(
            """
            SELECT pass, series, version, holder, price, currency, sold_us FROM series_passes
            WHERE shard = $1 AND pass = $2
            """, shard, id, read: readPass)
    }

    /// Passes of a series in the order of their sale, behind one of them.
    public borrowing func passes(
        of series: SeriesID, after pass: String, limit: Int
    ) throws(StoreFault) -> [SeriesPass] {
        try rows(
            """
            SELECT pass, series, version, holder, price, currency, sold_us FROM series_passes
            WHERE shard = $1 AND series = $2 AND pass > $3 ORDER BY pass LIMIT $4
            """, shard, series, pass, limit, read: readPass)
    }

    /// Passes that a wallet bought, behind one of them.
    public borrowing func passes(
        of holder: HolderID, after pass: String, limit: Int
    ) throws(StoreFault) -> [SeriesPass] {
        try rows(
            """
            SELECT pass, series, version, holder, price, currency, sold_us FROM series_passes
            WHERE shard = $1 AND holder = $2 AND pass > $3 ORDER BY pass LIMIT $4
            """, shard, holder, pass, limit, read: readPass)
    }

    /// The orders of a pass in the order of its series.
    public borrowing func orders(of pass: SeriesPassID) throws(StoreFault) -> [PassOrderRow] {
        try rows(
            """
            SELECT p.room, p.order_id, p.weight, p.share, s.currency FROM series_pass_orders p
            JOIN series_passes s ON s.shard = p.shard AND s.pass = p.pass
            WHERE p.shard = $1 AND p.pass = $2 ORDER BY p.n
            """, shard, pass
        ) { row throws(StoreFault) in
            PassOrderRow(
                room: try row.identifier(0), order: try row.identifier(1), weight: try row.integer(2),
                share: try row.money(3, 4))
        }
    }
}

private func readPass(_ row: borrowing Row) throws(StoreFault) -> SeriesPass {
    SeriesPass(
        id: try row.identifier(0), series: try row.identifier(1), version: try row.int(2),
        holder: try row.identifier(3), price: try row.money(4, 5), soldAt: try row.instant(6))
}
