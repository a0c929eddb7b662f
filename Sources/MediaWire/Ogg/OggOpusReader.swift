/// Why bytes are not an Ogg Opus file that can be sent.
public enum OggOpusFault: Error, Hashable, Sendable {
    /// No page of Ogg at the start, or the first is not an Opus identification header that RTP can carry.
    case notOggOpus
    /// The page at this byte is cut off, damaged, out of order or of another stream.
    case damagedPage(at: Int)
    /// The packet of this number, counted from 0, breaks the rules of Opus.
    case badPacket(Int)
    case noSound
}

/// An Ogg Opus file (RFC 7845) as the packets that it holds, for sending them in real time.
public struct OggOpusFile: Hashable, Sendable {
    public struct Packet: Hashable, Sendable {
        public var bytes: [UInt8]
        /// Samples at 48 kHz.
        public var sampleCount: Int

        public init(bytes: [UInt8], sampleCount: Int) {
            self.bytes = bytes
            self.sampleCount = sampleCount
        }
    }

    public let head: OpusHead
    public let packets: [Packet]
    /// Samples that play: from the first to the last granule position, less the pre-skip.
    public let playedSampleCount: Int

    /// Reads a whole file. Only one logical stream is taken: what opusenc writes, and what can be sent as one voice.
    public init(_ bytes: [UInt8]) throws(OggOpusFault) {
        var pages = OggPageWalk(bytes)
        var packets: [Packet] = []
        var head: OpusHead?
        var hasTags = false
        var firstGranule: Int64?
        var lastGranule: Int64 = 0
        while let page = try pages.next() {
            let packetsBefore = packets.count
            for bytes in pages.takePackets() {
                if head == nil {
                    guard let found = OpusHead(bytes) else { throw .notOggOpus }
                    head = found
                } else if !hasTags {
                    guard bytes.starts(with: "OpusTags".utf8) else { throw .notOggOpus }
                    hasTags = true
                } else {
                    guard let count = OpusPacket.sampleCount(bytes) else { throw .badPacket(packets.count) }
                    packets.append(Packet(bytes: bytes, sampleCount: count))
                }
            }
            guard page.granulePosition >= 0, packets.count > packetsBefore else { continue }
            lastGranule = page.granulePosition
            if firstGranule == nil {
                // A stream cut out of a live one begins later than 0; one that ends on its first page of sound may be
                // trimmed there instead (RFC 7845, sections 4.3 and 4.4).
                let onPage = packets.reduce(Int64(0)) { $0 + Int64($1.sampleCount) }
                firstGranule = page.endsStream ? 0 : max(0, page.granulePosition - onPage)
            }
        }
        guard let head else { throw .notOggOpus }
        guard !packets.isEmpty else { throw .noSound }
        self.head = head
        self.packets = packets
        playedSampleCount = max(0, Int(clamping: lastGranule - (firstGranule ?? 0)) - Int(head.preSkip))
    }
}

/// Walks the pages of one logical stream and joins what they carry into packets.
private struct OggPageWalk {
    private let bytes: [UInt8]
    private var offset = 0
    private var serialNumber: UInt32?
    private var expectedSequence: UInt32 = 0
    private var partial: [UInt8] = []
    private var isPartial = false
    private var finished: [[UInt8]] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func next() throws(OggOpusFault) -> OggPage? {
        guard offset < bytes.count else { return nil }
        guard let page = OggPage(bytes, at: offset) else {
            throw serialNumber == nil ? .notOggOpus : .damagedPage(at: offset)
        }
        let isFirst = serialNumber == nil
        guard isFirst || (page.serialNumber == serialNumber && page.sequenceNumber == expectedSequence),
            page.beginsStream == isFirst, page.continuesPacket == isPartial
        else { throw .damagedPage(at: offset) }
        serialNumber = page.serialNumber
        expectedSequence = page.sequenceNumber &+ 1
        offset += page.byteCount
        var start = 0
        for lace in page.lacing {
            partial += page.body[start..<start + Int(lace)]
            start += Int(lace)
            // 255 says: the packet goes on, on the next page if this was the last value.
            isPartial = lace == 255
            if !isPartial {
                finished.append(partial)
                partial = []
            }
        }
        return page
    }

    mutating func takePackets() -> [[UInt8]] {
        defer { finished = [] }
        return finished
    }
}
