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
    static let payoutsDetails = Setting(
        key: "payouts.detailsDays", fallback: "3",
        meaning:
            "For how many days nothing is paid to payout details that were changed, 0 to 90, whoever has seen them; another change begins the days anew."
    )
    static let payoutsFirstDetails = Setting(
        key: "payouts.firstDetailsDays", fallback: "0",
        meaning: "The same for the first payout details of a host, 0 to 90.")
    static let payoutsSuspense = Setting(
        key: "payouts.suspenseDays", fallback: "7",
        meaning: "Money that waits in suspense for more days than this holds payout batches, 0 to 3650.")
    static let payoutsInbox = Setting(
        key: "payouts.inboxMinutes", fallback: "15",
        meaning: "A provider's event that is not understood after so many minutes holds payout batches, 1 to 10080.")
    static let payoutsAudit = Setting(
        key: "payouts.auditHours", fallback: "36",
        meaning:
            "How old the audit may be behind which payout batches leave, 1 to 720; sending an approved batch makes one where none is fresh enough."
    )
}

/// The house's own accounts, from which banks pay by files.
extension Setting {
    static let sepaName = Setting(
        key: "payouts.sepa.name", fallback: "",
        meaning:
            "The house's name as its bank in the SEPA area has it; with payouts.sepa.iban, payouts leave by pain.001.")
    static let sepaIBAN = Setting(
        key: "payouts.sepa.iban", fallback: "", meaning: "The IBAN of the house's account from which payouts leave.")
    static let sepaBIC = Setting(
        key: "payouts.sepa.bic", fallback: "", meaning: "The BIC of its bank; may be left out.")
    static let sepaTown = Setting(
        key: "payouts.sepa.town", fallback: "", meaning: "The house's town, as banks ask for it; may be left out.")
    static let sepaCountry = Setting(
        key: "payouts.sepa.country", fallback: "", meaning: "The house's country, two capitals; with payouts.sepa.town."
    )
    static let achCompany = Setting(
        key: "payouts.ach.companyName", fallback: "",
        meaning:
            "The house's name as payees in the United States read it; with the other settings payouts.ach, payouts leave by NACHA files."
    )
    static let achCompanyID = Setting(
        key: "payouts.ach.companyNumber", fallback: "",
        meaning: "Ten characters that its bank gave: often 1 and the employer's number.")
    static let achRouting = Setting(
        key: "payouts.ach.routing", fallback: "", meaning: "The routing number of its bank, nine digits.")
    static let achBank = Setting(
        key: "payouts.ach.bankName", fallback: "", meaning: "The name of its bank.")
}
