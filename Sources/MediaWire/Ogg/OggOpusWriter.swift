/// Writes Opus packets as an Ogg Opus stream (RFC 7845): bytes come out page by page, so that a long recording
/// never lies in memory.
///
/// Pages close at one second of sound or 255 lacing values, whichever comes first. `finish` marks the end.
public struct OggOpusWriter: Sendable {
    /// Sound held back at most: a reader of a growing file is a second behind.
    private static let samplesPerPage = OpusPacket.clockRate

    private let serialNumber: UInt32
    private var sequenceNumber: UInt32 = 0
    private var granule: Int64 = 0
    private var samplesOnPage = 0
    /// What remains of gaps, less than the shortest frame.
    private var owedSamples = 0
    /// The first byte of the packet written last.
    private var lastHead: UInt8
    private var lacing: [UInt8] = []
    private var body: [UInt8] = []
    private var header: [UInt8]?

    /// - Parameters:
    ///   - serialNumber: any number that tells this stream from others in a file.
    ///   - vendor: goes into the comment header; names the writer.
    public init(head: OpusHead, serialNumber: UInt32, vendor: String) {
        self.serialNumber = serialNumber
        lastHead = 31 << 3 | (head.channels == 2 ? 0x04 : 0)
        var tags = Array("OpusTags".utf8)
        tags.appendLittleEndian(UInt32(vendor.utf8.count))
        tags += vendor.utf8
        tags.appendLittleEndian(UInt32(0))
        var bytes: [UInt8] = []
        for (index, packet) in [head.bytes, tags].enumerated() {
            var page = OggPage()
            page.beginsStream = index == 0
            page.serialNumber = serialNumber
            page.sequenceNumber = UInt32(index)
            page.lacing = Self.lacing(of: packet.count)
            page.body = packet
            bytes += page.bytes
        }
        sequenceNumber = 2
        header = bytes
    }

    /// Adds a packet; returns the pages that are complete now, often none.
    ///
    /// A packet that breaks the rules of Opus, or is longer than a page, is not written; the answer says so by `nil`.
    public mutating func append(_ packet: [UInt8]) -> [UInt8]? {
        let laces = Self.lacing(of: packet.count)
        guard let samples = OpusPacket.sampleCount(packet), laces.count <= 255 else { return nil }
        var out = takeHeader()
        if lacing.count + laces.count > 255 || samplesOnPage + samples > Self.samplesPerPage {
            out += page(last: false)
        }
        lacing += laces
        body += packet
        lastHead = packet[0]
        granule += Int64(samples)
        samplesOnPage += samples
        return out
    }

    /// Fills a gap of so many samples with packets without frames, which ask the decoder to conceal: what RFC 7845,
    /// section 4.1, wants for lost or silent stretches, so that the recording keeps its time in every player.
    ///
    /// What is left below 2.5 ms is added to the next gap. Beyond one hour (a time stamp gone wrong) nothing is written.
    public mutating func skip(samples: Int) -> [UInt8] {
        let bounded = max(0, min(samples, 3_600 * OpusPacket.clockRate))
        owedSamples += bounded
        var out = takeHeader()
        // The last packet's own configuration first: a decoder conceals best without a change of mode; then 20, 10, 5
        // and 2.5 ms of full-band CELT for the rest.
        let stereo = lastHead & 0x04
        for head in [lastHead & 0xFC] + [31, 30, 29, 28].map({ $0 << 3 | stereo }) {
            guard let frame = OpusPacket.sampleCount([head]) else { continue }
            while owedSamples >= frame {
                owedSamples -= frame
                out += append([head]) ?? []
            }
        }
        return out
    }

    /// The last page, marked as the end of the stream.
    public mutating func finish() -> [UInt8] { takeHeader() + page(last: true) }

    private mutating func takeHeader() -> [UInt8] {
        defer { header = nil }
        return header ?? []
    }

    private mutating func page(last: Bool) -> [UInt8] {
        var page = OggPage()
        page.endsStream = last
        // Without a packet that ends on it a page has no position; so ends a recording of nothing.
        page.granulePosition = lacing.isEmpty ? -1 : granule
        page.serialNumber = serialNumber
        page.sequenceNumber = sequenceNumber
        page.lacing = lacing
        page.body = body
        sequenceNumber &+= 1
        lacing = []
        body = []
        samplesOnPage = 0
        return page.bytes
    }

    /// Lacing values of one packet: 255 for each full part, then the rest, which may be 0.
    private static func lacing(of count: Int) -> [UInt8] {
        Array(repeating: 255, count: count / 255) + [UInt8(count % 255)]
    }
}
