public import BoxOffice
public import Values

/// A chain of rows that counts what is limited: the places of a tier, the uses of a voucher.
struct CountRow {
    let n: Int64
    let after: Int64
}

extension Transaction {
    /// The price list: for each tier its last version, with the places that are taken where they are limited. Prices of
    /// tips, of tickets of passes and of overtime are no part of it.
    public borrowing func prices(of room: RoomID) throws(StoreFault) -> PriceList {
        if let known = memory?.prices(of: room) { return known }
        let versions = try rows(
            """
            SELECT room, version, tier, kind, most, amount, currency, from_us, until_us, places, since_us
            FROM price_versions WHERE shard = $1 AND room = $2 AND version IN (
              SELECT max(version) FROM price_versions
              WHERE shard = $1 AND room = $2 AND tier NOT LIKE 'tips:%' AND tier NOT LIKE 'pass:%'
                AND tier NOT LIKE 'overtime:%' GROUP BY tier)
            """, shard, room, read: readPrice)
        var offers: [PriceOffer] = []
        for version in versions {
            let taken = version.places == nil ? 0 : try takenPlaces(of: version.tier, in: room)?.after ?? 0
            offers.append(PriceOffer(version, taken: Int(taken)))
        }
        let list = PriceList(offers)
        memory?.remember(list, of: room)
        return list
    }

    /// How many versions the price list of a room has had.
    public borrowing func priceVersions(of room: RoomID) throws(StoreFault) -> Int {
        try row("SELECT max(version) FROM price_versions WHERE shard = $1 AND room = $2", shard, room) {
            row throws(StoreFault) in try row.optionalInteger(0).map { Int($0) } ?? 0
        } ?? 0
    }

    public borrowing func price(of room: RoomID, version: Int) throws(StoreFault) -> PriceVersion? {
        try row(
            """
            SELECT room, version, tier, kind, most, amount, currency, from_us, until_us, places, since_us
            FROM price_versions WHERE shard = $1 AND room = $2 AND version = $3
            """, shard, room, version, read: readPrice)
    }

    public borrowing func insertPrice(_ price: PriceVersion) throws(StoreFault) {
        memory?.forgetPrices(of: price.room)
        try execute(
            """
            INSERT INTO price_versions
              (shard, room, version, tier, kind, most, currency, amount, from_us, until_us, places, since_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, price.room, price.version, price.tier, price.kind.name, price.kind.most, price.price.currency,
            price.price.minorUnits, price.from, price.until, price.places, price.since)
    }

    /// Takes places of a limited tier, or gives them back (negative). A tier without a limit keeps no count.
    public borrowing func takePlaces(
        _ delta: Int, at price: PriceVersion, for purchase: String, at instant: Instant
    ) throws(StoreFault) {
        guard let places = price.places else { return }
        let last = try takenPlaces(of: price.tier, in: price.room)
        let before = last?.after ?? 0
        // A tier whose limit came later has counted only since then.
        guard before + Int64(delta) >= 0 else { return }
        memory?.forgetPrices(of: price.room)
        try execute(
            """
            INSERT INTO tier_places
              (shard, room, tier, n, prev_n, version, places, before, delta, after, purchase, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """, shard, price.room, price.tier, (last?.n ?? 0) + 1, last?.n, price.version, places, before, delta,
            before + Int64(delta), purchase, instant)
    }

    private borrowing func takenPlaces(of tier: String, in room: RoomID) throws(StoreFault) -> CountRow? {
        try row(
            """
            SELECT n, after FROM tier_places WHERE shard = $1 AND room = $2 AND tier = $3 ORDER BY n DESC LIMIT 1
            """, shard, room, tier
        ) { row throws(StoreFault) in CountRow(n: try row.integer(0), after: try row.integer(1)) }
    }
}

private func readPrice(_ row: borrowing Row) throws(StoreFault) -> PriceVersion {
    guard let kind = PriceKind(name: try row.text(3), most: try row.optionalInteger(4)) else { throw row.corrupt(3) }
    return PriceVersion(
        room: try row.identifier(0), version: try row.int(1), tier: try row.text(2), kind: kind,
        price: try row.money(5, 6), from: try row.optionalInstant(7), until: try row.optionalInstant(8),
        places: try row.optionalInteger(9).map { Int($0) }, since: try row.instant(10))
}
