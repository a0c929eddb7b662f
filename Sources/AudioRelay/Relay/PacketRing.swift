/// The plain packets that a slot forwarded last, for listeners that ask for one again.
///
/// Bounded in packets (128, which is 2.5 s of one voice: later than any player waits) and in bytes. The header's parts
/// are kept, so that a packet sent again is the same packet to the byte.
struct PacketRing {
    /// What all listeners' headers of one packet share.
    struct Entry {
        var index: UInt64 = .max
        var timestamp: UInt32 = 0
        var participant: UInt32 = 0
        var level: UInt8 = 127
        var hasMarker = false
        fileprivate var start: UInt64 = 0
        fileprivate(set) var byteCount = 0
    }

    private static let entryCount = 128
    private static let capacity = 32_768

    private var entries: [Entry]
    private var bytes: [UInt8]
    /// Bytes ever written, counting those left out at the end of the block.
    private var written: UInt64 = 0

    init() {
        entries = [Entry](repeating: Entry(), count: Self.entryCount)
        bytes = [UInt8](repeating: 0, count: Self.capacity)
    }

    mutating func keep(_ entry: Entry, payload: UnsafeBufferPointer<UInt8>) {
        guard let source = payload.baseAddress, payload.count <= Self.capacity / 4 else { return }
        let position = Int(written % UInt64(Self.capacity))
        if position + payload.count > Self.capacity { written += UInt64(Self.capacity - position) }
        var entry = entry
        entry.start = written
        entry.byteCount = payload.count
        let offset = Int(written % UInt64(Self.capacity))
        bytes.withUnsafeMutableBufferPointer { bytes in
            // The block is never empty, and the payload fits behind `offset`.
            (bytes.baseAddress! + offset).update(from: source, count: payload.count)
        }
        written += UInt64(payload.count)
        entries[Int(entry.index % UInt64(Self.entryCount))] = entry
    }

    /// Hands over the packet of an index, if it is still here.
    func withPacket(_ index: UInt64, _ body: (Entry, UnsafeBufferPointer<UInt8>) -> Void) -> Bool {
        let entry = entries[Int(index % UInt64(Self.entryCount))]
        guard entry.index == index, written - entry.start <= UInt64(Self.capacity) else { return false }
        let offset = Int(entry.start % UInt64(Self.capacity))
        bytes.withUnsafeBufferPointer {
            body(entry, UnsafeBufferPointer(rebasing: $0[offset..<offset + entry.byteCount]))
        }
        return true
    }
}
