internal import Logging
internal import Stage
internal import Values

/// Brings receipts to the ledger, in order, until it is cancelled.
///
/// Exactly once: a receipt leaves the spool only when the ledger says that it has it, and the ledger knows a repeat by
/// gateway and sequence number.
struct ReceiptDrain: Sendable {
    /// A batch of this many has about 100 KB.
    static let batchSize = 200
    /// What comes within it goes along: each batch costs a write of the ledger and one of the spool, and nobody waits
    /// for it.
    static let gathering = Duration.milliseconds(250)

    let spool: ReceiptSpool
    let gateway: GatewayID
    let link: any LedgerLink
    let metrics: GatewayMetrics
    let logger: Logger

    func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var signals = spool.mayDeliver.makeAsyncIterator()
        while !Task.isCancelled {
            do {
                while try await deliverOnce() {}
                backoff.succeeded()
                guard await signals.next() != nil else { return }
                try await Task.sleep(for: Self.gathering)
            } catch is CancellationError {
                return
            } catch {
                metrics.deliveryFailed()
                logger.warning(
                    "receipts not delivered", metadata: ["fault": "\(error)", "failures": "\(backoff.failures + 1)"])
                try? await Task.sleep(for: backoff.failed(using: &generator))
            }
        }
    }

    /// - Returns: whether there may be more.
    func deliverOnce() async throws -> Bool {
        let receipts = try await spool.waiting(limit: Self.batchSize)
        guard let first = receipts.first, let last = receipts.last else { return false }
        let accepted = try await link.deliver(ReceiptBatch(gateway: gateway, receipts: receipts)).acceptedThrough
        guard accepted >= first.sequence else { throw Stuck(waitingFrom: first.sequence, acceptedThrough: accepted) }
        try await spool.acknowledge(through: min(accepted, last.sequence))
        metrics.delivered(Int(min(accepted, last.sequence) - first.sequence + 1))
        return true
    }

    /// The ledger took nothing: it misses receipts that this spool has not got any more, or it is read-only.
    struct Stuck: Error, CustomStringConvertible {
        let waitingFrom: Int64
        let acceptedThrough: Int64
        var description: String {
            "The ledger has receipts through \(acceptedThrough), the next here is \(waitingFrom)."
        }
    }
}
