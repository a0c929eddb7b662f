/// The header of an RTP packet (RFC 3550, section 5.1), read without copying or allocating.
///
/// A plain value of numbers and offsets into the packet: it also serves for SRTP, whose header and extensions are in
/// the clear while payload and padding are not. Offsets are proven to lie inside the packet it was read from.
public struct RTPHeader: Hashable, Sendable {
    /// The fixed part.
    public static let minimumByteCount = 12

    public let marker: Bool
    /// 0 to 127.
    public let payloadType: UInt8
    public let sequenceNumber: UInt16
    public let timestamp: UInt32
    public let ssrc: UInt32
    /// How many contributing sources follow, 0 to 15.
    public let csrcCount: Int
    /// The padding bit; how much padding there is only the decrypted last byte tells: `payloadRange(in:)`.
    public let hasPadding: Bool
    /// How the extension's elements are written; `nil` without extension.
    public let extensionForm: RTPExtensionForm?
    /// The elements of the header extension, without its four-byte head; empty without extension.
    public let extensionRange: Range<Int>
    /// All bytes in front of the payload.
    public var byteCount: Int {
        extensionForm == nil ? Self.minimumByteCount + 4 * csrcCount : extensionRange.upperBound
    }

    /// Reads a datagram's header; `nil` when it is not version 2 or reaches beyond the datagram.
    public init?(_ packet: UnsafeRawBufferPointer) {
        guard packet.count >= Self.minimumByteCount, packet[0] >> 6 == 2 else { return nil }
        let first = packet[0]
        let second = packet[1]
        marker = second & 0x80 != 0
        payloadType = second & 0x7F
        sequenceNumber = packet.bigEndian16(at: 2)
        timestamp = packet.bigEndian32(at: 4)
        ssrc = packet.bigEndian32(at: 8)
        hasPadding = first & 0x20 != 0
        csrcCount = Int(first & 0x0F)
        let afterCSRC = Self.minimumByteCount + 4 * csrcCount
        guard packet.count >= afterCSRC else { return nil }
        guard first & 0x10 != 0 else {
            extensionForm = nil
            extensionRange = afterCSRC..<afterCSRC
            return
        }
        guard packet.count >= afterCSRC + 4 else { return nil }
        let start = afterCSRC + 4
        let end = start + 4 * Int(packet.bigEndian16(at: afterCSRC + 2))
        guard packet.count >= end else { return nil }
        extensionForm = RTPExtensionForm(profile: packet.bigEndian16(at: afterCSRC))
        extensionRange = start..<end
    }

    /// The contributing source at `index`, in the packet the header was read from; `nil` beyond `csrcCount`.
    public func csrc(at index: Int, in packet: UnsafeRawBufferPointer) -> UInt32? {
        let offset = Self.minimumByteCount + 4 * index
        guard index >= 0, index < csrcCount, offset + 4 <= packet.count else { return nil }
        return packet.bigEndian32(at: offset)
    }

    /// Where the payload lies in the decrypted packet, padding left out; `nil` when the padding's length is 0 or
    /// reaches into the header (RFC 3550, section 5.1).
    public func payloadRange(in packet: UnsafeRawBufferPointer) -> Range<Int>? {
        let start = byteCount
        guard start <= packet.count else { return nil }
        guard hasPadding else { return start..<packet.count }
        guard packet.count > start else { return nil }
        let padding = Int(packet[packet.count - 1])
        guard padding > 0, packet.count - padding >= start else { return nil }
        return start..<packet.count - padding
    }

    /// Where the value of the extension element `id` lies: the first one of that id; `nil` when there is none or the
    /// extension is of neither form of RFC 8285.
    public func elementRange(id: UInt8, in packet: UnsafeRawBufferPointer) -> Range<Int>? {
        guard extensionRange.upperBound <= packet.count, id != 0, let extensionForm else { return nil }
        var offset = extensionRange.lowerBound
        let end = extensionRange.upperBound
        switch extensionForm {
        case .oneByte:
            // Id and length less one share a byte; 0 is padding; id 15 ends the reading (RFC 8285, section 4.2).
            while offset < end {
                let head = packet[offset]
                offset += 1
                guard head != 0 else { continue }
                let elementID = head >> 4
                guard elementID != 15 else { return nil }
                // Id 0 with a length is padding too, but its bytes are skipped.
                let next = offset + Int(head & 0x0F) + 1
                guard next <= end else { return nil }
                if elementID == id { return offset..<next }
                offset = next
            }
        case .twoByte:
            while offset < end {
                let elementID = packet[offset]
                offset += 1
                guard elementID != 0 else { continue }
                guard offset < end else { return nil }
                let next = offset + 1 + Int(packet[offset])
                guard next <= end else { return nil }
                if elementID == id { return offset + 1..<next }
                offset = next
            }
        case .other: break
        }
        return nil
    }

    /// The audio level (RFC 6464) under the negotiated id.
    public func audioLevel(id: UInt8, in packet: UnsafeRawBufferPointer) -> AudioLevel? {
        guard let range = elementRange(id: id, in: packet), !range.isEmpty else { return nil }
        return AudioLevel(wire: packet[range.lowerBound])
    }
}

/// How the elements of an RTP header extension are written (RFC 8285, section 4).
public enum RTPExtensionForm: Hashable, Sendable {
    /// Ids 1 to 14, values of 1 to 16 bytes.
    case oneByte
    /// Ids 1 to 255, values of 0 to 255 bytes; the four bits are for the application.
    case twoByte(applicationBits: UInt8)
    /// An extension by another convention, carried along unread.
    case other(profile: UInt16)

    public static let twoByte = RTPExtensionForm.twoByte(applicationBits: 0)

    init(profile: UInt16) {
        if profile == 0xBEDE {
            self = .oneByte
        } else if profile & 0xFFF0 == 0x1000 {
            self = .twoByte(applicationBits: UInt8(truncatingIfNeeded: profile & 0x0F))
        } else {
            self = .other(profile: profile)
        }
    }

    var profile: UInt16 {
        switch self {
        case .oneByte: 0xBEDE
        case .twoByte(let applicationBits): 0x1000 | UInt16(applicationBits & 0x0F)
        case .other(let profile): profile
        }
    }
}

/// What the client says about the loudness of a packet (RFC 6464); its word only, so never trusted alone.
public struct AudioLevel: Hashable, Sendable {
    /// Below full scale in decibels, 0 (loudest) to 127 (silence).
    public let decibelsBelowFullScale: UInt8
    /// The voice bit; senders without detector set it always or never.
    public let hasVoice: Bool

    public init(decibelsBelowFullScale: UInt8, hasVoice: Bool) {
        self.decibelsBelowFullScale = min(decibelsBelowFullScale, 127)
        self.hasVoice = hasVoice
    }

    public init(wire: UInt8) {
        decibelsBelowFullScale = wire & 0x7F
        hasVoice = wire & 0x80 != 0
    }

    public var wire: UInt8 { decibelsBelowFullScale | (hasVoice ? 0x80 : 0) }
}
