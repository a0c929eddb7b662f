public import BoxOffice
internal import NIOHTTP1
internal import Synchronization
public import Values

/// What a provider is asked to bring to a host.
public struct TransferOrder: Sendable, Hashable {
    public let payout: PayoutTransferID
    public let amount: Money
    /// The connected account, or what else the provider knows the host by.
    public let destination: String
    /// In whose name: the batch, and the digest under which finance sent it.
    public let batch: String
    public let digest: String

    /// The name of the call: sent twice, it is carried out once. Another attempt is another call.
    public var idempotencyKey: String { "transfer-\(payout)" }
}

/// A provider that brings money to hosts as well. The call is made outside of any transaction; it may be made again under
/// the same key and then gives what the first one gave.
public protocol PayoutProvider: PaymentProvider {
    /// Brings money to a host.
    func transfer(_ order: TransferOrder) async throws(ProviderFault) -> ProviderReport

    /// Looks whether a transfer was made, without making one: for calls so old that the provider may have forgotten
    /// their key and would carry them out anew.
    /// - Returns: `nil` if there is certainly none.
    func findTransfer(_ order: TransferOrder) async throws(ProviderFault) -> ProviderReport?
}

extension StripeProvider: PayoutProvider {
    /// Stripe Connect: from our balance to a connected account. Our ids travel along, so an event that comes before the
    /// answer to our call is understood.
    public func transfer(_ order: TransferOrder) async throws(ProviderFault) -> ProviderReport {
        let form = [
            ("amount", String(try StripeAmount.units(of: order.amount))),
            ("currency", order.amount.currency.code.lowercased()),
            ("destination", order.destination), ("transfer_group", order.batch),
            ("metadata[payout]", order.payout.text), ("metadata[batch]", order.batch),
            ("metadata[digest]", order.digest),
        ]
        let answer = try await send(.POST, "/v1/transfers", form, key: order.idempotencyKey)
        guard let answer, let report = StripeEvents.report(of: answer), report.transfer != nil else {
            throw .unreadable
        }
        return report
    }

    public func findTransfer(_ order: TransferOrder) async throws(ProviderFault) -> ProviderReport? {
        let query = Self.encoded([
            ("transfer_group", order.batch), ("destination", order.destination), ("limit", "100"),
        ])
        let answer = try await send(.GET, "/v1/transfers?\(query)", [], key: nil)
        // A batch has one item of a host, so a second page would be somebody else's doing: no answer rather than a guess.
        guard let answer, answer["has_more"].flag == false else { throw .unreadable }
        let made = answer["data"].list.first { $0["metadata"]["payout"].text == order.payout.text }
        guard let made else { return nil }
        guard let report = StripeEvents.report(of: made), report.transfer != nil else { throw .unreadable }
        return report
    }
}

extension SandboxProvider: PayoutProvider {
    /// A destination that begins so is refused for good, so that a test and a curious operator see what that looks like.
    public static let refusedDestination = "refuse"

    public func transfer(_ order: TransferOrder) async throws(ProviderFault) -> ProviderReport {
        if order.destination.hasPrefix(Self.refusedDestination) { throw .refused(code: "sandbox_destination") }
        return try call { state in
            // A restart forgets transfers; what is asked is enough to answer.
            let told = state.transfers[order.payout] ?? Self.told(order, .paid)
            state.transfers[order.payout] = told
            state.state(
                "movement_\(told.name)", .transfer, of: told.name, ours: order.payout.text, amount: -order.amount)
            return ProviderReport(transfer: told)
        }
    }

    public func findTransfer(_ order: TransferOrder) async throws(ProviderFault) -> ProviderReport? {
        try call { state in state.transfers[order.payout].map { ProviderReport(transfer: $0) } }
    }

    private static func told(_ order: TransferOrder, _ state: ProviderTransfer.State) -> ProviderTransfer {
        ProviderTransfer(
            name: "sandbox_\(order.payout)", ours: order.payout, amount: order.amount, state: state)
    }

    /// Plays what a provider tells of a transfer that was made: that it was created, or that it came back.
    /// - Returns: the event; `nil` for a transfer that is not known here.
    public func tell(_ state: ProviderTransfer.State, of payout: PayoutTransferID) -> ProviderEvent? {
        memory.withLock { memory in
            guard let known = memory.transfers[payout] else { return nil }
            let told = ProviderTransfer(name: known.name, ours: known.ours, amount: known.amount, state: state)
            if state == .returned {
                memory.transfers[payout] = told
                memory.state(
                    "back_\(told.name)", .transferReversal, of: told.name, ours: known.ours?.text, amount: known.amount)
            }
            let report = ProviderReport(transfer: told)
            return ProviderEvent(
                id: "evt_\(known.name)_\(state.rawValue)", kind: "transfer_\(state.rawValue)", object: known.name,
                report: report, bodyHash: SHA256Digest(of: text(of: report)))
        }
    }
}
