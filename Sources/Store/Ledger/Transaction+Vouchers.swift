public import BoxOffice
public import Values

extension Transaction {
    public borrowing func insertVoucher(
        _ voucher: Voucher, codeHash: SHA256Digest, at instant: Instant
    ) throws(StoreFault) {
        let value: Int64
        var currency: Currency?
        switch voucher.benefit {
        case .percent(let rate): value = rate.value
        case .amount(let amount): (value, currency) = (amount.minorUnits, amount.currency)
        case .free: value = 0
        }
        try execute(
            """
            INSERT INTO vouchers (shard, voucher, code_hash, hint, host, room, kind, value, currency, uses, from_us,
              until_us, created_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            """, shard, voucher.id, codeHash, voucher.hint, voucher.host, voucher.room, voucher.benefit.name, value,
            currency, voucher.uses, voucher.from, voucher.until, instant)
    }

    /// The voucher of a code, by the hash of the code.
    public borrowing func voucher(codeHash: SHA256Digest) throws(StoreFault) -> VoucherStanding? {
        let voucher = try row(
            """
            SELECT voucher, hint, host, room, kind, value, currency, uses, from_us, until_us FROM vouchers
            WHERE shard = $1 AND code_hash = $2
            """, shard, codeHash, read: readVoucher)
        guard let voucher else { return nil }
        return try standing(of: voucher)
    }

    public borrowing func voucher(_ id: VoucherID) throws(StoreFault) -> VoucherStanding? {
        let voucher = try row(
            """
            SELECT voucher, hint, host, room, kind, value, currency, uses, from_us, until_us FROM vouchers
            WHERE shard = $1 AND voucher = $2
            """, shard, id, read: readVoucher)
        guard let voucher else { return nil }
        return try standing(of: voucher)
    }

    /// A host's vouchers, newest first.
    public borrowing func vouchers(of host: HostID, limit: Int) throws(StoreFault) -> [VoucherStanding] {
        let vouchers = try rows(
            """
            SELECT voucher, hint, host, room, kind, value, currency, uses, from_us, until_us FROM vouchers
            WHERE shard = $1 AND host = $2 ORDER BY voucher DESC LIMIT $3
            """, shard, host, limit, read: readVoucher)
        var standings: [VoucherStanding] = []
        for voucher in vouchers { standings.append(try standing(of: voucher)) }
        return standings
    }

    public borrowing func voucherCount(of host: HostID) throws(StoreFault) -> Int {
        try row("SELECT count(*) FROM vouchers WHERE shard = $1 AND host = $2", shard, host) {
            row throws(StoreFault) in try row.int(0)
        } ?? 0
    }

    public borrowing func revokeVoucher(
        _ id: VoucherID, by actor: String, at instant: Instant
    ) throws(StoreFault) {
        try execute(
            "INSERT INTO voucher_revocations (shard, voucher, at_us, actor) VALUES ($1, $2, $3, $4)", shard, id,
            instant,
            actor)
    }

    /// Counts tickets that a voucher makes, or takes them back (negative): the schema refuses more than its uses.
    public borrowing func useVoucher(
        _ id: VoucherID, times delta: Int, for purchase: String, at instant: Instant
    ) throws(StoreFault) {
        let last = try voucherUse(id)
        let uses = try row("SELECT uses FROM vouchers WHERE shard = $1 AND voucher = $2", shard, id) {
            row throws(StoreFault) in try row.integer(0)
        }
        let before = last?.after ?? 0
        try execute(
            """
            INSERT INTO voucher_uses (shard, voucher, n, prev_n, uses, before, delta, after, purchase, at_us)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            """, shard, id, (last?.n ?? 0) + 1, last?.n, uses, before, delta, before + Int64(delta), purchase, instant)
    }

    private borrowing func voucherUse(_ id: VoucherID) throws(StoreFault) -> CountRow? {
        try row(
            "SELECT n, after FROM voucher_uses WHERE shard = $1 AND voucher = $2 ORDER BY n DESC LIMIT 1", shard, id
        ) { row throws(StoreFault) in CountRow(n: try row.integer(0), after: try row.integer(1)) }
    }

    private borrowing func standing(of voucher: Voucher) throws(StoreFault) -> VoucherStanding {
        let isRevoked =
            try row(
                "SELECT 1 FROM voucher_revocations WHERE shard = $1 AND voucher = $2", shard, voucher.id
            ) { _ throws(StoreFault) in true } ?? false
        return VoucherStanding(voucher, used: Int(try voucherUse(voucher.id)?.after ?? 0), isRevoked: isRevoked)
    }
}

private func readVoucher(_ row: borrowing Row) throws(StoreFault) -> Voucher {
    let value = try row.integer(5)
    let benefit: VoucherBenefit
    switch try row.text(4) {
    case "percent": benefit = .percent(BasisPoints(value))
    case "amount": benefit = .amount(Money(value, try row.currency(6)))
    case "free": benefit = .free
    default: throw row.corrupt(4)
    }
    return Voucher(
        id: try row.identifier(0), host: try row.identifier(2), room: try row.optionalIdentifier(3), benefit: benefit,
        uses: try row.int(7), from: try row.optionalInstant(8), until: try row.optionalInstant(9),
        hint: try row.text(1))
}
