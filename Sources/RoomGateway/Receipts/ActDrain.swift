internal import Logging
internal import Stage
internal import Values

/// Brings acts of stages to the ledger, in order and exactly once, as ``ReceiptDrain`` brings receipts.
struct ActDrain: Sendable {
    /// A batch of this many has about 100 KB.
    static let batchSize = 200

    let spool: ReceiptSpool
    let gateway: GatewayID
    let link: any LedgerLink
    let metrics: GatewayMetrics
    let logger: Logger

    func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var signals = spool.mayDeliverActs.makeAsyncIterator()
        while !Task.isCancelled {
            do {
                while try await deliverOnce() {}
                backoff.succeeded()
                guard await signals.next() != nil else { return }
            } catch is CancellationError {
                return
            } catch {
                metrics.deliveryFailed()
                logger.warning(
                    "acts not delivered", metadata: ["fault": "\(error)", "failures": "\(backoff.failures + 1)"])
                try? await Task.sleep(for: backoff.failed(using: &generator))
            }
        }
    }

    /// - Returns: whether there may be more.
    func deliverOnce() async throws -> Bool {
        let acts = try await spool.waitingActs(limit: Self.batchSize)
        guard let first = acts.first, let last = acts.last else { return false }
        let accepted = try await link.deliver(ActBatch(gateway: gateway, acts: acts)).acceptedThrough
        guard accepted >= first.sequence else {
            throw ReceiptDrain.Stuck(waitingFrom: first.sequence, acceptedThrough: accepted)
        }
        try await spool.acknowledgeActs(through: min(accepted, last.sequence))
        metrics.actsDelivered(Int(min(accepted, last.sequence) - first.sequence + 1))
        return true
    }
}
