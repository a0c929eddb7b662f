internal import BoxOffice
internal import Foundation
internal import HTTPEdge
internal import Ledger
internal import Store
internal import Values

/// What a report of a provider came to.
enum ReportOutcome: Sendable, Hashable {
    case applied
    /// It told nothing new.
    case known
    /// It is about something that is not known here (yet).
    case parked
    /// It contradicts what is known; in a few words for whoever looks.
    case refused(String)
}

extension LedgerService {
    /// How long an event waits for what it is about: three days, as long as Stripe sends one again. What is about another
    /// system's payments on the same account ends then.
    static let parkedSeconds: Int64 = 3 * 86_400

    /// Takes an event in: once by its name. Nothing else happens before the provider has its answer.
    func takeIn(_ event: ProviderEvent, from provider: ProviderName) async throws {
        let now = clock.now()
        let row = ProviderEventRow(
            provider: provider, event: event.id, kind: event.kind, object: event.object,
            report: event.report.map { text(of: $0) } ?? "", bodyHash: event.bodyHash, receivedAt: now)
        try await database.write { transaction in
            if let known = try transaction.providerEvent(event.id, of: provider) {
                // Providers send an event again with other words around it, such as the number of deliveries that are
                // left; what it tells must be the same.
                let told =
                    known.report.isEmpty
                    ? nil : try value(ProviderReport.self, from: known.report, column: "provider_events.report")
                guard told == event.report, known.kind == row.kind else { throw ChargeRefusal.eventConflict }
                return
            }
            try transaction.insertEvent(row)
            if event.report == nil { try transaction.end(row, .ignored, at: now) }
        }
    }

    /// Reads an event that was taken in.
    /// - Parameter learned: what the provider said when it was asked after the event's object.
    /// - Returns: whether it waits for something that is not known here yet.
    func read(_ row: ProviderEventRow, learned: ProviderReport? = nil) async throws -> Bool {
        let report = try value(ProviderReport.self, from: row.report, column: "provider_events.report")
        let now = clock.now()
        return try await tellingGateways { transaction in
            guard let tries = try transaction.tries(of: row) else { return false }
            var whole = report
            if let learned {
                whole.charge = whole.charge ?? learned.charge
                whole.objects = Array(Set(whole.objects + learned.objects)).sorted()
            }
            switch try apply(whole, from: row.provider, at: now, in: transaction) {
            case .applied: try transaction.end(row, .applied, at: now)
            case .known: try transaction.end(row, .known, at: now)
            case .refused(let why): try transaction.end(row, .refused, detail: why, at: now)
            case .parked where row.receivedAt < now.advanced(bySeconds: -Self.parkedSeconds):
                try transaction.end(row, .refused, detail: "nothing here that it could be about", at: now)
            case .parked:
                // 1, 2, 4 … seconds, and then every quarter of an hour.
                let pause = Int64(1) << min(tries, 10)
                try transaction.park(row, until: now.advanced(bySeconds: min(pause, 900)), at: now)
                return true
            }
            return false
        }
    }

    /// Ends an event that can't be booked, for somebody to look at.
    func setAside(_ row: ProviderEventRow, because why: String) async throws {
        let now = clock.now()
        try await database.write { transaction in
            guard try transaction.tries(of: row) != nil else { return }
            try transaction.end(row, .refused, detail: why, at: now)
            try transaction.audit(
                actor: row.provider.rawValue, act: "event_set_aside", subject: row.event, detail: why, at: now)
        }
    }

    /// Books the answer to a call and ends the call.
    func answer(_ call: ProviderCallRow, with report: ProviderReport) async throws {
        let now = clock.now()
        var whole = report
        whole.charge = call.charge
        try await tellingGateways { [whole] transaction in
            let outcome = try apply(whole, from: call.provider, at: now, in: transaction)
            if case .refused(let why) = outcome { return try transaction.end(call, refused: why, at: now) }
            try transaction.end(call, at: now)
        }
    }

