internal import Store
internal import Values

/// What is known now of the hosts of a part of a batch, read at once and not host by host.
struct PeopleOfPart {
    /// Where they are paid.
    let destinations: [HostID: DestinationRow]
    /// What was last said of their payouts.
    let payees: [HostID: PayeeRow]

    init(of hosts: [HostID], in transaction: borrowing Transaction) throws(StoreFault) {
        guard let (first, last) = Self.bounds(of: hosts) else {
            (destinations, payees) = ([:], [:])
            return
        }
        destinations = try transaction.destinations(from: first, through: last)
        payees = try transaction.payees(from: first, through: last)
    }

    /// The first and the last of hosts, which come in the order of their ids.
    static func bounds(of hosts: [HostID]) -> (first: String, last: String)? {
        guard let first = hosts.first, let last = hosts.last else { return nil }
        return (first.text, last.text)
    }
}
