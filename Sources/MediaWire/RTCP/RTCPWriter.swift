/// Writes an RTCP datagram into the caller's buffer, packet by packet, without allocation.
///
/// `appendReportBlock` adds to the report begun last, `append(lost:)` to the NACK begun last. What does not fit makes
/// `finish` return `nil`.
public struct RTCPWriter: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0
    private var packetStart = 0
    private var hasFailed = false

    public init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// The bytes of the datagram, or `nil` when something did not fit.
    public consuming func finish() -> Int? { hasFailed ? nil : count }

    public mutating func appendSenderReport(ssrc: UInt32, _ status: RTCPSenderStatus) {
        guard let offset = begin(RTCPType.senderReport, count: 0, contentByteCount: 24) else { return }
        buffer.store(bigEndian: ssrc, at: offset)
        buffer.store(bigEndian: status.ntpTime.rawValue, at: offset + 4)
        buffer.store(bigEndian: status.rtpTimestamp, at: offset + 12)
        buffer.store(bigEndian: status.packetCount, at: offset + 16)
        buffer.store(bigEndian: status.octetCount, at: offset + 20)
    }

    public mutating func appendReceiverReport(ssrc: UInt32) {
        guard let offset = begin(RTCPType.receiverReport, count: 0, contentByteCount: 4) else { return }
        buffer.store(bigEndian: ssrc, at: offset)
    }

    /// One more block, at most 31, for the report begun last.
    public mutating func appendReportBlock(_ block: RTCPReportBlock) {
        guard !hasFailed, count > packetStart,
            buffer[packetStart + 1] == RTCPType.senderReport || buffer[packetStart + 1] == RTCPType.receiverReport,
            buffer[packetStart] & 0x1F < 31, let offset = extend(by: RTCPReportBlock.byteCount)
        else { return hasFailed = true }
        buffer[packetStart] = buffer[packetStart] + 1
        block.write(to: buffer, at: offset)
    }

    /// SDES with one chunk; `cname` of at most 255 bytes.
    public mutating func appendSourceDescription(ssrc: UInt32, cname: UnsafeRawBufferPointer) {
        // Source, item type, length, text, and at least one zero byte up to the next multiple of four.
        let contentByteCount = (4 + 2 + cname.count + 4) & ~3
        guard cname.count <= 255,
            let offset = begin(RTCPType.sourceDescription, count: 1, contentByteCount: contentByteCount)
        else { return hasFailed = true }
        buffer.store(bigEndian: ssrc, at: offset)
        buffer[offset + 4] = RTCPSourceDescription.cnameItem
        buffer[offset + 5] = UInt8(truncatingIfNeeded: cname.count)
        buffer.copy(cname, to: offset + 6)
        for index in offset + 6 + cname.count..<offset + contentByteCount { buffer[index] = 0 }
    }

    /// BYE of one source, without a reason.
    public mutating func appendGoodbye(ssrc: UInt32) {
        guard let offset = begin(RTCPType.goodbye, count: 1, contentByteCount: 4) else { return }
        buffer.store(bigEndian: ssrc, at: offset)
    }

    /// A NACK without entries yet; `append(lost:)` must follow.
    public mutating func appendGenericNACK(senderSSRC: UInt32, mediaSSRC: UInt32) {
        let format = RTCPType.genericNACKFormat
        guard let offset = begin(RTCPType.transportFeedback, count: format, contentByteCount: 8) else { return }
        buffer.store(bigEndian: senderSSRC, at: offset)
        buffer.store(bigEndian: mediaSSRC, at: offset + 4)
    }

    /// A lost sequence number for the NACK begun last; ascending ones share an entry where they can.
    public mutating func append(lost sequenceNumber: UInt16) {
        guard !hasFailed, count > packetStart, buffer[packetStart + 1] == RTCPType.transportFeedback else {
            return hasFailed = true
        }
        if count > packetStart + 12 {
            let last = UnsafeRawBufferPointer(buffer).part(count - 4..<count)
            let distance = sequenceNumber &- last.bigEndian16(at: 0)
            if distance == 0 { return }
            if distance <= 16 {
                let mask = last.bigEndian16(at: 2) | 1 << (distance - 1)
                return buffer.store(bigEndian: mask, at: count - 2)
            }
        }
        guard let offset = extend(by: 4) else { return }
        buffer.store(bigEndian: sequenceNumber, at: offset)
        buffer.store(bigEndian: UInt16(0), at: offset + 2)
    }

    private mutating func begin(_ type: UInt8, count itemCount: UInt8, contentByteCount: Int) -> Int? {
        guard !hasFailed, count + RTCPCompound.headByteCount + contentByteCount <= buffer.count else {
            hasFailed = true
            return nil
        }
        packetStart = count
        buffer[count] = 0x80 | itemCount
        buffer[count + 1] = type
        buffer.store(bigEndian: UInt16(truncatingIfNeeded: contentByteCount / 4), at: count + 2)
        count += RTCPCompound.headByteCount + contentByteCount
        return packetStart + RTCPCompound.headByteCount
    }

    /// Makes room at the end of the packet begun last and keeps its length right.
    private mutating func extend(by byteCount: Int) -> Int? {
        let end = count + byteCount
        guard !hasFailed, end <= buffer.count, (end - packetStart) / 4 - 1 <= Int(UInt16.max) else {
            hasFailed = true
            return nil
        }
        defer { count = end }
        buffer.store(bigEndian: UInt16(truncatingIfNeeded: (end - packetStart) / 4 - 1), at: packetStart + 2)
        return count
    }
}
