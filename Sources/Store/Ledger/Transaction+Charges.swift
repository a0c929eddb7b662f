public import BoxOffice
public import Values

/// A charge as stored, in the state that its last fact left it in.
public struct ChargeRow: Sendable, Hashable {
    public let charge: Charge
    public let state: ChargeState
    /// Of the held purchase, or of the wallet that it fills.
    public let holder: HolderID
    /// Of the held purchase, or from whose page the payer came.
    public let room: RoomID?
    /// From whose page the payer came.
    public let series: SeriesID?
    /// Where the buyer pays.
    public let url: String?
}

extension Transaction {
    public borrowing func insertCharge(_ charge: Charge) throws(StoreFault) {
        try execute(
            """
            INSERT INTO charges (shard, charge, purchase, provider, currency, amount, created_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, shard, charge.id, charge.purchase, charge.provider.rawValue, charge.amount.currency,
            charge.amount.minorUnits, charge.createdAt)
        try execute(
            "INSERT INTO charge_facts (shard, charge, n, height, state, at_us) VALUES ($1, $2, 1, 0, 'created', $3)",
            shard, charge.id, charge.createdAt)
    }

    /// Says whose wallet a charge without a purchase fills.
    public borrowing func insertTopup(
        _ charge: ChargeID, of holder: HolderID, from page: TopupPage?
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO topup_charges (shard, charge, holder, room, series) VALUES ($1, $2, $3, $4, $5)", shard,
            charge, holder, page?.room, page?.series)
    }

    /// When a charge reached a state.
    public borrowing func instant(
        of state: ChargeState, _ charge: ChargeID
    ) throws(StoreFault) -> Instant? {
        try row(
            "SELECT at_us FROM charge_facts WHERE shard = $1 AND charge = $2 AND state = $3", shard, charge,
            state.rawValue
        ) { row throws(StoreFault) in try row.instant(0) }
    }

    public borrowing func charge(_ id: ChargeID) throws(StoreFault) -> ChargeRow? {
        try row(
            """
            SELECT c.charge, c.purchase, c.provider, c.amount, c.currency, c.created_us, f.state,
              coalesce(h.holder, t.holder), coalesce(h.room, t.room), t.series, l.url
            FROM charges c LEFT JOIN holds h ON h.shard = c.shard AND h.purchase = c.purchase
            LEFT JOIN topup_charges t ON t.shard = c.shard AND t.charge = c.charge
            JOIN charge_facts f ON f.shard = c.shard AND f.charge = c.charge AND f.n = (SELECT max(n) FROM charge_facts m
              WHERE m.shard = c.shard AND m.charge = c.charge)
            LEFT JOIN charge_links l ON l.shard = c.shard AND l.charge = c.charge
            WHERE c.shard = $1 AND c.charge = $2
            """, shard, id, read: readCharge)
    }

    /// The charge by which a held purchase is paid through a provider.
    public borrowing func charge(
        of purchase: PurchaseID, through provider: ProviderName
    ) throws(StoreFault) -> ChargeID? {
        let last: ChargeID?? = try row(
            "SELECT max(charge) FROM charges WHERE shard = $1 AND purchase = $2 AND provider = $3", shard, purchase,
            provider.rawValue
        ) { row throws(StoreFault) in try row.optionalIdentifier(0) }
        return last.flatMap(\.self)
    }

    /// Charges before one of them, newest first; `~` for all.
    public borrowing func charges(before cursor: String, limit: Int) throws(StoreFault) -> [ChargeRow] {
        try rows(
            """
            SELECT c.charge, c.purchase, c.provider, c.amount, c.currency, c.created_us, f.state,
              coalesce(h.holder, t.holder), coalesce(h.room, t.room), t.series, l.url
            FROM charges c LEFT JOIN holds h ON h.shard = c.shard AND h.purchase = c.purchase
            LEFT JOIN topup_charges t ON t.shard = c.shard AND t.charge = c.charge
            JOIN charge_facts f ON f.shard = c.shard AND f.charge = c.charge AND f.n = (SELECT max(n) FROM charge_facts m
              WHERE m.shard = c.shard AND m.charge = c.charge)
            LEFT JOIN charge_links l ON l.shard = c.shard AND l.charge = c.charge
            WHERE c.shard = $1 AND c.charge < $2 ORDER BY c.charge DESC LIMIT $3
            """, shard, cursor, limit, read: readCharge)
    }

    /// Chains a state behind the ones before. The schema lets them only rise.
    public borrowing func appendState(
        _ state: ChargeState, to charge: ChargeID, at instant: Instant
    ) throws(StoreFault) {
        let last = try row(
            "SELECT n, height FROM charge_facts WHERE shard = $1 AND charge = $2 ORDER BY n DESC LIMIT 1", shard, charge
        ) { row throws(StoreFault) in (n: try row.integer(0), height: try row.integer(1)) }
        guard let last else { throw .corrupt(column: "charge_facts.n") }
        try execute(
            """
            INSERT INTO charge_facts (shard, charge, n, prev_n, prev_height, height, state, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """, shard, charge, last.n + 1, last.n, last.height, state.height, state.rawValue, instant)
    }

    /// Where the buyer pays; the first one told stays.
    public borrowing func setLink(_ url: String, of charge: ChargeID) throws(StoreFault) {
        try ensure(
            "INSERT INTO charge_links (shard, charge, url) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", shard, charge,
            url)
    }

    /// Remembers a provider's name of a payment.
    /// - Returns: the charge that it belongs to: another one, if the name was taken.
    public borrowing func remember(
        _ object: String, of provider: ProviderName, for charge: ChargeID
    ) throws(StoreFault) -> ChargeID {
        if let known = try self.charge(named: object, by: provider) { return known }
        try execute(
            "INSERT INTO provider_objects (shard, provider, object, charge) VALUES ($1, $2, $3, $4)", shard,
            provider.rawValue, object, charge)
        return charge
    }

    public borrowing func charge(
        named object: String, by provider: ProviderName
    ) throws(StoreFault) -> ChargeID? {
        try row(
            "SELECT charge FROM provider_objects WHERE shard = $1 AND provider = $2 AND object = $3", shard,
            provider.rawValue, object
        ) { row throws(StoreFault) in try row.identifier(0) }
    }

    /// The provider's names of a payment, in byte order.
    public borrowing func objects(of charge: ChargeID) throws(StoreFault) -> [String] {
        try rows(
            "SELECT object FROM provider_objects WHERE shard = $1 AND charge = $2 ORDER BY object", shard, charge
        ) { row throws(StoreFault) in try row.text(0) }
    }

    public borrowing func hasFee(movement: String, of provider: ProviderName) throws(StoreFault) -> Bool {
        try row(
            "SELECT 1 FROM provider_fees WHERE shard = $1 AND provider = $2 AND movement = $3", shard,
            provider.rawValue, movement
        ) { _ throws(StoreFault) in true } ?? false
    }

    public borrowing func insertFee(
        movement: String, of provider: ProviderName, charge: ChargeID, fee: Money, reason: ProviderFact.FeeReason,
        sequence: Int64, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            """
            INSERT INTO provider_fees (shard, provider, movement, charge, currency, fee, reason, seq, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """, shard, provider.rawValue, movement, charge, fee.currency, fee.minorUnits, reason.rawValue, sequence,
            instant)
    }

    /// What a provider kept for a charge so far.
    public borrowing func fees(of charge: ChargeID) throws(StoreFault) -> [Money] {
        try rows(
            """
            SELECT sum(fee), currency FROM provider_fees WHERE shard = $1 AND charge = $2
            GROUP BY currency ORDER BY currency
            """, shard, charge
        ) { row throws(StoreFault) in try row.money(0, 1) }
    }
}

extension ChargeState {
    /// As the schema counts them.
    var height: Int64 {
        switch self {
        case .created: 0
        case .open: 1
        case .processing: 2
        case .ended: 3
        case .captured: 4
        }
    }
}

private func readCharge(_ row: borrowing Row) throws(StoreFault) -> ChargeRow {
    guard let provider = ProviderName(rawValue: try row.text(2)) else { throw row.corrupt(2) }
    guard let state = ChargeState(rawValue: try row.text(6)) else { throw row.corrupt(6) }
    let charge = Charge(
        id: try row.identifier(0), purchase: try row.optionalIdentifier(1), provider: provider,
        amount: try row.money(3, 4),
        createdAt: try row.instant(5))
    return ChargeRow(
        charge: charge, state: state, holder: try row.identifier(7), room: try row.optionalIdentifier(8),
        series: try row.optionalIdentifier(9), url: try row.optionalText(10))
}
