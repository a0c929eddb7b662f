/// SDES (RFC 3550, section 6.5); of its items only CNAME is read.
public struct RTCPSourceDescription {
    static let cnameItem: UInt8 = 1

    let packet: UnsafeRawBufferPointer
    public let chunkCount: Int

    init?(_ packet: UnsafeRawBufferPointer, count: Int) {
        self.packet = packet
        chunkCount = count
        guard walk({ _, _ in }) else { return nil }
    }

    /// Calls `body` with each source and its CNAME, which lives in the packet.
    public func forEachCNAME(_ body: (_ ssrc: UInt32, _ cname: UnsafeRawBufferPointer) -> Void) { _ = walk(body) }

    /// The CNAME of `ssrc`, invalid UTF-8 repaired.
    public func cname(of ssrc: UInt32) -> String? {
        var found: String?
        forEachCNAME { source, cname in
            if source == ssrc, found == nil { found = String(decoding: cname, as: UTF8.self) }
        }
        return found
    }

    /// `false` when the chunks do not fit the packet.
    private func walk(_ body: (UInt32, UnsafeRawBufferPointer) -> Void) -> Bool {
        var offset = RTCPCompound.headByteCount
        for _ in 0..<chunkCount {
            guard offset + 4 <= packet.count else { return false }
            let ssrc = packet.bigEndian32(at: offset)
            offset += 4
            while true {
                guard offset < packet.count else { return false }
                let item = packet[offset]
                // A zero byte ends the chunk, which then goes on to the next multiple of four.
                if item == 0 {
                    offset = (offset + 4) & ~3
                    break
                }
                guard offset + 2 <= packet.count else { return false }
                let end = offset + 2 + Int(packet[offset + 1])
                guard end <= packet.count else { return false }
                if item == Self.cnameItem { body(ssrc, packet.part(offset + 2..<end)) }
                offset = end
            }
            guard offset <= packet.count else { return false }
        }
        return true
    }
}

/// BYE (RFC 3550, section 6.6).
public struct RTCPGoodbye {
    let packet: UnsafeRawBufferPointer
    /// How many sources leave, 0 to 31.
    public let sourceCount: Int

    init?(_ packet: UnsafeRawBufferPointer, count: Int) {
        let end = RTCPCompound.headByteCount + 4 * count
        guard end <= packet.count else { return nil }
        if packet.count > end, end + 1 + Int(packet[end]) > packet.count { return nil }
        self.packet = packet
        sourceCount = count
    }

    public func source(at index: Int) -> UInt32? {
        guard index >= 0, index < sourceCount else { return nil }
        return packet.bigEndian32(at: RTCPCompound.headByteCount + 4 * index)
    }

    public func contains(_ ssrc: UInt32) -> Bool { (0..<sourceCount).contains { source(at: $0) == ssrc } }

    /// Why they leave, if said; invalid UTF-8 repaired.
    public var reason: String? {
        let start = RTCPCompound.headByteCount + 4 * sourceCount
        guard packet.count > start else { return nil }
        return String(decoding: packet.part(start + 1..<start + 1 + Int(packet[start])), as: UTF8.self)
    }
}

/// Generic NACK (RFC 4585, section 6.2.1): sequence numbers to be sent again.
public struct RTCPGenericNACK {
    let packet: UnsafeRawBufferPointer
    /// Who asks.
    public let senderSSRC: UInt32
    /// Whose packets are asked for.
    public let mediaSSRC: UInt32
    /// How many entries of a number and a mask of sixteen follow.
    public let entryCount: Int

    init?(_ packet: UnsafeRawBufferPointer) {
        guard packet.count >= 16 else { return nil }
        self.packet = packet
        senderSSRC = packet.bigEndian32(at: 4)
        mediaSSRC = packet.bigEndian32(at: 8)
        entryCount = (packet.count - 12) / 4
    }

    public func entry(at index: Int) -> Entry? {
        guard index >= 0, index < entryCount else { return nil }
        return Entry(
            first: packet.bigEndian16(at: 12 + 4 * index), following: packet.bigEndian16(at: 14 + 4 * index))
    }

    /// Calls `body` with every missing sequence number; a full datagram of 1,200 bytes names some 5,000, so callers
    /// bound what they answer.
    public func forEachSequenceNumber(_ body: (UInt16) -> Void) {
        for index in 0..<entryCount {
            guard let entry = entry(at: index) else { return }
            body(entry.first)
            for bit in 0..<16 where entry.following >> UInt16(bit) & 1 == 1 { body(entry.first &+ UInt16(bit) &+ 1) }
        }
    }

    /// A lost sequence number, and which of the sixteen after it are lost too (lowest bit: the next one).
    public struct Entry: Hashable, Sendable {
        public var first: UInt16
        public var following: UInt16

        public init(first: UInt16, following: UInt16) {
            self.first = first
            self.following = following
        }
    }
}
