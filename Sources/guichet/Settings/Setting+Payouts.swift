/// What the house asks for before payouts leave.
extension Setting {
    static let payoutsOneApproval = Setting(
        key: "payouts.oneApprovalUpTo", fallback: "",
        meaning:
            "Sums of a batch up to which one approval is enough, comma-separated (\"500.00 EUR, 500.00 USD\"). Default: every batch takes two people."
    )
    static let payoutsItemAbove = Setting(
        key: "payouts.reasonItemAbove", fallback: "10000.00 EUR, 10000.00 USD, 10000.00 GBP",
        meaning: "A single payout above it needs a reason from whoever approves it; a currency left out has no limit.")
    static let payoutsTotalAbove = Setting(
        key: "payouts.reasonTotalAbove", fallback: "100000.00 EUR, 100000.00 USD, 100000.00 GBP",
        meaning: "The same for the sum of a batch.")
    static let payoutsGrowth = Setting(
        key: "payouts.reasonGrowth", fallback: "5",
        meaning: "A payout of more than so many times the host's average needs a reason, 1 to 1000.")
    static let payoutsCoolOff = Setting(
        key: "payouts.coolOffDays", fallback: "3",
        meaning:
            "For how many days a changed payout destination is new, 0 to 90: approvers give a reason, and what was changed after they approved waits."
    )
    static let payoutsSuspense = Setting(
        key: "payouts.suspenseDays", fallback: "7",
        meaning: "Money that waits in suspense for more days than this holds payout batches, 0 to 3650.")
    static let payoutsInbox = Setting(
        key: "payouts.inboxMinutes", fallback: "15",
        meaning: "A provider's event that is not understood after so many minutes holds payout batches, 1 to 10080.")
}
