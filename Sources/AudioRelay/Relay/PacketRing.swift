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
        /// RTP padding at the end of the payload (RFC 3550, section 5.1), its own length in its last byte.
        fileprivate(set) var padding: UInt8 = 0
        /// Whether its bytes are final. What still waits must not be sent on request: padded later, one packet index
        /// would have been sealed with two contents, which gives away the key of GCM's tags.
        fileprivate(set) var isFinal = true
        fileprivate var start: UInt64 = 0
        /// Padding included.
        fileprivate(set) var byteCount = 0

        /// For a packet that is sent without coming from the ring.
        mutating func measure(_ payload: UnsafeBufferPointer<UInt8>) { byteCount = payload.count }
    }

    private static let entryCount = 128
    private static let capacity = 32_768

    private var entries: [Entry] = []
    private var bytes: [UInt8] = []
    /// Bytes ever written, counting those left out at the end of the block.
    private var written: UInt64 = 0

    /// Keeps a packet. Memory is taken with the first one: most slots of most rooms are never spoken in.
    ///
    /// - Parameter waits: it is not sent yet and may still be padded by as many bytes.
    mutating func keep(_ entry: Entry, payload: UnsafeBufferPointer<UInt8>, waits spare: Int? = nil) {
        guard let source = payload.baseAddress else { return }
        keep(entry, capacity: payload.count, waits: spare) { room in
            room.baseAddress?.update(from: source, count: payload.count)
            return payload.count
        }
    }

    /// Keeps a packet of at most `capacity` bytes that `write` writes; it returns how many they are.
    mutating func keep(
        _ entry: Entry, capacity: Int, waits spare: Int? = nil,
        _ write: (UnsafeMutableBufferPointer<UInt8>) -> Int
    ) {
        let room = capacity + (spare ?? 0)
        guard room <= Self.capacity / 4 else { return }
        if entries.isEmpty {
            entries = [Entry](repeating: Entry(), count: Self.entryCount)
            bytes = [UInt8](repeating: 0, count: Self.capacity)
        }
        let position = Int(written % UInt64(Self.capacity))
        if position + room > Self.capacity { written += UInt64(Self.capacity - position) }
        var entry = entry
        entry.start = written
        let offset = Int(written % UInt64(Self.capacity))
        entry.byteCount = bytes.withUnsafeMutableBufferPointer { bytes in
            write(UnsafeMutableBufferPointer(rebasing: bytes[offset..<offset + capacity]))
        }
        entry.isFinal = spare == nil
        written += UInt64(entry.byteCount + (spare ?? 0))
        entries[Int(entry.index % UInt64(Self.entryCount))] = entry
    }

    /// How long a packet is, if it is still here; zero otherwise.
    func byteCount(_ index: UInt64) -> Int {
        guard let position = position(index) else { return 0 }
        return entries[position].byteCount
    }

    /// Pads a packet that waited and makes it final: from now on its bytes never change.
    mutating func finish(_ index: UInt64, padding: UInt8) {
        guard let position = position(index), !entries[position].isFinal else { return }
        entries[position].isFinal = true
        guard padding > 0 else { return }
        let end = Int(entries[position].start % UInt64(Self.capacity)) + entries[position].byteCount
        for offset in end..<end + Int(padding) { bytes[offset] = 0 }
        bytes[end + Int(padding) - 1] = padding
        entries[position].padding = padding
        entries[position].byteCount += Int(padding)
    }

    /// Hands over the packet of an index, if it is still here.
    func withPacket(_ index: UInt64, _ body: (Entry, UnsafeBufferPointer<UInt8>) -> Void) -> Bool {
        guard let position = position(index) else { return false }
        let entry = entries[position]
        let offset = Int(entry.start % UInt64(Self.capacity))
        bytes.withUnsafeBufferPointer {
            body(entry, UnsafeBufferPointer(rebasing: $0[offset..<offset + entry.byteCount]))
        }
        return true
    }

    private func position(_ index: UInt64) -> Int? {
        guard !entries.isEmpty else { return nil }
        let position = Int(index % UInt64(Self.entryCount))
        let entry = entries[position]
        return entry.index == index && written - entry.start <= UInt64(Self.capacity) ? position : nil
    }
}
