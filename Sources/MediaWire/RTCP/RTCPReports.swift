/// One reception report block (RFC 3550, section 6.4.1).
public struct RTCPReportBlock: Hashable, Sendable {
    static let byteCount = 24

    /// The source that the report is about.
    public var ssrc: UInt32
    /// Lost since the last report, in 256ths.
    public var fractionLost: UInt8
    /// Lost since the beginning; 24 bits, signed, since duplicates count as negative loss.
    public var cumulativeLost: Int32
    /// Cycles of the sequence number in the upper 16 bits, the highest one received in the lower.
    public var extendedHighestSequenceNumber: UInt32
    /// Interarrival jitter in units of the RTP clock.
    public var jitter: UInt32
    /// The middle of the last sender report's NTP time; 0 before the first.
    public var lastSenderReport: UInt32
    /// Since that report, in 65,536ths of a second.
    public var delaySinceLastSenderReport: UInt32

    public init(
        ssrc: UInt32, fractionLost: UInt8, cumulativeLost: Int32, extendedHighestSequenceNumber: UInt32,
        jitter: UInt32, lastSenderReport: UInt32, delaySinceLastSenderReport: UInt32
    ) {
        self.ssrc = ssrc
        self.fractionLost = fractionLost
        self.cumulativeLost = max(-0x80_0000, min(0x7F_FFFF, cumulativeLost))
        self.extendedHighestSequenceNumber = extendedHighestSequenceNumber
        self.jitter = jitter
        self.lastSenderReport = lastSenderReport
        self.delaySinceLastSenderReport = delaySinceLastSenderReport
    }

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int) {
        ssrc = bytes.bigEndian32(at: offset)
        fractionLost = bytes[offset + 4]
        // The 24 bits are shifted up and back, which carries the sign.
        cumulativeLost = Int32(bitPattern: bytes.bigEndian32(at: offset + 4) << 8) >> 8
        extendedHighestSequenceNumber = bytes.bigEndian32(at: offset + 8)
        jitter = bytes.bigEndian32(at: offset + 12)
        lastSenderReport = bytes.bigEndian32(at: offset + 16)
        delaySinceLastSenderReport = bytes.bigEndian32(at: offset + 20)
    }

    func write(to buffer: UnsafeMutableRawBufferPointer, at offset: Int) {
        buffer.store(bigEndian: ssrc, at: offset)
        buffer.store(
            bigEndian: UInt32(fractionLost) << 24 | UInt32(bitPattern: cumulativeLost) & 0xFF_FFFF, at: offset + 4)
        buffer.store(bigEndian: extendedHighestSequenceNumber, at: offset + 8)
        buffer.store(bigEndian: jitter, at: offset + 12)
        buffer.store(bigEndian: lastSenderReport, at: offset + 16)
        buffer.store(bigEndian: delaySinceLastSenderReport, at: offset + 20)
    }
}

/// The report blocks of a report, read as they are asked for.
public struct RTCPReportBlocks: RandomAccessCollection {
    let bytes: UnsafeRawBufferPointer
    let firstOffset: Int
    public let count: Int

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }

    public subscript(index: Int) -> RTCPReportBlock {
        precondition(index >= 0 && index < count, "a report block beyond the report")
        return RTCPReportBlock(bytes, at: firstOffset + index * RTCPReportBlock.byteCount)
    }

    init?(_ bytes: UnsafeRawBufferPointer, at offset: Int, count: Int) {
        guard offset + count * RTCPReportBlock.byteCount <= bytes.count else { return nil }
        self.bytes = bytes
        firstOffset = offset
        self.count = count
    }
}

/// What a sender says about its own stream (RFC 3550, section 6.4.1).
public struct RTCPSenderStatus: Hashable, Sendable {
    public var ntpTime: NTPTimestamp
    /// The RTP time stamp of the same moment.
    public var rtpTimestamp: UInt32
    public var packetCount: UInt32
    /// Bytes of payload, headers and padding left out.
    public var octetCount: UInt32

    public init(ntpTime: NTPTimestamp, rtpTimestamp: UInt32, packetCount: UInt32, octetCount: UInt32) {
        self.ntpTime = ntpTime
        self.rtpTimestamp = rtpTimestamp
        self.packetCount = packetCount
        self.octetCount = octetCount
    }
}

/// SR (RFC 3550, section 6.4.1).
public struct RTCPSenderReport {
    public let ssrc: UInt32
    public let status: RTCPSenderStatus
    public let blocks: RTCPReportBlocks

    init?(_ packet: UnsafeRawBufferPointer, count: Int) {
        guard packet.count >= 28, let blocks = RTCPReportBlocks(packet, at: 28, count: count) else { return nil }
        ssrc = packet.bigEndian32(at: 4)
        status = RTCPSenderStatus(
            ntpTime: NTPTimestamp(rawValue: packet.bigEndian64(at: 8)), rtpTimestamp: packet.bigEndian32(at: 16),
            packetCount: packet.bigEndian32(at: 20), octetCount: packet.bigEndian32(at: 24))
        self.blocks = blocks
    }
}

/// RR (RFC 3550, section 6.4.2).
public struct RTCPReceiverReport {
    public let ssrc: UInt32
    public let blocks: RTCPReportBlocks

    init?(_ packet: UnsafeRawBufferPointer, count: Int) {
        guard packet.count >= 8, let blocks = RTCPReportBlocks(packet, at: 8, count: count) else { return nil }
        ssrc = packet.bigEndian32(at: 4)
        self.blocks = blocks
    }
}