    /// The provider said no to a call, for good.
    func refuse(_ call: ProviderCallRow, code: String) async throws {
        let now = clock.now()
        try await database.write { transaction in
            switch call.kind {
            case .checkout:
                _ = try apply(
                    ProviderReport(charge: call.charge, objects: [], facts: [.ended]), from: call.provider, at: now,
                    in: transaction)
            case .refund:
                // What an event has told meanwhile is worth more than the "no" to a call that was made again.
                if let id = call.repayment, let row = try transaction.repayment(id), row.state == .requested {
                    try tell(.failed, row, at: now, in: transaction)
                }
            case .fees: break
            }
            try transaction.end(call, refused: code, at: now)
            try transaction.audit(
                actor: call.provider.rawValue, act: "provider_refused", subject: call.charge.text,
                detail: "\(call.kind.rawValue): \(code)", at: now)
        }
    }

    /// Brings what a provider says into the books. Saying it twice, late, or in another order ends in the same books.
    func apply(
        _ report: ProviderReport, from provider: ProviderName, at now: Instant, in transaction: borrowing Transaction
    ) throws -> ReportOutcome {
        if let transfer = report.transfer { return try apply(transfer, from: provider, at: now, in: transaction) }
        if let payout = report.payout { return try apply(payout, from: provider, at: now, in: transaction) }
        var id = report.charge
        if id == nil {
            id = try report.objects.lazy.compactMap { try transaction.charge(named: $0, by: provider) }.first
        }
        guard let id, let row = try transaction.charge(id), row.charge.provider == provider else { return .parked }
        // Everything is looked at before anything is written: a report is applied whole or not at all.
        for object in report.objects {
            if let owner = try transaction.charge(named: object, by: provider), owner != id {
                return .refused("\(object) belongs to another payment")
            }
        }
        for fact in report.facts {
            if let problem = try problem(with: fact, of: row, in: transaction) { return problem }
        }
        var isNew = false
        for object in report.objects where try transaction.charge(named: object, by: provider) == nil {
            _ = try transaction.remember(object, of: provider, for: id)
            isNew = true
        }
        for fact in report.facts {
            if try apply(fact, to: row, at: now, in: transaction) { isNew = true }
        }
        return isNew ? .applied : .known
    }

    /// Why a fact can't be applied (now).
    private func problem(
        with fact: ProviderFact, of row: ChargeRow, in transaction: borrowing Transaction
    ) throws -> ReportOutcome? {
        let provider = row.charge.provider
        switch fact {
        case .opened, .processing, .ended, .fee: return nil
        case .captured(let amount):
            return amount.isPositive && amount.minorUnits <= Money.limit ? nil : .refused("captured nothing")
        case .repayment(let name, let ours, let amount, _):
            let known = try ours ?? transaction.repayment(named: name, by: provider)
            guard let known else { return try problem(withRefund: name, of: amount, on: row, in: transaction) }
            guard let repayment = try transaction.repayment(known) else { return .parked }
            guard repayment.charge == row.charge.id, repayment.amount == amount else {
                return .refused("\(name) is another repayment than we asked for")
            }
            return nil
        case .dispute(let name, let amount, let told):
            // Money that is not here yet can't be taken back.
            guard row.state == .captured || told.isSubset(of: [.opened, .won]) else { return .parked }
            guard amount.currency == row.charge.amount.currency, amount.isPositive else {
                return .refused("\(name) is of another currency than the payment")
            }
            let known = try transaction.dispute(name, of: provider)
            if let known, known.charge != row.charge.id || known.amount != amount {
                return .refused("\(name) has changed its payment or amount")
            }
            var life = DisputeLife(known?.facts ?? [])
            return life.tell(told) == .contradiction ? .refused("\(name) was won and lost") : nil
        }
    }

