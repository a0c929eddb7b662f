internal import COpenSSL

/// A SHA-256 digest (FIPS 180-4): 32 bytes, printed as 64 lower-case hexadecimal digits.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// The digest of some bytes.
    public init(of message: some Collection<UInt8>) {
        var digest = [UInt8](repeating: 0, count: 32)
        let hashed: Void? = message.withContiguousStorageIfAvailable { input in
            guichet_sha256(input.baseAddress, input.count, &digest)
        }
        if hashed == nil {
            let copy = Array(message)
            guichet_sha256(copy, copy.count, &digest)
        }
        bytes = digest
    }

    /// The digest of a text's UTF-8.
    public init(of text: String) {
        var text = text
        self = text.withUTF8 { SHA256Digest(of: $0) }
    }

    /// Reads 64 lower-case hexadecimal digits, as printed; `nil` for anything else.
    public init?(hex: some StringProtocol) {
        let digits = Array(hex.utf8)
        guard digits.count == 64 else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: 64, by: 2) {
            guard let high = hexadecimalValue(digits[index]), let low = hexadecimalValue(digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// 32 zero bytes: what stands before the first hash of a chain.
    public static let zero = SHA256Digest(zeros: ())
    private init(zeros: Void) { bytes = [UInt8](repeating: 0, count: 32) }

    public var hex: String { hexadecimal(bytes) }
    public var description: String { hex }
}

private func hexadecimalValue(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}

/// Lower-case hexadecimal, two digits a byte.
public func hexadecimal(_ bytes: some Collection<UInt8>) -> String {
    String(unsafeUninitializedCapacity: 2 * bytes.count) { text in
        var index = 0
        for byte in bytes {
            text[index] = hexadecimalDigit(byte >> 4)
            text[index + 1] = hexadecimalDigit(byte & 15)
            index += 2
        }
        return index
    }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
