public import Values

/// How much one person may decide alone about cancelling, and for how long a plan stands.
public struct CancellationPolicy: Hashable, Sendable {
    /// Minor units that may go back without a second person; a currency that is not here has no limit.
    public let approvalAbove: [Currency: Int64]
    public let planSeconds: Int64

    public init(approvalAbove: [Currency: Int64] = [:], planSeconds: Int64 = 86_400) {
        self.approvalAbove = approvalAbove
        self.planSeconds = planSeconds
    }

    /// Whether giving back so much takes two people.
    public func needsSecond(_ amount: Money) -> Bool {
        approvalAbove[amount.currency].map { amount.minorUnits > $0 } ?? false
    }
}

/// `"cancel"` of a preset.
struct CancellationFile: Decodable {
    let approval_above: [String: Int64]
    let plan_minutes: Int64?
}

extension SalePolicy {
    /// Without `"cancel"` one person decides about any amount.
    static func cancellation(_ file: PolicyFile) throws(PolicyFault) -> CancellationPolicy {
        guard let cancel = file.cancel else { return CancellationPolicy() }
        let minutes = cancel.plan_minutes ?? 1_440
        guard (1...10_080).contains(minutes) else {
            throw PolicyFault(policy: file.name, reason: "A plan to cancel stands for 1 to 10,080 minutes.")
        }
        let limits = try byCurrency(cancel.approval_above, file) { (0...Money.limit).contains($0) ? $0 : nil }
        return CancellationPolicy(approvalAbove: limits, planSeconds: minutes * 60)
    }
}
