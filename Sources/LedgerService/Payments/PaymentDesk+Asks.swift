internal import BoxOffice
public import HTTPEdge
internal import Logging
internal import Store
public import Values

/// Asking providers how payments stand, where their events are silent.
extension PaymentDesk {
    /// How long somebody waits for a provider's answer before the payment is shown as it is known.
    private static let patience = Duration.seconds(5)

    /// Asks the provider of a payment without an end how it stands, books the answer, and shows the payment.
    public func ask(after id: ChargeID, by caller: Caller) async throws -> ChargeView {
        if let ask = try await service.takeAsk(after: id, by: caller) {
            await withTaskGroup { group in
                group.addTask { _ = await carryOut(ask) }
                group.addTask { try? await Task.sleep(for: Self.patience) }
                await group.next()
                group.cancelAll()
            }
        }
        return try await service.charge(id, by: caller)
    }

    /// Asks after payments whose time has come.
    /// - Returns: whether there were any.
    func askAfterPayments() async throws -> Bool {
        let asks = try await service.takeDueAsks(limit: 20)
        // Who is silent is not asked twenty times in one turn.
        var silent: Set<ProviderName> = []
        for ask in asks where !silent.contains(ask.provider) {
            if await !carryOut(ask) { silent.insert(ask.provider) }
        }
        return !asks.isEmpty
    }

    /// - Returns: whether the provider answered.
    private func carryOut(_ ask: DueAsk) async -> Bool {
        guard let provider = providers[ask.provider] else { return false }
        do {
            let objects = try await service.database.read { try $0.objects(of: ask.charge) }
            guard let object = provider.object(toAskAfter: objects), let answer = try await provider.fetch(object)
            else { return true }
            if case .refused(let why) = try await service.take(answer, to: ask) {
                logger.error("provider", metadata: ["charge": "\(ask.charge)", "answer refused": "\(why)"])
            }
            return true
        } catch {
            // The next time comes by itself.
            logger.notice("provider", metadata: ["charge": "\(ask.charge)", "fault": "\(error)"])
            return !(error is ProviderFault)
        }
    }
}
