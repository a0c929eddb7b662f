/// A STUN message (RFC 8489) seen in place: a view over the caller's bytes, valid only as long as they are.
///
/// One pass notes where the attributes lie; nothing is copied or allocated. A message that exists is well formed:
/// every attribute lies inside it and has a fitting length. Who sent it is known only after `verifies(_:)`.
public struct STUNMessage {
    public static let headerByteCount = 20
    /// Checks and their answers have about 100 bytes; beyond one Ethernet frame nothing sensible follows.
    public static let maximumByteCount = 1_500
    /// Two ICE fragments of at most 256 characters and a colon (RFC 8445, section 5.3), as RFC 5389 allowed; RFC 8489
    /// says 508, which no agent comes near.
    public static let maximumUsernameByteCount = 513
    static let magicCookie: UInt32 = 0x2112_A442

    /// The whole message.
    public let bytes: UnsafeRawBufferPointer
    public let kind: STUNKind
    public let transactionID: STUNTransactionID
    /// How many attributes that must be understood were not; they are listed by `unknownRequiredAttributes`.
    public private(set) var unknownRequiredCount = 0

    private var usernameField = Field()
    private var integrityField = Field()
    private var integritySHA256Field = Field()
    private var fingerprintField = Field()
    private var priorityField = Field()
    private var useCandidateField = Field()
    private var controllingField = Field()
    private var controlledField = Field()
    private var mappedField = Field()
    private var xorMappedField = Field()
    private var errorField = Field()
    private var softwareField = Field()

    /// Where an attribute's value lies; offset 0 says that it is absent, for there the header lies.
    private struct Field {
        var offset: UInt16 = 0
        var count: UInt16 = 0

        var isPresent: Bool { offset != 0 }
        var range: Range<Int> { Int(offset)..<Int(offset) + Int(count) }
    }

    /// Reads a datagram; `nil` when it is no well-formed STUN message with the magic cookie.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= Self.headerByteCount, bytes.count <= Self.maximumByteCount, bytes.count % 4 == 0,
            bytes[0] & 0xC0 == 0, bytes.bigEndian32(at: 4) == Self.magicCookie,
            Int(bytes.bigEndian16(at: 2)) == bytes.count - Self.headerByteCount
        else { return nil }
        self.bytes = bytes
        kind = STUNKind(wire: bytes.bigEndian16(at: 0))
        transactionID = STUNTransactionID(high: bytes.bigEndian32(at: 8), low: bytes.bigEndian64(at: 12))
        var offset = Self.headerByteCount
        while offset < bytes.count {
            // Every attribute begins on a multiple of four, so four bytes are there.
            let type = bytes.bigEndian16(at: offset)
            let count = Int(bytes.bigEndian16(at: offset + 2))
            let end = offset + 4 + (count + 3) & ~3
            guard end <= bytes.count, note(type, valueAt: offset + 4, count: count) else { return nil }
            // FINGERPRINT is the last attribute (RFC 8489, section 14.7).
            if type == STUNAttribute.fingerprint, end != bytes.count { return nil }
            offset = end
        }
    }

    /// Remembers an attribute; `false` when its length does not fit its type.
    private mutating func note(_ type: UInt16, valueAt offset: Int, count: Int) -> Bool {
        let field = Field(offset: UInt16(truncatingIfNeeded: offset), count: UInt16(truncatingIfNeeded: count))
        // After MESSAGE-INTEGRITY only its stronger sister and FINGERPRINT count: anybody could have added the rest
        // (RFC 8489, section 14.5).
        if integrityField.isPresent || integritySHA256Field.isPresent {
            switch type {
            case STUNAttribute.fingerprint: break
            case STUNAttribute.messageIntegritySHA256:
                if !integritySHA256Field.isPresent { integritySHA256Field = field }
                return count >= 16 && count <= 32 && count % 4 == 0
            default: return true
            }
        }
        // Of several attributes of one type the first counts (section 14).
        switch type {
        case STUNAttribute.username:
            guard count <= Self.maximumUsernameByteCount else { return false }
            if !usernameField.isPresent { usernameField = field }
        case STUNAttribute.messageIntegrity:
            guard count == STUNKey.digestByteCount else { return false }
            integrityField = field
        case STUNAttribute.messageIntegritySHA256:
            guard count >= 16, count <= 32, count % 4 == 0 else { return false }
            integritySHA256Field = field
        case STUNAttribute.fingerprint:
            guard count == 4 else { return false }
            fingerprintField = field
        case STUNAttribute.priority:
            guard count == 4 else { return false }
            if !priorityField.isPresent { priorityField = field }
        case STUNAttribute.useCandidate:
            guard count == 0 else { return false }
            useCandidateField = field
        case STUNAttribute.iceControlling:
            guard count == 8 else { return false }
            if !controllingField.isPresent { controllingField = field }
        case STUNAttribute.iceControlled:
            guard count == 8 else { return false }
            if !controlledField.isPresent { controlledField = field }
        case STUNAttribute.mappedAddress:
            guard count == 8 || count == 20 else { return false }
            if !mappedField.isPresent { mappedField = field }
        case STUNAttribute.xorMappedAddress:
            guard count == 8 || count == 20 else { return false }
            if !xorMappedField.isPresent { xorMappedField = field }
        case STUNAttribute.errorCode:
            guard count >= 4 else { return false }
            if !errorField.isPresent { errorField = field }
        case STUNAttribute.software:
            if !softwareField.isPresent { softwareField = field }
        case STUNAttribute.unknownAttributes, STUNAttribute.realm, STUNAttribute.nonce:
            break
        default:
            if STUNAttribute.mustBeUnderstood(type) { unknownRequiredCount += 1 }
        }
        return true
    }
}

