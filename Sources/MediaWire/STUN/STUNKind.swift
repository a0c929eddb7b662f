/// The class of a STUN message (RFC 8489, section 5).
public enum STUNClass: UInt8, Hashable, Sendable {
    case request = 0b00
    case indication = 0b01
    case success = 0b10
    case failure = 0b11
}

/// Method and class of a STUN message, the fourteen bits of its type.
public struct STUNKind: Hashable, Sendable {
    public var method: UInt16
    public var messageClass: STUNClass

    public init(method: UInt16, messageClass: STUNClass) {
        self.method = method & 0xFFF
        self.messageClass = messageClass
    }

    /// The only method that ICE uses.
    public static let bindingMethod: UInt16 = 1
    public static let bindingRequest = STUNKind(method: bindingMethod, messageClass: .request)
    public static let bindingIndication = STUNKind(method: bindingMethod, messageClass: .indication)
    public static let bindingSuccess = STUNKind(method: bindingMethod, messageClass: .success)
    public static let bindingFailure = STUNKind(method: bindingMethod, messageClass: .failure)

    /// The class bits lie between those of the method (RFC 8489, figure 3).
    init(wire: UInt16) {
        method = (wire & 0x000F) | (wire & 0x00E0) >> 1 | (wire & 0x3E00) >> 2
        switch wire & 0x0110 {
        case 0x0000: messageClass = .request
        case 0x0010: messageClass = .indication
        case 0x0100: messageClass = .success
        default: messageClass = .failure
        }
    }

    var wire: UInt16 {
        let classBits = UInt16(messageClass.rawValue)
        return (method & 0x000F) | (method & 0x0070) << 1 | (method & 0x0F80) << 2 | (classBits & 1) << 4
            | (classBits & 2) << 7
    }
}

/// The 96 bits that join a response to its request; drawn at random by whoever asks.
public struct STUNTransactionID: Hashable, Sendable {
    public let high: UInt32
    public let low: UInt64

    public init(high: UInt32, low: UInt64) {
        self.high = high
        self.low = low
    }

    public init(using generator: inout some RandomNumberGenerator) {
        self.init(high: .random(in: 0 ... .max, using: &generator), low: .random(in: 0 ... .max, using: &generator))
    }
}

/// Attribute numbers (IANA registry of STUN parameters), those that ICE and RFC 8489 know.
enum STUNAttribute {
    static let mappedAddress: UInt16 = 0x0001
    static let username: UInt16 = 0x0006
    static let messageIntegrity: UInt16 = 0x0008
    static let errorCode: UInt16 = 0x0009
    static let unknownAttributes: UInt16 = 0x000A
    static let realm: UInt16 = 0x0014
    static let nonce: UInt16 = 0x0015
    static let messageIntegritySHA256: UInt16 = 0x001C
    static let xorMappedAddress: UInt16 = 0x0020
    static let priority: UInt16 = 0x0024
    static let useCandidate: UInt16 = 0x0025
    static let software: UInt16 = 0x8022
    static let fingerprint: UInt16 = 0x8028
    static let iceControlled: UInt16 = 0x8029
    static let iceControlling: UInt16 = 0x802A

    /// Those below 0x8000 that `STUNMessage` reads or knows to pass over.
    static let known: Set<UInt16> = [
        mappedAddress, username, messageIntegrity, errorCode, unknownAttributes, realm, nonce, messageIntegritySHA256,
        xorMappedAddress, priority, useCandidate,
    ]

    /// Attributes below 0x8000 must be understood or the request answered with 420 (RFC 8489, section 14).
    static func mustBeUnderstood(_ type: UInt16) -> Bool { type < 0x8000 }
}
