public import Values

/// What the ledger did with an order, a ticket or a payout: every posting as a tree, from the sale to the bank's line,
/// and the sums that show that nothing is missing.
public struct Explanation: Sendable, Hashable, Encodable {
    /// One thing that happened, with what followed from it.
    public struct Step: Sendable, Hashable, Encodable {
        /// `order`, `sale`, `ticket`, `refund`, `dispute`, `loss`, `split`, `share`, `release`, `accrual`, `payout`,
        /// `transfer`, `state`, `settlement`, `return`.
        public let kind: String
        /// Of the order, ticket, refund, accrual, batch or payout.
        public let id: String
        /// A word or two: a reason, a state, whose share it is.
        public var note: String?
        public var at: Instant?
        /// The business day, where one counts.
        public var day: LocalDay?
        /// Signed, as seen by whom the step is about.
        public var amount: Money?
        /// The journal entry that it made.
        public var entry: Int64?
        /// The order that an accrual comes from, which can be explained by itself.
        public var order: OrderID?
        /// That entry's postings.
        public var postings: [Posting]?
        public var steps: [Step]?

        init(_ kind: String, _ id: String) {
            self.kind = kind
            self.id = id
        }
    }

    public struct Posting: Sendable, Hashable, Encodable {
        public let debit: String
        public let credit: String
        public let amount: Money
    }

    /// A sum that has to come out.
    public struct Sum: Sendable, Hashable, Encodable {
        /// `sale`, `split`, `reversals`, `escrow`, `hosts`, `lines`, `withheld`.
        public let name: String
        /// What stands on one side, in the order of the tree.
        public let parts: [Money]
        /// What they have to come to.
        public let total: Money
        public let holds: Bool

        init(_ name: String, _ parts: [Money], _ total: Money) {
            self.name = name
            self.parts = parts
            self.total = total
            holds = parts.reduce(0) { $0 + $1.minorUnits } == total.minorUnits
        }
    }

    public let subject: String
    public let tree: Step
    public let sums: [Sum]
    /// Every sum comes out.
    public let addsUp: Bool

    init(of subject: String, _ tree: Step, _ sums: [Sum]) {
        self.subject = subject
        self.tree = tree
        self.sums = sums
        addsUp = sums.allSatisfy(\.holds)
    }
}
