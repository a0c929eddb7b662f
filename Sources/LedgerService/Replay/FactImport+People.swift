internal import BoxOffice
internal import Payouts
internal import Store
internal import Values

/// Who heard what, whose accounts they are, and what holds for hosts.
extension FactImport {
    func listen(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        let room = try knownRoom(event, in: transaction)
        let (from, to) = (try instant(event, "from"), try instant(event, "to"))
        guard from < to, let listener = event.text("listener") else { throw FactRefusal.badTime }
        try transaction.insertListening(
            ListeningInterval(room: room.id, from: from, to: to), by: ReplayNames.holder(listener).text,
            source: "import/\(event.id)", at: now)
    }

    func link(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let account = event.text("account"), let host = try host(event.text("host"), at: now, in: transaction)
        else { throw FactRefusal.unknownType }
        try transaction.linkAccount(
            ReplayNames.holder(account).text, to: host, because: Self.actor, by: Self.actor, at: now)
    }

    func enroll(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let name = event.text("program"), let program = try transaction.fundProgram(name),
            case .stipend = program.scheme
        else { throw FactRefusal.noProgram }
        guard let from = event.day("from"), let to = event.day("to"), from <= to, event.text("host") != nil,
            let host = try host(event.text("host"), at: now, in: transaction)
        else { throw FactRefusal.badTime }
        try transaction.insertEnrolment(of: host, in: name, from...to, by: Self.actor, at: now)
    }

    func adjust(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let amount = event.integer("amount"), amount != 0, amount.magnitude <= UInt64(Money.limit),
            let currency = event.currency("currency"), event.text("host") != nil,
            let host = try host(event.text("host"), at: now, in: transaction)
        else { throw FactRefusal.badAmount }
        let given = event.text("reason") ?? ""
        let reason = isPrintable(given, characters: 1...200) ? given : "\(Self.actor) \(event.seq)"
        _ = try service.adjust(
            host, by: Money(amount, currency), reason: reason, by: Self.actor, at: now, in: transaction)
    }

    /// The bank sent an item back: it was brought there by hand, since no list says how.
    func returnPayout(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        guard let day = event.day("batch"), let host = event.text("host").flatMap(names.host),
            let currency = event.currency("currency"), let batch = try transaction.batch(of: day),
            let item = try transaction.items(of: batch.batch).first(where: {
                $0.host == host && $0.net.currency == currency
            }), item.net.isPositive, item.last == nil
        else { throw FactRefusal.noSuchPayout }
        if try transaction.destination(of: host) == nil {
            _ = try transaction.setDestination(
                try PayoutDestination(provider: .manual, text: Self.actor), of: host, by: Self.actor, at: now)
        }
        guard let destination = try transaction.destination(of: host) else { throw FactRefusal.noSuchPayout }
        let payout: PayoutTransferID = service.makeID()
        // It left elsewhere: nobody was asked here.
        try transaction.insertUnasked(batch.batch)
        try transaction.insertTransfer(
            payout, of: item, in: batch, to: (destination.n, .manual), by: Self.actor, at: now)
        let told = ProviderTransfer(name: "return/\(event.id)", ours: payout, amount: item.net, state: .returned)
        guard try service.apply(told, from: .manual, at: now, in: transaction) == .applied else {
            throw StoreFault.corrupt(column: "payout_transfers.payout")
        }
    }

    func block(
        _ event: ReplayEvent, _ isBlocked: Bool, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard let host = try host(event.text("host"), at: now, in: transaction) else { throw FactRefusal.unknownType }
        let before = try transaction.payee(host)
        try transaction.insertPayee(
            PayeeRow(
                host: host, withholding: before?.withholding ?? BasisPoints(0), isBlocked: isBlocked,
                reason: isBlocked ? "imported: blocked" : "imported: unblocked", actor: Self.actor, since: now))
    }
}
