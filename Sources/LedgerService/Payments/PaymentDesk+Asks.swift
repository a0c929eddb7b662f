internal import BoxOffice
internal import HTTPEdge
internal import Logging
internal import Store
public import Values

/// Asking providers how payments stand, where their events are silent.
extension PaymentDesk {
    /// Asks the provider of a payment without an end how it stands, books the answer, and shows the payment.
    public func ask(after id: ChargeID, by caller: Caller) async throws -> ChargeView {
        let now = service.clock.now()
        if let ask = try await service.wantedAsk(after: id, by: caller), askLimiter.admit(caller, at: now) {
            try await service.markAsked(ask)
            _ = await isAnswered(ask)
        }
        return try await service.charge(id, by: caller)
    }

    /// Asks after payments whose time has come.
    /// - Returns: whether there were any.
    func askAfterPayments() async throws -> Bool {
        // One payment after the other, and then calls and events have their turn again.
        let end = ContinuousClock.now.advanced(by: askPatience / 2)
        var hasAsked = false
        while ContinuousClock.now < end, let ask = try await service.takeDueAsk() {
            hasAsked = true
            if await !isAnswered(ask) { try await service.putAsksOff(of: ask.provider) }
        }
        return hasAsked
    }

    /// Asks, books what is answered, and waits no longer than ``askPatience``.
    private func isAnswered(_ ask: DueAsk) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await carryOut(ask) }
            group.addTask {
                try? await Task.sleep(for: askPatience)
                return false
            }
            let isAnswered = await group.next() ?? false
            group.cancelAll()
            return isAnswered
        }
    }

    /// - Returns: `false` if the provider does not answer, whatever it is asked.
    private func carryOut(_ ask: DueAsk) async -> Bool {
        guard let provider = providers[ask.provider] else { return true }
        do {
            let open = try await service.database.read { try $0.openEnds(of: ask.charge) }
            for name in [provider.object(toAskAfter: open.payment)].compactMap(\.self) + open.repayments {
                guard try await carryOut(ask, named: name, of: provider) else { return false }
            }
        } catch {
            logger.error("provider", metadata: ["charge": "\(ask.charge)", "answer not booked": "\(error)"])
        }
        return true
    }

    /// Asks after one object and books the answer.
    private func carryOut(
        _ ask: DueAsk, named name: String, of provider: any PaymentProvider
    ) async throws -> Bool {
        let answer: ProviderReport?
        do {
            answer = try await provider.fetch(name)
        } catch {
            // The next time comes by itself.
            logger.notice("provider", metadata: ["charge": "\(ask.charge)", "fault": "\(error)"])
            switch error {
            case .unreachable, .busy: return false
            // It answers, and not about this one.
            case .refused, .unreadable: return true
            }
        }
        guard let answer else { return true }
        for problem in try await service.take(answer, to: ask) {
            logger.error("provider", metadata: ["charge": "\(ask.charge)", "answer not booked": "\(problem)"])
        }
        return true
    }
}
