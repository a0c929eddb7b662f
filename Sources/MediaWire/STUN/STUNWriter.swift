/// Writes a STUN message (RFC 8489) into the caller's buffer, attribute by attribute, without allocation.
///
/// Order matters: USERNAME and the rest, then `appendIntegrity`, then `appendFingerprint`. What does not fit makes
/// `finish` return `nil`; nothing is ever written beyond the buffer.
public struct STUNWriter: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private let transactionID: STUNTransactionID
    private var count = STUNMessage.headerByteCount
    private var hasOverflowed: Bool

    public init(_ buffer: UnsafeMutableRawBufferPointer, kind: STUNKind, transactionID: STUNTransactionID) {
        self.buffer = buffer
        self.transactionID = transactionID
        hasOverflowed = buffer.count < STUNMessage.headerByteCount
        guard !hasOverflowed else { return }
        buffer.store(bigEndian: kind.wire, at: 0)
        buffer.store(bigEndian: UInt16(0), at: 2)
        buffer.store(bigEndian: STUNMessage.magicCookie, at: 4)
        buffer.store(bigEndian: transactionID.high, at: 8)
        buffer.store(bigEndian: transactionID.low, at: 12)
    }

    /// The bytes of the message, or `nil` when the buffer was too small.
    public consuming func finish() -> Int? { hasOverflowed ? nil : count }

    /// USERNAME as `receiver:sender`.
    public mutating func append(receiverFragment: UnsafeRawBufferPointer, senderFragment: UnsafeRawBufferPointer) {
        let total = receiverFragment.count + 1 + senderFragment.count
        guard total <= STUNMessage.maximumUsernameByteCount,
            let offset = reserve(STUNAttribute.username, count: total)
        else { return hasOverflowed = true }
        buffer.copy(receiverFragment, to: offset)
        buffer[offset + receiverFragment.count] = UInt8(ascii: ":")
        buffer.copy(senderFragment, to: offset + receiverFragment.count + 1)
    }

    public mutating func append(username: UnsafeRawBufferPointer) {
        guard username.count <= STUNMessage.maximumUsernameByteCount else { return hasOverflowed = true }
        append(STUNAttribute.username, username)
    }

    public mutating func append(software: UnsafeRawBufferPointer) { append(STUNAttribute.software, software) }

    public mutating func append(priority: UInt32) { append(STUNAttribute.priority, priority) }

    public mutating func append(controlling tieBreaker: UInt64) { append(STUNAttribute.iceControlling, tieBreaker) }

    public mutating func append(controlled tieBreaker: UInt64) { append(STUNAttribute.iceControlled, tieBreaker) }

    public mutating func appendUseCandidate() { _ = reserve(STUNAttribute.useCandidate, count: 0) }

    public mutating func append(xorMappedAddress address: SocketAddress) {
        let cookie = STUNMessage.magicCookie
        let port = address.port ^ UInt16(truncatingIfNeeded: cookie >> 16)
        guard let offset = reserve(STUNAttribute.xorMappedAddress, count: 4 + address.addressByteCount) else { return }
        buffer.store(bigEndian: UInt16(address.family.rawValue), at: offset)
        buffer.store(bigEndian: port, at: offset + 2)
        switch address.family {
        case .ipv4: buffer.store(bigEndian: UInt32(truncatingIfNeeded: address.low) ^ cookie, at: offset + 4)
        case .ipv6:
            let mask = UInt64(cookie) << 32 | UInt64(transactionID.high)
            buffer.store(bigEndian: address.high ^ mask, at: offset + 4)
            buffer.store(bigEndian: address.low ^ transactionID.low, at: offset + 12)
        }
    }

    /// ERROR-CODE with the registry's reason phrase; codes outside 300 to 699 are a bug of the caller.
    public mutating func append(errorCode code: Int, reason: StaticString = "") {
        precondition((300...699).contains(code), "a STUN error code lies between 300 and 699")
        guard let offset = reserve(STUNAttribute.errorCode, count: 4 + reason.utf8CodeUnitCount) else { return }
        buffer.store(bigEndian: UInt32(code / 100) << 8 | UInt32(code % 100), at: offset)
        buffer.copy(UnsafeRawBufferPointer(start: reason.utf8Start, count: reason.utf8CodeUnitCount), to: offset + 4)
    }

    public mutating func append(unknownAttributes types: [UInt16]) {
        guard let offset = reserve(STUNAttribute.unknownAttributes, count: types.count * 2) else { return }
        for (index, type) in types.enumerated() { buffer.store(bigEndian: type, at: offset + index * 2) }
    }

    /// MESSAGE-INTEGRITY over everything so far.
    public mutating func appendIntegrity(_ key: STUNKey) {
        let covered = count
        guard let offset = reserve(STUNAttribute.messageIntegrity, count: STUNKey.digestByteCount) else { return }
        key.digest(
            of: UnsafeRawBufferPointer(buffer), count: covered,
            length: UInt16(truncatingIfNeeded: count - STUNMessage.headerByteCount),
            into: UnsafeMutableRawBufferPointer(rebasing: buffer[offset..<offset + STUNKey.digestByteCount]))
    }

    /// FINGERPRINT over everything so far; the last attribute.
    public mutating func appendFingerprint() {
        let covered = count
        guard let offset = reserve(STUNAttribute.fingerprint, count: 4) else { return }
        let value = STUNFingerprint.value(of: UnsafeRawBufferPointer(buffer).part(0..<covered))
        buffer.store(bigEndian: value, at: offset)
    }

    private mutating func append(_ type: UInt16, _ value: UnsafeRawBufferPointer) {
        guard let offset = reserve(type, count: value.count) else { return }
        buffer.copy(value, to: offset)
    }

    private mutating func append(_ type: UInt16, _ value: some FixedWidthInteger & BitwiseCopyable) {
        guard let offset = reserve(type, count: value.bitWidth / 8) else { return }
        buffer.store(bigEndian: value, at: offset)
    }

    /// Writes an attribute's head and zero padding, keeps the header's length right, and says where the value goes.
    private mutating func reserve(_ type: UInt16, count valueCount: Int) -> Int? {
        let start = count
        let end = start + 4 + (valueCount + 3) & ~3
        guard !hasOverflowed, end <= buffer.count, end <= STUNMessage.maximumByteCount else {
            hasOverflowed = true
            return nil
        }
        buffer.store(bigEndian: type, at: start)
        buffer.store(bigEndian: UInt16(truncatingIfNeeded: valueCount), at: start + 2)
        for index in start + 4 + valueCount..<end { buffer[index] = 0 }
        count = end
        buffer.store(bigEndian: UInt16(truncatingIfNeeded: end - STUNMessage.headerByteCount), at: 2)
        return start + 4
    }
}
