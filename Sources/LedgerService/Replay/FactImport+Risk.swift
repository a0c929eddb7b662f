internal import BoxOffice
internal import Payouts
internal import Store
internal import Values

extension FactImport {
    /// What is kept back for the tax office, from the next night on.
    func withhold(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let rate = event.integer("bp"), (0...10_000).contains(rate), event.text("host") != nil,
            let host = try host(event.text("host"), at: now, in: transaction)
        else { throw FactRefusal.badAmount }
        let before = try transaction.payee(host)
        guard (before?.withholding.value ?? 0) != rate else { return }
        try transaction.insertPayee(
            PayeeRow(
                host: host, withholding: BasisPoints(rate), isBlocked: before?.isBlocked ?? false,
                reason: "imported: withholding", actor: Self.actor, since: now))
    }

    /// The risk class of a host, with the figures that it had: a list needs no book of classes.
    func setRisk(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let name = event.text("class"), name.utf8.count <= 40,
            let version = event.has("version") ? event.integer("version") : 1, (1...1_000_000).contains(version),
            let days = event.integer("extra_hold_days"), (0...365).contains(days),
            let reserve = event.integer("reserve_bp"), (0...10_000).contains(reserve),
            let reserveDays = event.integer("reserve_days"), (0...540).contains(reserveDays),
            let terms = RiskTerms(
                extraHoldDays: Int(days), reserve: BasisPoints(reserve), reserveDays: Int(reserveDays)),
            event.text("host") != nil, let host = try host(event.text("host"), at: now, in: transaction)
        else { throw FactRefusal.badAmount }
        let given = event.text("reason") ?? ""
        _ = try transaction.setRisk(
            RiskRow(
                host: host, name: name, version: Int(version), terms: terms,
                from: try transaction.unbegunDay(from: policy.calendar.businessDay(of: now)),
                reason: isPrintable(given, characters: 1...200) ? given : "\(Self.actor) \(event.seq)",
                actor: Self.actor, at: now))
    }
}
