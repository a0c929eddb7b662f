/// Packets behind each other in memory, as `recvmmsg` leaves them: what a packet costs is not the search for it, and what
/// is counted while they are forwarded is the relay's.
struct Arrivals {
    private(set) var bytes: [UInt8] = []
    /// Where each packet ends and the next one begins, from 0 on.
    private(set) var ends = [0]

    var count: Int { ends.count - 1 }

    mutating func append(_ packet: some Sequence<UInt8>) {
        bytes += packet
        ends.append(bytes.count)
    }

    subscript(packets: Range<Int>) -> Arrivals {
        var part = Arrivals()
        for packet in packets { part.append(bytes[ends[packet]..<ends[packet + 1]]) }
        return part
    }
}
