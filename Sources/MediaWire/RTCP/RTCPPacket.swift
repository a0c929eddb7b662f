/// One RTCP packet of a datagram, seen in place (RFC 3550, section 6; RFC 4585).
public enum RTCPPacket {
    case senderReport(RTCPSenderReport)
    case receiverReport(RTCPReceiverReport)
    case sourceDescription(RTCPSourceDescription)
    case goodbye(RTCPGoodbye)
    case genericNACK(RTCPGenericNACK)
    /// A well-formed packet of a type that we do not read: its type and its first byte's five bits.
    case other(type: UInt8, count: UInt8)
}

/// Packet types (IANA registry of RTCP control packet types).
enum RTCPType {
    static let senderReport: UInt8 = 200
    static let receiverReport: UInt8 = 201
    static let sourceDescription: UInt8 = 202
    static let goodbye: UInt8 = 203
    static let transportFeedback: UInt8 = 205
    /// The feedback format of generic NACK below `transportFeedback` (RFC 4585, section 6.2.1).
    static let genericNACKFormat: UInt8 = 1
}

/// A decrypted RTCP datagram, compound (RFC 3550) or reduced-size (RFC 5506): a sequence of packets in place, without
/// allocation. One that exists is well formed as a whole; otherwise nothing of it is used.
public struct RTCPCompound: Sequence {
    /// The head of each packet.
    static let headByteCount = 4
    public let bytes: UnsafeRawBufferPointer
    /// Whether it begins with a report, as compound packets must and reduced-size ones do not.
    public let beginsWithReport: Bool

    public init?(_ bytes: UnsafeRawBufferPointer) {
        var offset = 0
        while offset < bytes.count {
            guard let next = Self.end(ofPacketAt: offset, in: bytes),
                Self.packet(in: bytes.part(offset..<next), isLast: next == bytes.count) != nil
            else { return nil }
            offset = next
        }
        guard offset > 0 else { return nil }
        self.bytes = bytes
        beginsWithReport = bytes[1] == RTCPType.senderReport || bytes[1] == RTCPType.receiverReport
    }

    public func makeIterator() -> Iterator { Iterator(bytes: bytes) }

    public struct Iterator: IteratorProtocol {
        let bytes: UnsafeRawBufferPointer
        var offset = 0

        public mutating func next() -> RTCPPacket? {
            guard offset < bytes.count, let end = RTCPCompound.end(ofPacketAt: offset, in: bytes) else { return nil }
            defer { offset = end }
            return RTCPCompound.packet(in: bytes.part(offset..<end), isLast: end == bytes.count)
        }
    }

    private static func end(ofPacketAt offset: Int, in bytes: UnsafeRawBufferPointer) -> Int? {
        guard bytes.count - offset >= headByteCount, bytes[offset] >> 6 == 2 else { return nil }
        let end = offset + 4 * (Int(bytes.bigEndian16(at: offset + 2)) + 1)
        return end <= bytes.count ? end : nil
    }

    private static func packet(in packet: UnsafeRawBufferPointer, isLast: Bool) -> RTCPPacket? {
        let count = packet[0] & 0x1F
        let type = packet[1]
        var content = packet
        if packet[0] & 0x20 != 0 {
            // Only the last packet may be padded, by a multiple of four (RFC 3550, section 6.4.1).
            let padding = Int(packet[packet.count - 1])
            guard isLast, padding > 0, padding % 4 == 0, padding <= packet.count - headByteCount else { return nil }
            content = packet.part(0..<packet.count - padding)
        }
        switch type {
        case RTCPType.senderReport: return RTCPSenderReport(content, count: Int(count)).map { .senderReport($0) }
        case RTCPType.receiverReport: return RTCPReceiverReport(content, count: Int(count)).map { .receiverReport($0) }
        case RTCPType.sourceDescription:
            return RTCPSourceDescription(content, count: Int(count)).map { .sourceDescription($0) }
        case RTCPType.goodbye: return RTCPGoodbye(content, count: Int(count)).map { .goodbye($0) }
        case RTCPType.transportFeedback where count == RTCPType.genericNACKFormat:
            return RTCPGenericNACK(content).map { .genericNACK($0) }
        default: return .other(type: type, count: count)
        }
    }
}