    /// - Returns: whether it was new.
    private func apply(
        _ fact: ProviderFact, to row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Bool {
        switch fact {
        case .opened(let url):
            if let url { try transaction.setLink(url, of: row.charge.id) }
            return try tell(.opened, row, at: now, in: transaction)
        case .processing: return try tell(.processing, row, at: now, in: transaction)
        case .ended: return try tell(.ended, row, at: now, in: transaction)
        case .captured(let amount):
            guard try tell(.captured, row, at: now, in: transaction) else { return false }
            try capture(amount, of: row, at: now, in: transaction)
            return true
        case .fee(let movement, let fee, let reason):
            return try book(fee, movement, reason, of: row.charge, at: now, in: transaction)
        case .repayment(let name, let ours, let amount, let event):
            let known = try ours ?? transaction.repayment(named: name, by: row.charge.provider)
            let repayment =
                try known.map { try transaction.repayment($0) }
                ?? insertForeignRefund(name, of: amount, on: row, at: now, in: transaction)
            guard let repayment else { return false }
            if !name.isEmpty { try transaction.nameRepayment(repayment.id, name, by: row.charge.provider) }
            return try tell(event, repayment, at: now, in: transaction)
        case .dispute(let name, let amount, let told):
            return try tell(told, name, amount, of: row, at: now, in: transaction)
        }
    }

    private func tell(
        _ event: ChargeEvent, _ row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Bool {
        // The row may be older than a fact of the same report.
        guard let current = try transaction.charge(row.charge.id) else { return false }
        var life = ChargeLife(current.state)
        guard case .moved(let state) = life.tell(event) else { return false }
        try transaction.appendState(state, to: row.charge.id, at: now)
        try keepAsking(after: row.charge, at: now, in: transaction)
        return true
    }

    /// The money is here: tickets, late too while there are seats, or the wallet, or suspense; and the provider is asked what
    /// it kept.
    private func capture(
        _ amount: Money, of row: ChargeRow, at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let charge = row.charge
        let source = charge.provider.rawValue
        // An operator may have booked it by hand while the provider was silent.
        if try transaction.payment(provider: source, reference: charge.id.text) == nil {
            let arrival = try SuspenseArrival(
                id: makeID(), source: source, reference: charge.id.text, amount: amount,
                reason: charge.purchase?.text ?? row.holder.text)
            if let purchase = charge.purchase {
                guard let held = try transaction.heldPurchase(purchase) else {
                    throw StoreFault.corrupt(column: "charges.purchase")
                }
                try place(arrival, for: held, showingFeeIn: .providerFees, at: now, in: transaction)
            } else {
                try fill(row, with: arrival, at: now, in: transaction)
            }
        }
        try transaction.owe(
            ProviderCallRow(provider: charge.provider, kind: .fees, charge: charge.id, createdAt: now), from: now)
        try transaction.audit(
            actor: source, act: "charge_captured", subject: charge.id.text, detail: amount.description, at: now)
        try sendBackUnplaced(charge.id, at: now, in: transaction)
    }

    /// What the provider kept or gave back with a movement: once by the movement's name.
    func book(
        _ fee: Money, _ movement: String, _ reason: ProviderFact.FeeReason, of charge: Charge, at now: Instant,
        in transaction: borrowing Transaction
    ) throws -> Bool {
        guard !fee.isZero, try !transaction.hasFee(movement: movement, of: charge.provider) else { return false }
        let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
        let account: Account = reason == .dispute ? .disputeFees : .providerFees
        guard
            let entry = JournalEntry(stamp, kind: .providerFee, legs: PostingRecipe.providerFee(fee, to: account))
        else { throw StoreFault.corrupt(column: "provider_fees.fee") }
        let sequence = try transaction.append(entry).sequence
        try transaction.insertFee(
            movement: movement, of: charge.provider, charge: charge.id, fee: fee, reason: reason, sequence: sequence,
            at: stamp.postedAt)
        if reason == .dispute { try chargeDisputeFee(fee, movement, of: charge, at: now, in: transaction) }
        return true
    }

    @discardableResult
    private func tell(
        _ event: RepaymentEvent, _ repayment: RepaymentRow, at now: Instant, in transaction: borrowing Transaction
    ) throws -> Bool {
        var life = RepaymentLife(repayment.state)
        guard case .moved(let state, let movement) = life.tell(event) else { return false }
        var sequence: Int64?
        if movement != .none {
            let stamp = try transaction.stamp(makeID(), at: now, calendar: settings.housePolicy.calendar)
            let legs = PostingRecipe.repayment(movement, of: repayment.amount, from: repayment.holder)
            guard let entry = JournalEntry(stamp, kind: .repayment, legs: legs) else {
                preconditionFailure("A repayment has a positive amount within the limit.")
            }
            sequence = try transaction.append(entry).sequence
        }
        try transaction.appendState(state, to: repayment.id, sequence: sequence, at: now)
        if state == .failed { try recoverDisputed(repayment, at: now, in: transaction) }
        if let row = try transaction.charge(repayment.charge) {
            try keepAsking(after: row.charge, at: now, in: transaction)
        }
        return true
    }
}
