internal import BoxOffice
internal import HTTPEdge
internal import Store
internal import Values

/// Sending a batch: in the name of people, behind gates, each item once.
extension LedgerService {
    /// What a sending would do with an item now, and the number of the host's destination.
    /// - Parameter people: what is known of the item's host.
    func sending(
        of item: PayoutItemRow, in batch: BatchStanding, through providers: Set<ProviderName>, _ people: PeopleOfPart
    ) throws -> (decision: PayoutSending, number: Int64) {
        let row = people.destinations[item.host]
        let destination = try row.map { try PayoutDestination(provider: $0.provider, text: $0.text) }
        let standing = PayoutItemStanding(
            net: item.net, last: item.last?.state, destination: destination,
            isBlocked: people.payees[item.host]?.isBlocked ?? false,
            coolsOff: row.flatMap { settings.payouts.distrusted($0.n, since: $0.since, batch.seenAt, at: clock.now()) })
        return (decideSending(standing, through: providers), row?.n ?? 0)
    }

    /// Sends what is left of a batch: every item that was not sent, or that its provider refused. The calls are owed in
    /// this transaction and made after it. Doing it again sends nothing twice.
    ///
    /// Checks in this order: the batch, its digest, its approvals, the gates. A gate that holds it is written down.
    /// - Parameter digest: of the batch, as whoever sends it has seen it.
    func sendBatch(
        of day: LocalDay, digest: String, through providers: Set<ProviderName>, key: IdempotencyKey, by caller: Caller
    ) async throws -> PayoutBatchView {
        try requireFinance(caller)
        let command = OnceOnly("payout-batch", by: caller, key: key, request: "\(day)|\(digest)")
        let now = clock.now()
        try await auditBefore(sending: day, at: now, by: caller)
        let head = try await followedHead()
        let held: BatchApprovalRefusal? = try await database.write { transaction in
            var held: BatchApprovalRefusal?
            do {
                _ = try transaction.once(command, at: now) {
                    let batch = try standing(of: day, in: transaction)
                    var approval = batch.approval
                    let needsSecond = settings.payouts.needsSecond(batch.totals)
                    let submission = try approval.send(digest, needsSecond: needsSecond)
                    let gates = try passGates(batch.row, from: head, by: caller.actor, at: now, in: transaction)
                    guard case .success(let gate) = gates else { throw Held(gates) }
                    if let submission {
                        try submit(submission, batch, behind: gate, by: caller.actor, at: now, in: transaction)
                    }
                    try send(batch, through: providers, by: caller.actor, at: now, in: transaction)
                    return batch.row.batch
                }
            } catch let refused as Held {
                held = refused.refusal
            }
            return held
        }
        if let held { throw held }
        return try await database.read { try batchView(of: day, through: providers, in: $0) }
    }

    /// What holds a batch is written down, so the transaction goes on and says it afterwards.
    private struct Held: Error {
        let refusal: BatchApprovalRefusal?

        init(_ gates: Result<Int64, BatchApprovalRefusal>) {
            if case .failure(let refusal) = gates { self.refusal = refusal } else { refusal = nil }
        }
    }

    private func submit(
        _ submission: BatchApproval.Submission, _ batch: BatchStanding, behind gates: Int64, by actor: String,
        at now: Instant, in transaction: borrowing Transaction
    ) throws {
        let round = batch.approval.round
        try transaction.insertRound(
            PayoutRoundRow(round: round, isSent: true, actor: actor, reason: nil, at: now), of: batch.row.batch)
        try transaction.insertSubmission(
            submission, of: batch.row.batch, round: round, gates: gates, totals: batch.totals,
            oneUpTo: settings.payouts.oneApprovalUpTo, at: now)
    }

    private func send(
        _ batch: BatchStanding, through providers: Set<ProviderName>, by actor: String, at now: Instant,
        in transaction: borrowing Transaction
    ) throws {
        let people = try PeopleOfPart(of: batch.part, in: transaction)
        var count = 0
        for item in batch.items {
            let (decision, number) = try sending(of: item, in: batch, through: providers, people)
            if case .coolingOff(let until) = decision {
                try transaction.audit(
                    actor: actor, act: "payout_details_new", subject: item.host.text,
                    detail: "\(batch.row.batch) \(item.net) waits until \(until)", at: now)
            }
            guard case .send(let destination) = decision else { continue }
            try transaction.insertTransfer(
                makeID(), of: item, in: (batch.row.batch, batch.row.digest), to: (number, destination.provider),
                by: actor, at: now)
            count += 1
        }
        try transaction.audit(
            actor: actor, act: "batch_sent", subject: batch.row.batch, detail: "\(count) \(batch.row.digest)", at: now)
    }
}
