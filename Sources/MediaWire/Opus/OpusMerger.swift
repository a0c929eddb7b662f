/// Puts the frames of consecutive Opus packets into one packet (RFC 6716, section 3.2): no transcoding, the frames are
/// the same to the byte and play the same.
///
/// Only packets of one configuration (mode, bandwidth, frame size, stereo) go together. Padding is left out. After its
/// first packet it allocates nothing.
public struct OpusMerger: Sendable {
    /// 60 ms in frames of 2.5 ms: no listener is asked to wait for more.
    public static let maximumFrames = 24

    private let capacity: Int
    private var toc: UInt8 = 0
    private var samplesPerFrame = 0
    private var lengths = InlineArray<24, UInt16>(repeating: 0)
    private var bytes: [UInt8] = []
    /// Frames so far.
    public private(set) var frameCount = 0

    /// - Parameter capacity: what the merged packet has at most, in bytes.
    public init(capacity: Int) { self.capacity = capacity }

    public var isEmpty: Bool { frameCount == 0 }
    /// Samples at 48 kHz so far.
    public var sampleCount: Int { frameCount * samplesPerFrame }
    /// No less than what ``write(to:)`` writes: TOC, frame count and two bytes a length before the frames.
    public var maximumBytes: Int { 2 + 2 * frameCount + bytes.count }

    /// Takes the frames of a packet, if they go with those before and the whole plays `maximumSamples` at most.
    ///
    /// - Returns: false for a packet that is broken or does not fit; nothing has changed then.
    public mutating func append(_ packet: UnsafeRawBufferPointer, maximumSamples: Int) -> Bool {
        guard let frames = OpusFrames(packet) else { return false }
        let count = frameCount + frames.count
        guard isEmpty || (frames.toc ^ toc) & 0xFC == 0, count <= Self.maximumFrames,
            count * frames.samplesPerFrame <= maximumSamples,
            2 + 2 * count + bytes.count + frames.byteCount <= capacity
        else { return false }
        if bytes.capacity < capacity { bytes.reserveCapacity(capacity) }
        toc = frames.toc
        samplesPerFrame = frames.samplesPerFrame
        for frame in 0..<frames.count { lengths[frameCount + frame] = UInt16(frames.length(frame)) }
        frameCount = count
        bytes.append(contentsOf: packet[frames.start..<frames.start + frames.byteCount])
        return true
    }

    /// Writes the merged packet, in the shortest of the four forms.
    ///
    /// - Parameter buffer: room for ``maximumBytes``.
    /// - Returns: the packet's length.
    public func write(to buffer: UnsafeMutableRawBufferPointer) -> Int {
        precondition(!isEmpty && buffer.count >= maximumBytes, "There is something to write and room for it.")
        var isConstant = true
        for frame in 1..<max(1, frameCount) where lengths[frame] != lengths[0] { isConstant = false }
        var count = 1
        var listed = 0
        switch frameCount {
        case 1: buffer[0] = toc & 0xFC
        case 2 where isConstant: buffer[0] = toc & 0xFC | 1
        case 2:
            buffer[0] = toc & 0xFC | 2
            listed = 1
        default:
            buffer[0] = toc & 0xFC | 3
            buffer[1] = UInt8(truncatingIfNeeded: frameCount) | (isConstant ? 0 : 0x80)
            count = 2
            listed = isConstant ? 0 : frameCount - 1
        }
        for frame in 0..<listed { count += Self.write(length: lengths[frame], at: count, to: buffer) }
        bytes.withUnsafeBytes { buffer.copy($0, to: count) }
        return count + bytes.count
    }

    /// Forgets the frames and keeps the memory.
    public mutating func removeAll() {
        frameCount = 0
        bytes.removeAll(keepingCapacity: true)
    }

    private static func write(length: UInt16, at offset: Int, to buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard length >= 252 else {
            buffer[offset] = UInt8(truncatingIfNeeded: length)
            return 1
        }
        // 252 to 255, so that the rest is a multiple of four.
        let first = 252 + (length & 3)
        buffer[offset] = UInt8(truncatingIfNeeded: first)
        buffer[offset + 1] = UInt8(truncatingIfNeeded: (length - first) / 4)
        return 2
    }
}
