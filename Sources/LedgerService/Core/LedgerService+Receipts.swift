internal import BoxOffice
internal import HTTPEdge
internal import Ledger
internal import Store
public import Values

/// What a buyer keeps: the journal entry of the sale and, once a head was published over it, the proof that it is there.
public struct OrderReceipt: Sendable, Hashable, Encodable {
    public struct Posting: Sendable, Hashable, Encodable {
        public let account: String
        public let currency: Currency
        /// Minor units, debit positive.
        public let amount: Int64
    }

    /// The entry with all that its hash is made of.
    public struct Entry: Sendable, Hashable, Encodable {
        public let sequence: Int64
        public let entry: EntryID
        public let postedAt: Instant
        public let effectiveOn: LocalDay
        public let kind: String
        public let prevHash: String
        public let hash: String
        public let postings: [Posting]
    }

    /// The way from the entry up to the root in a signed head (RFC 9162 section 2.1.3).
    public struct Proof: Sendable, Hashable, Encodable {
        public let day: LocalDay
        public let leafIndex: Int64
        public let treeSize: Int64
        /// Hashes in hexadecimal, the lowest first.
        public let path: [String]
        /// The signed statement.
        public let head: String
    }

    public let order: OrderID
    public let ticket: TicketID
    public let room: RoomID
    public let price: Money
    public let soldAt: Instant
    /// `nil` for a ticket that cost nothing: nothing moved.
    public let entry: Entry?
    /// `nil` until the night after the sale.
    public let proof: Proof?
}

extension LedgerService {
    /// The receipt of an order, for the wallet that paid.
    public func receipt(of order: OrderID, by caller: Caller) async throws -> OrderReceipt {
        guard caller != .anybody else { throw EdgeRefusal.keyMissing }
        return try await database.read { transaction in
            // Whoever may not see an order does not learn whether it exists.
            guard let sold = try transaction.order(order), caller == .wallet(sold.holder) || caller.seesEverything
            else {
                throw LedgerRefusal.orderUnknown
            }
            let sequence = try transaction.soldSequence(of: order)
            return OrderReceipt(
                order: sold.id, ticket: sold.ticket, room: sold.room, price: sold.gross, soldAt: sold.soldAt,
                entry: try sequence.flatMap { try entry(at: $0, in: transaction) },
                proof: try sequence.flatMap { try proof(of: $0, in: transaction) })
        }
    }

    private func entry(
        at sequence: Int64, in transaction: borrowing Transaction
    ) throws(StoreFault) -> OrderReceipt.Entry? {
        guard let chained = try transaction.entries(after: sequence - 1, through: sequence, limit: 1).first else {
            return nil
        }
        let entry = chained.entry
        return OrderReceipt.Entry(
            sequence: sequence, entry: entry.id, postedAt: entry.postedAt, effectiveOn: entry.effectiveOn,
            kind: entry.kind.rawValue, prevHash: chained.previousHash.hex, hash: chained.hash.hex,
            postings: entry.postings.map {
                OrderReceipt.Posting(
                    account: $0.account.text, currency: $0.amount.currency, amount: $0.amount.minorUnits)
            })
    }

    private func proof(
        of sequence: Int64, in transaction: borrowing Transaction
    ) throws(StoreFault) -> OrderReceipt.Proof? {
        guard let head = try transaction.publishedHead(over: sequence) else { return nil }
        var leaves: [SHA256Digest] = []
        try transaction.entryHashes(from: head.first, through: head.sequence) { leaves.append(MerkleTree.leaf($0)) }
        let index = Int(sequence - head.first)
        guard leaves.indices.contains(index) else { throw .corrupt(column: "published_heads.first_sequence") }
        return OrderReceipt.Proof(
            day: head.day, leafIndex: Int64(index), treeSize: Int64(leaves.count),
            path: MerkleTree.path(to: index, in: leaves).map(\.hex), head: head.statement)
    }
}
