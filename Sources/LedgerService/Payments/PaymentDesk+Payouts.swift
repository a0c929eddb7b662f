public import BoxOffice
public import HTTPEdge
internal import Logging
internal import Store
public import Values

/// Payouts on their way through providers. The order of things is that of payments: owed in a transaction, asked for
/// outside of it under a key of ours, answered in another one.
extension PaymentDesk {
    /// The providers of the house that bring money to hosts.
    public var payoutNames: Set<ProviderName> {
        Set(providers.values.filter { $0 is any PayoutProvider || $0 is ManualProvider }.map(\.name))
    }

    /// Where a host is paid from now on.
    public func setDestination(
        _ text: String, through provider: ProviderName, of host: HostID, by caller: Caller
    ) async throws -> DestinationView {
        let destination = try PayoutDestination(provider: provider, text: text)
        let view = try await service.destination(of: host, by: caller)
        guard payoutNames.contains(provider) || view.provider == provider else { throw ChargeRefusal.providerUnknown }
        return try await service.setDestination(destination, of: host, by: caller)
    }

    public func payoutBatch(of day: LocalDay, by caller: Caller) async throws -> PayoutBatchView {
        try await service.payoutBatch(of: day, through: payoutNames, by: caller)
    }

    /// Sends what is left of a batch and asks the providers at once; what they do not answer now they are asked again.
    public func sendBatch(
        of day: LocalDay, digest: String, key: IdempotencyKey, by caller: Caller
    ) async throws -> PayoutBatchView {
        _ = try await service.sendBatch(of: day, digest: digest, through: payoutNames, key: key, by: caller)
        try await makeTransfers()
        return try await service.payoutBatch(of: day, through: payoutNames, by: caller)
    }

    /// Finance says what the manual provider would: it is paid, or it came back.
    public func confirmPayout(
        _ id: PayoutTransferID, _ event: PayoutTransferEvent, by caller: Caller
    ) async throws -> PayoutBatchView {
        try service.requireFinance(caller)
        let row = try await service.payoutTransfer(id, by: caller)
        guard row.provider == .manual else { throw PayoutRefusal.notManual }
        if event == .refused {
            guard row.state == .requested || row.state == .refused else { throw PayoutRefusal.notPaid }
            try await service.refuse(id, code: "by_hand")
        } else {
            // What never left can't come back; a machine's news may overtake each other, a person's do not.
            let isFitting = event == .paid ? row.state != .returned : row.state == .paid || row.state == .returned
            guard isFitting else { throw PayoutRefusal.notPaid }
            let report = ProviderReport(
                transfer: ProviderTransfer(
                    name: "manual \(id)", ours: id, amount: row.net, state: event == .paid ? .paid : .returned))
            // Named by what it says, so that saying it twice is saying it once.
            try await service.takeIn(
                ProviderEvent(
                    id: "\(event.rawValue) \(id)", kind: "manual", object: "", report: report,
                    bodyHash: SHA256Digest(of: text(of: report))), from: .manual)
            try await readEvents()
        }
        guard let day = LocalDay(row.batch.dropFirst("batch_".count)) else {
            throw StoreFault.corrupt(column: "payout_transfers.batch")
        }
        return try await service.payoutBatch(of: day, through: payoutNames, by: caller)
    }

    /// Asks for the transfers that are due.
    /// - Returns: whether there were some.
    @discardableResult
    func makeTransfers() async throws -> Bool {
        let now = service.clock.now()
        let lease = now.advanced(bySeconds: 3 * LedgerService.callLease)
        guard try await service.database.read({ try $0.hasDueTransfers(at: now) }) else { return false }
        let due = try await service.database.write { try $0.takeTransfers(at: now, lease: lease, limit: 20) }
        for one in due {
            do { try await make(one.payout, tries: one.tries) } catch {
                // The answer could not be stored: it is asked again under its key, and gets the same answer.
                logger.warning("payout", metadata: ["payout": "\(one.payout)", "fault": "\(error)"])
            }
        }
        return !due.isEmpty
    }

    private func make(_ id: PayoutTransferID, tries: Int) async throws {
        // An event was faster than the answer: nothing is left to ask.
        guard let row = try await service.database.read({ try $0.payoutTransfer(id) }), row.state == .requested,
            let provider = providers[row.provider] as? any PayoutProvider
        else { return }
        let order = TransferOrder(
            payout: id, amount: row.net, destination: row.destination, batch: row.batch, digest: row.digest)
        do {
            if service.clock.now() < row.requestedAt.advanced(bySeconds: Self.keySeconds) {
                try await service.answer(id, from: row.provider, with: try await provider.transfer(order))
            } else if let made = try await provider.findTransfer(order) {
                try await service.answer(id, from: row.provider, with: made)
            } else {
                // Sent again it would be another attempt, under another key, in the name of whoever sends it.
                try await service.refuse(id, code: "not_made")
            }
        } catch let fault as ProviderFault {
            logger.notice("payout", metadata: ["payout": "\(id)", "fault": "\(fault)", "tries": "\(tries)"])
            if case .refused(let code) = fault {
                try await service.refuse(id, code: String(code.prefix(80)))
            } else {
                // 2, 4, 8 … seconds, and then every quarter of an hour.
                let due = service.clock.now().advanced(bySeconds: min(Int64(2) << min(Int64(tries), 10), 900))
                try await service.database.write { try $0.postpone(id, until: due) }
            }
        }
    }
}

extension LedgerService {
    /// Books the answer to the asking for a transfer.
    func answer(_ id: PayoutTransferID, from provider: ProviderName, with report: ProviderReport) async throws {
        guard let told = report.transfer else { return }
        let now = clock.now()
        try await database.write { transaction in
            guard case .refused(let why) = try apply(told, from: provider, at: now, in: transaction) else { return }
            // It contradicts what we asked for: nobody asks again, and somebody has to look.
            try transaction.postpone(id, until: Instant(microseconds: .max))
            try transaction.audit(
                actor: provider.rawValue, act: "payout_answer_set_aside", subject: id.text, detail: why, at: now)
        }
    }
}
