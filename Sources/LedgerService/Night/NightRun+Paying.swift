internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Payouts
internal import Store
internal import Values

extension NightRun {
    private var batch: String { "batch_\(day)" }

    /// Step 4: adds up the batch, payee by payee, and stores the digest under which it will be approved. From here on
    /// the batch is decided: what is owed by accruals up to the day changes no more, and neither do the payees' facts
    /// up to the night's cut.
    func digestStep() async throws {
        // All steps before are whole, and what is owed up to the day changes no more: it is added up beside the sales.
        let digest = try await service.database.read { transaction -> SHA256Digest? in
            guard let night = try open(in: transaction) else { return nil }
            return try self.digest(night, in: transaction)
        }
        guard let digest else { return }
        try await service.database.write { transaction in
            guard try open(in: transaction) != nil else { return }
            try transaction.insertBatch(of: day, digest: digest, id: batch, by: creator ?? actor)
            CrashPoint.digestWritten.pass()
        }
        CrashPoint.digestCommitted.pass()
    }

    private func digest(_ night: NightRow, in transaction: borrowing Transaction) throws -> SHA256Digest {
        var digest = BatchDigest(of: day, cut: night.cut, policy: night.policy)
        var cursor = (host: "", currency: "")
        while true {
            let balances = try transaction.owed(on: day, after: cursor, limit: stepLimit)
            guard let last = balances.last else { break }
            let input = try input(night, for: balances, in: transaction)
            for item in try NightlyRun.payOut(balances, input).items { digest.add(item) }
            cursor = (last.key.host.text, last.key.currency.code)
        }
        return digest.value()
    }

    /// Step 5: pays the next payees, and says of what is left why it waits.
    /// - Returns: whether there may be more.
    func payStep() async throws -> Bool {
        let now = service.clock.now()
        let goesOn = try await service.database.write { transaction in
            let night = try begun(in: transaction)
            let balances = try transaction.owed(
                on: day, after: try transaction.lastCarried(on: day), limit: stepLimit)
            guard !balances.isEmpty else { return false }
            let paid = try NightlyRun.payOut(balances, try input(night, for: balances, in: transaction))
            for item in paid.items { try pay(item, at: now, in: transaction) }
            let waits = Waits(paid)
            for balance in balances { try register(balance.key, waits, in: transaction) }
            CrashPoint.paymentsWritten.pass()
            return balances.count == stepLimit
        }
        CrashPoint.paymentsCommitted.pass()
        return goesOn
    }

    private func pay(_ item: PayoutItem, at now: Instant, in transaction: borrowing Transaction) throws {
        let chained = try transaction.append(item.entry)
        try transaction.insertItem(item, batch: batch, sequence: chained.sequence)
        try transaction.tellPayout(item, batch: batch, day: day, at: now)
        try transaction.payOwed(
            to: TierKey(host: item.host, currency: item.gross.currency), on: day, batch: batch)
    }

    /// Step 6: the register also names owners whose brackets the night moved and who are owed nothing.
    /// - Returns: whether there may be more.
    func registerStep() async throws -> Bool {
        try await service.database.write { transaction in
            _ = try begun(in: transaction)
            let keys = try transaction.tierKeysUncarried(on: day, limit: stepLimit)
            for key in keys { try register(key, Waits(), in: transaction) }
            return keys.count == stepLimit
        }
    }

    /// The row of a payee in the night's register: what was left, and why.
    private func register(_ key: TierKey, _ waits: Waits, in transaction: borrowing Transaction) throws {
        var available: Int64 = 0
        var pending: Int64 = 0
        var nextOn: LocalDay?
        var reason = waits.paid.contains(key) ? "paid" : "nothing"
        for row in waits.carried[key] ?? [] {
            switch row.reason {
            case .onHold(let day):
                pending = row.amount.minorUnits
                nextOn = day
                if reason == "nothing" { reason = "on_hold" }
            case .negative, .blocked, .belowMinimum, .notABatchDay:
                available = row.amount.minorUnits
                reason = row.reason.code == "not_a_batch_day" ? "no_batch_day" : row.reason.code
            }
        }
        try transaction.insertCarried(
            CarriedEntry(
                key: key, available: available, pending: pending, reason: reason, nextOn: nextOn,
                bracketUse: try transaction.tierUse(of: key, through: day).used), on: day)
    }

    /// What a part of a batch says of its payees, found by payee.
    private struct Waits {
        var paid: Set<TierKey> = []
        var carried: [TierKey: [CarriedAmount]] = [:]

        init() {}

        init(_ batch: PayoutBatch) {
            for item in batch.items { paid.insert(TierKey(host: item.host, currency: item.gross.currency)) }
            for row in batch.carried {
                carried[TierKey(host: row.host, currency: row.amount.currency), default: []].append(row)
            }
        }
    }

    /// Step 7: the night is done, and publishes where the journal ends.
    func end() async throws {
        let now = service.clock.now()
        try await service.database.write { transaction in
            _ = try begun(in: transaction)
            guard let digest = try transaction.batchDigest(of: day) else {
                throw StoreFault.corrupt(column: "payout_batches.digest")
            }
            let head = try transaction.journalHead().chain
            try transaction.end(
                NightEnd(headSequence: head.sequence, headHash: head.hash.hex, digest: digest), of: day, at: now)
            try service.publish(head, of: day, at: now, in: transaction)
            try transaction.tell(
                .nightDone, of: day.description, at: now,
                EventFacts(count: try transaction.itemCount(of: batch), batch: batch, day: day, digest: digest))
            try transaction.audit(actor: actor, act: "night_done", subject: day.description, detail: digest, at: now)
            CrashPoint.endWritten.pass()
        }
        CrashPoint.endCommitted.pass()
    }

    /// What decides on balances: the payees as they stood at the cut, however late the night is run or run again.
    private func input(
        _ night: NightRow, for balances: [DueBalance], in transaction: borrowing Transaction
    ) throws -> NightInput {
        var input = try input(night, in: transaction)
        for balance in balances {
            guard let payee = try transaction.payee(balance.key.host, through: night.payeeCut) else { continue }
            input.withholding[payee.host] = payee.withholding
            if payee.isBlocked { input.blocked.insert(payee.host) }
        }
        return input
    }
}
