/// A plain RTP packet seen in place: header and payload over the caller's bytes, valid only as long as they are.
public struct RTPPacket {
    public let bytes: UnsafeRawBufferPointer
    public let header: RTPHeader
    /// The payload without padding, as a range of `bytes`.
    public let payloadRange: Range<Int>

    /// Reads a decrypted packet; `nil` when header or padding do not fit.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard let header = RTPHeader(bytes), let payloadRange = header.payloadRange(in: bytes) else { return nil }
        self.bytes = bytes
        self.header = header
        self.payloadRange = payloadRange
    }

    public var payload: UnsafeRawBufferPointer { bytes.part(payloadRange) }

    public func csrc(at index: Int) -> UInt32? { header.csrc(at: index, in: bytes) }

    /// The value of the header extension element `id`.
    public func element(id: UInt8) -> UnsafeRawBufferPointer? {
        header.elementRange(id: id, in: bytes).map(bytes.part)
    }

    public func audioLevel(id: UInt8) -> AudioLevel? { header.audioLevel(id: id, in: bytes) }
}
