internal import Payouts
internal import Store
internal import Values

/// What is known now of hosts that are paid: of those of a part of a batch or a register, read at once, or of one.
struct PeopleOfPart {
    /// Where they are paid.
    let destinations: [HostID: DestinationRow]
    /// What was last said of their payouts.
    let payees: [HostID: PayeeRow]

    /// - Parameter part: `nil` where nobody is in it.
    init(of part: PayeePart?, in transaction: borrowing Transaction) throws(StoreFault) {
        guard let part else {
            (destinations, payees) = ([:], [:])
            return
        }
        destinations = try transaction.destinations(of: part)
        payees = try transaction.payees(of: part)
    }

    init(of host: HostID, in transaction: borrowing Transaction) throws(StoreFault) {
        destinations = try transaction.destination(of: host).map { [host: $0] } ?? [:]
        payees = try transaction.payee(host).map { [host: $0] } ?? [:]
    }
}

extension PayeePart {
    /// The hosts of items or lines, which come in the order of their hosts; `nil` for none.
    init?(_ keys: [TierKey], of batch: PayoutBatchRow) {
        guard let first = keys.first, let last = keys.last else { return nil }
        self.init(of: batch, from: first.host, through: last.host)
    }
}
