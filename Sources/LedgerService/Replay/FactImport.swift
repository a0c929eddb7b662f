internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Store
internal import Values

/// The door through which facts of another system come into the books: the same rows, entries and events as those of a
/// sale here, with the VAT and the fee that the fact names.
///
/// A fact is looked at before anything is written, so a refused one changes nothing.
struct FactImport: Sendable {
    let service: LedgerService
    let names: ReplayNames
    let withholding: [String: BasisPoints]

    /// Who is told to have done it.
    static let actor = "import"

    var policy: SalePolicy { service.settings.housePolicy }

    /// Takes one fact.
    /// - Parameter number: its place among all that came.
    func take(_ event: ReplayEvent, number: Int64, in transaction: borrowing Transaction) throws {
        let now = service.clock.now()
        let digest = event.digest
        var refused = ""
        var warning = ""
        do {
            if let known = try transaction.importedDigest(of: event.id) {
                guard known == digest.hex else { throw FactRefusal.idConflict }
                refused = ImportedFactRow.duplicate
            } else {
                try apply(event, at: now, in: transaction)
                warning = self.warning(of: event)
            }
        } catch let refusal as FactRefusal {
            refused = refusal.rawValue
        }
        try transaction.insertImported(
            ImportedFactRow(
                number: number, fact: event.id, digest: digest, kind: String(event.type.prefix(40)), refused: refused,
                warning: warning, at: now))
    }

    /// The VAT of a sale is not what its rate makes of it.
    private func warning(of event: ReplayEvent) -> String {
        guard event.type == "purchase", let rate = event.integer("vat_bp"), (0...100_000).contains(rate),
            let gross = event.amount("gross"), let vat = event.amount("vat"),
            quotientHalfUp(gross, rate, 10_000 + rate) != vat
        else { return "" }
        return "vat_differs"
    }

    private func apply(_ event: ReplayEvent, at now: Instant, in transaction: borrowing Transaction) throws {
        switch event.type {
        case "room": try room(event, at: now, in: transaction)
        case "room_update": try move(event, at: now, in: transaction)
        case "room_cancelled":
            try transaction.exclude(
                try knownRoom(event, in: transaction).id, because: "cancelled", by: Self.actor, at: now)
        case "purchase": try purchase(event, at: now, in: transaction)
        case "refund": try refund(event, at: now, in: transaction)
        case "dispute_opened": try openDispute(event, at: now, in: transaction)
        case "dispute_won": try endDispute(event, won: true, at: now, in: transaction)
        case "dispute_lost": try endDispute(event, won: false, at: now, in: transaction)
        case "listen": try listen(event, at: now, in: transaction)
        case "link": try link(event, at: now, in: transaction)
        case "enroll": try enroll(event, at: now, in: transaction)
        case "adjustment": try adjust(event, at: now, in: transaction)
        case "payout_returned": try returnPayout(event, at: now, in: transaction)
        case "payee_withholding": try withhold(event, at: now, in: transaction)
        case "host_risk": try setRisk(event, at: now, in: transaction)
        case "payee_blocked": try block(event, true, at: now, in: transaction)
        case "payee_unblocked": try block(event, false, at: now, in: transaction)
        default: throw FactRefusal.unknownType
        }
    }

    // What facts share

    /// The host of a name, made where it is new. Whoever listens or buys under the same name is the same person.
    func host(_ name: String?, at now: Instant, in transaction: borrowing Transaction) throws -> HostID? {
        guard let name, let id = names.host(name) else { return nil }
        guard try transaction.host(id) == nil else { return id }
        try transaction.insertHost(id, name: name, at: now)
        try transaction.insertImportedName(name, .host, is: id.text)
        try transaction.linkAccount(
            ReplayNames.holder(name).text, to: id, because: "the same name", by: Self.actor, at: now)
        if let rate = withholding[name], rate.value > 0 {
            try transaction.insertPayee(
                PayeeRow(
                    host: id, withholding: rate, isBlocked: false, reason: "configuration", actor: Self.actor,
                    since: now))
        }
        return id
    }

    func knownRoom(_ event: ReplayEvent, in transaction: borrowing Transaction) throws -> Room {
        guard let id = event.text("room").flatMap(names.room), let room = try transaction.room(id) else {
            throw FactRefusal.noRoom
        }
        return room
    }

    func knownOrder(_ event: ReplayEvent, in transaction: borrowing Transaction) throws -> OrderStanding {
        guard let name = event.text("order"), let id = try transaction.imported(.order, name).flatMap({ OrderID($0) }),
            let standing = try transaction.standing(of: id)
        else { throw FactRefusal.noOrder }
        return standing
    }

    /// Brings what the provider of an imported order would say into the books, by the way of every provider.
    func report(
        _ facts: [ProviderFact], of order: Order, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        guard let purchase = order.purchase, let charge = try transaction.charge(of: purchase, through: .manual) else {
            throw StoreFault.corrupt(column: "charges.purchase")
        }
        let outcome = try service.apply(
            ProviderReport(charge: charge, objects: [], facts: facts), from: .manual, at: now, in: transaction)
        guard outcome == .applied else { throw StoreFault.corrupt(column: "charges.charge") }
    }

    func instant(_ event: ReplayEvent, _ field: String) throws -> Instant {
        guard let instant = event.instant(field) else { throw FactRefusal.badTime }
        return instant
    }
}
