/// Writes an RTP header into the caller's buffer, without allocation: first contributing sources, then extension
/// elements; the payload goes behind `finish()`.
///
/// What does not fit, comes in the wrong order or breaks the form's limits makes `finish` return `nil`.
public struct RTPHeaderWriter: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private let form: RTPExtensionForm
    private var count = RTPHeader.minimumByteCount
    private var csrcCount: UInt8 = 0
    /// Where the extension's four-byte head lies; 0 as long as there is none.
    private var extensionHead = 0
    private var hasFailed: Bool

    /// - Parameters:
    ///   - hasPadding: the caller appends the padding behind the payload.
    ///   - form: `.oneByte` unless an id above 14 or a value of more than 16 bytes is to come.
    public init(
        _ buffer: UnsafeMutableRawBufferPointer, marker: Bool, payloadType: UInt8, sequenceNumber: UInt16,
        timestamp: UInt32, ssrc: UInt32, hasPadding: Bool = false, form: RTPExtensionForm = .oneByte
    ) {
        self.buffer = buffer
        self.form = form
        hasFailed = buffer.count < RTPHeader.minimumByteCount
        guard !hasFailed else { return }
        buffer[0] = 0x80 | (hasPadding ? 0x20 : 0)
        buffer[1] = (marker ? 0x80 : 0) | payloadType & 0x7F
        buffer.store(bigEndian: sequenceNumber, at: 2)
        buffer.store(bigEndian: timestamp, at: 4)
        buffer.store(bigEndian: ssrc, at: 8)
    }

    public mutating func append(csrc: UInt32) {
        guard !hasFailed, extensionHead == 0, csrcCount < 15, count + 4 <= buffer.count else { return hasFailed = true }
        buffer.store(bigEndian: csrc, at: count)
        count += 4
        csrcCount += 1
        buffer[0] = buffer[0] & 0xF0 | csrcCount
    }

    /// The audio level (RFC 6464) under the negotiated id.
    public mutating func append(audioLevel: AudioLevel, id: UInt8) {
        guard let offset = reserveElement(id: id, count: 1) else { return }
        buffer[offset] = audioLevel.wire
    }

    public mutating func append(elementID id: UInt8, _ value: UnsafeRawBufferPointer) {
        guard let offset = reserveElement(id: id, count: value.count) else { return }
        buffer.copy(value, to: offset)
    }

    /// The bytes of the header, the extension padded to a multiple of four; or `nil`.
    public consuming func finish() -> Int? {
        guard !hasFailed else { return nil }
        guard extensionHead > 0 else { return count }
        let end = (count + 3) & ~3
        guard end <= buffer.count else { return nil }
        while count < end {
            buffer[count] = 0
            count += 1
        }
        buffer.store(bigEndian: UInt16(truncatingIfNeeded: (end - extensionHead - 4) / 4), at: extensionHead + 2)
        return end
    }

    private mutating func reserveElement(id: UInt8, count valueCount: Int) -> Int? {
        let head: Int
        switch form {
        case .oneByte:
            guard (1...14).contains(id), (1...16).contains(valueCount) else { return fail() }
            head = 1
        case .twoByte:
            guard id > 0, valueCount <= 255 else { return fail() }
            head = 2
        case .other: return fail()
        }
        let opening = extensionHead == 0 ? 4 : 0
        // 65,535 words is what the length can say; the buffer is always smaller in practice.
        guard !hasFailed, count + opening + head + valueCount <= min(buffer.count, 4 * 65_535) else { return fail() }
        if opening > 0 {
            extensionHead = count
            buffer[0] = buffer[0] | 0x10
            buffer.store(bigEndian: form.profile, at: count)
            count += 4
        }
        if head == 1 {
            buffer[count] = id << 4 | UInt8(truncatingIfNeeded: valueCount - 1)
        } else {
            buffer[count] = id
            buffer[count + 1] = UInt8(truncatingIfNeeded: valueCount)
        }
        let offset = count + head
        count = offset + valueCount
        return offset
    }

    private mutating func fail() -> Int? {
        hasFailed = true
        return nil
    }
}