extension STUNMessage {
    /// USERNAME, for ICE `receiver's fragment:sender's fragment`.
    public var username: UnsafeRawBufferPointer? {
        usernameField.isPresent ? bytes.part(usernameField.range) : nil
    }

    /// The part of USERNAME before the first colon: the fragment of the agent that the message is for.
    public var receiverFragment: UnsafeRawBufferPointer? { usernameParts?.receiver }

    /// The part of USERNAME behind the first colon: the fragment of the agent that sent the message.
    public var senderFragment: UnsafeRawBufferPointer? { usernameParts?.sender }

    private var usernameParts: (receiver: UnsafeRawBufferPointer, sender: UnsafeRawBufferPointer)? {
        guard let username else { return nil }
        for index in 0..<username.count where username[index] == UInt8(ascii: ":") {
            return (username.part(0..<index), username.part(index + 1..<username.count))
        }
        return nil
    }

    public var hasIntegrity: Bool { integrityField.isPresent }

    /// Whether MESSAGE-INTEGRITY is there and made with `key`, in constant time; covers everything before it, with
    /// the header's length as if it were the last attribute, whatever follows.
    public func verifies(_ key: STUNKey) -> Bool {
        integrityField.isPresent && key.verifies(bytes, digestAt: Int(integrityField.offset))
    }

    public var hasFingerprint: Bool { fingerprintField.isPresent }

    /// Whether FINGERPRINT is there and right: CRC-32 of everything before it, xored with `STUN`.
    public var hasValidFingerprint: Bool {
        guard fingerprintField.isPresent else { return false }
        let offset = Int(fingerprintField.offset)
        return bytes.bigEndian32(at: offset) == STUNFingerprint.value(of: bytes.part(0..<offset - 4))
    }

    /// PRIORITY: what the sender's candidate gets as peer-reflexive one (RFC 8445, section 7.1.1).
    public var priority: UInt32? { priorityField.isPresent ? bytes.bigEndian32(at: Int(priorityField.offset)) : nil }

    public var hasUseCandidate: Bool { useCandidateField.isPresent }

    /// The tie-breaker of a sender that is controlling.
    public var controlling: UInt64? {
        controllingField.isPresent ? bytes.bigEndian64(at: Int(controllingField.offset)) : nil
    }

    /// The tie-breaker of a sender that is controlled.
    public var controlled: UInt64? {
        controlledField.isPresent ? bytes.bigEndian64(at: Int(controlledField.offset)) : nil
    }

    /// XOR-MAPPED-ADDRESS; `nil` also for an unknown family or one that does not fit its length.
    public var xorMappedAddress: SocketAddress? {
        guard let plain = address(xorMappedField) else { return nil }
        let port = plain.port ^ UInt16(truncatingIfNeeded: Self.magicCookie >> 16)
        switch plain.family {
        case .ipv4:
            return SocketAddress(ipv4: UInt32(truncatingIfNeeded: plain.low) ^ Self.magicCookie, port: port)
        case .ipv6:
            let mask = UInt64(Self.magicCookie) << 32 | UInt64(transactionID.high)
            return SocketAddress(ipv6High: plain.high ^ mask, low: plain.low ^ transactionID.low, port: port)
        }
    }

    /// MAPPED-ADDRESS, of servers older than XOR-MAPPED-ADDRESS.
    public var mappedAddress: SocketAddress? { address(mappedField) }

    private func address(_ field: Field) -> SocketAddress? {
        guard field.isPresent else { return nil }
        let value = bytes.part(field.range)
        let address = SocketAddress(addressBytes: value.part(4..<value.count), port: value.bigEndian16(at: 2))
        return address?.family.rawValue == value[1] ? address : nil
    }

    /// ERROR-CODE, 300 to 699; `nil` also when the numbers are outside.
    public var errorCode: Int? {
        guard errorField.isPresent else { return nil }
        let hundreds = Int(bytes[Int(errorField.offset) + 2] & 7)
        let rest = Int(bytes[Int(errorField.offset) + 3])
        return (3...6).contains(hundreds) && rest < 100 ? hundreds * 100 + rest : nil
    }

    public var software: UnsafeRawBufferPointer? { softwareField.isPresent ? bytes.part(softwareField.range) : nil }

    /// The attributes that must be understood and are not, for UNKNOWN-ATTRIBUTES; at most eight, a second walk.
    public var unknownRequiredAttributes: [UInt16] {
        guard unknownRequiredCount > 0 else { return [] }
        var found: [UInt16] = []
        var offset = Self.headerByteCount
        while offset < bytes.count, found.count < min(unknownRequiredCount, 8) {
            let type = bytes.bigEndian16(at: offset)
            if STUNAttribute.mustBeUnderstood(type), !STUNAttribute.known.contains(type) { found.append(type) }
            offset += 4 + (Int(bytes.bigEndian16(at: offset + 2)) + 3) & ~3
        }
        return found
    }
}
