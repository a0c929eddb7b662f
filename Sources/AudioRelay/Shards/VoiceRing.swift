internal import Synchronization

/// Carries the opened packets of speakers from one relay to another: a bounded ring of bytes that one thread fills and
/// one other empties, without locks and without allocation.
///
///     relay of the speaker ──put──▶ ┌ taken ░░░░░░░ written ┐ ──next──▶ relay of listeners elsewhere
///                                   └────────────────────────┘
///
/// A voice that finds no room is dropped and counted by the relay that wanted to put it: the other one is late by more
/// than a second of such packets then, and sound that old is worth nothing. Word that somebody fell silent may use the
/// last part of the ring too, which voices leave free.
///
/// Cost: a copy of some 170 bytes and two atomic words, about 50 ns on either side.
///
/// `@unchecked Sendable`: bytes between `taken` and `written` belong to the reader and the others to the writer; each of
/// the two numbers is written by one side only, with release, after it is done with the bytes that it gives away. That
/// there is one writer and one reader is what whoever connects relays sees to.
public final class VoiceRing: @unchecked Sendable {
    /// What is told of a packet besides its payload; or that a speaker fell silent.
    struct Record {
        enum Kind: UInt8 { case skip, voice, silenced }

        /// The whole record, payload included, a multiple of 8.
        var byteCount: UInt32 = 0
        var kind = Kind.skip
        var isHost = false
        var hasMarker = false
        var isVoice = false
        var level: UInt8 = 127
        var payloadBytes: UInt16 = 0
        var participant: UInt32 = 0
        var timestamp: UInt32 = 0
        var score: Int32 = 0
        var room: UInt64 = 0
        var speaker: UInt64 = 0
        var index: UInt64 = 0
        /// When the packet came to its relay, in nanoseconds of the clock that all media threads share.
        var arrivedAt: UInt64 = 0
    }

    /// Held free for word of silence: 256 records of it.
    private static let reserveBytes = 256 * recordBytes
    private static let recordBytes = (MemoryLayout<Record>.size + 7) & ~7

    private let block: UnsafeMutableRawBufferPointer
    /// Bytes ever written and ever taken. The words between them keep the two on cache lines of their own.
    private let written = Atomic<UInt64>(0)
    private let gap = InlineArray<16, UInt64>(repeating: 0)
    private let taken = Atomic<UInt64>(0)

    /// - Parameter bytes: a power of two. 256 KiB are about 1,500 packets: ten rooms of three voices for a second.
    public init(bytes: Int = 1 << 18) {
        precondition(
            bytes.nonzeroBitCount == 1 && bytes >= 4 * Self.reserveBytes, "A ring is a power of two, and roomy.")
        // Untouched pages cost nothing: a ring between relays that share no room stays empty.
        block = .allocate(byteCount: bytes, alignment: 64)
    }

    deinit { block.deallocate() }

    /// Whether the reader has taken all.
    ///
    /// In one order with every thread's other atomic words, so that a reader which says that it will sleep, and then
    /// sees an empty ring, is woken by whoever fills it.
    public var isEmpty: Bool {
        written.load(ordering: .sequentiallyConsistent) == taken.load(ordering: .sequentiallyConsistent)
    }

    // MARK: The writer

    /// - Returns: false when there is no room.
    func put(_ record: Record, _ payload: UnsafeBufferPointer<UInt8>) -> Bool {
        let size = (Self.recordBytes + payload.count + 7) & ~7
        let end = written.load(ordering: .relaxed)
        let position = Int(end & UInt64(block.count - 1))
        // A record lies in one piece: what is left at the end of the block is skipped.
        let skipped = position + size > block.count ? block.count - position : 0
        let reserve = record.kind == .voice ? Self.reserveBytes : 0
        let used = Int(end &- taken.load(ordering: .acquiring))
        guard used + skipped + size + reserve <= block.count else { return false }
        // Sizes are multiples of 8, so there is always room for the mark.
        if skipped > 0 { block.storeBytes(of: 0, toByteOffset: position, as: UInt64.self) }
        let start = skipped > 0 ? 0 : position
        var record = record
        record.byteCount = UInt32(size)
        record.payloadBytes = UInt16(payload.count)
        block.storeBytes(of: record, toByteOffset: start, as: Record.self)
        if let source = payload.baseAddress, let base = block.baseAddress {
            (base + start + Self.recordBytes).copyMemory(from: source, byteCount: payload.count)
        }
        written.store(end &+ UInt64(skipped + size), ordering: .sequentiallyConsistent)
        return true
    }

    // MARK: The reader

    /// The oldest record, where it lies; it stays there until ``drop(_:)``.
    func next() -> (record: Record, payload: UnsafeBufferPointer<UInt8>)? {
        var begin = taken.load(ordering: .relaxed)
        while begin != written.load(ordering: .acquiring) {
            let position = Int(begin & UInt64(block.count - 1))
            // The first word of a record is never zero: its size is in it.
            guard block.load(fromByteOffset: position, as: UInt64.self) != 0, let base = block.baseAddress else {
                begin &+= UInt64(block.count - position)
                taken.store(begin, ordering: .releasing)
                continue
            }
            let record = block.load(fromByteOffset: position, as: Record.self)
            let payload = UnsafePointer((base + position + Self.recordBytes).assumingMemoryBound(to: UInt8.self))
            return (record, UnsafeBufferPointer(start: payload, count: Int(record.payloadBytes)))
        }
        return nil
    }

    /// Gives the bytes of the oldest record back.
    func drop(_ record: Record) {
        taken.store(taken.load(ordering: .relaxed) &+ UInt64(record.byteCount), ordering: .releasing)
    }
}
