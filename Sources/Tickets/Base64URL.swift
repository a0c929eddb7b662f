/// Base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict in one direction and exact in the other.
///
/// Strict, because a signed text must have one spelling: padding, white space, other alphabets, a lone last
/// character and non-zero trailing bits (RFC 4648 section 3.5) are refused.
public enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Appends the text of `bytes` to `output`.
    static func append(_ bytes: some Collection<UInt8>, to output: inout [UInt8]) {
        alphabet.withUnsafeBufferPointer { digits in
            var accumulator: UInt32 = 0
            var bits = 0
            for byte in bytes {
                accumulator = accumulator << 8 | UInt32(byte)
                bits += 8
                while bits >= 6 {
                    bits -= 6
                    output.append(digits[Int(accumulator >> bits & 63)])
                }
            }
            if bits > 0 { output.append(digits[Int(accumulator << (6 - bits) & 63)]) }
        }
    }

    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        var output: [UInt8] = []
        output.reserveCapacity((bytes.count * 4 + 2) / 3)
        append(bytes, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    /// Decodes into `output`, which must hold three quarters of the text.
    /// - Returns: how many bytes were written, or `nil` for a text that is not the one spelling of any bytes.
    static func decode(_ text: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>) -> Int? {
        let tail = text.count & 3
        guard tail != 1, text.count / 4 * 3 + max(0, tail - 1) <= output.count else { return nil }
        var accumulator: UInt32 = 0
        var bits = 0
        var written = 0
        for character in text {
            let value = digit(character)
            guard value < 64 else { return nil }
            accumulator = accumulator << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                output[written] = UInt8(truncatingIfNeeded: accumulator >> bits)
                written += 1
            }
        }
        guard accumulator & ((1 << bits) - 1) == 0 else { return nil }
        return written
    }

    /// - Returns: `nil` for a text that is not the one spelling of any bytes.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        return characters.withUnsafeBufferPointer { input in
            var length: Int?
            let bytes = [UInt8](unsafeUninitializedCapacity: characters.count) { output, count in
                length = decode(input, into: output)
                count = length ?? 0
            }
            return length == nil ? nil : bytes
        }
    }

    /// The value of a character, or 255.
    private static func digit(_ character: UInt8) -> UInt8 {
        switch character {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character &- (UInt8(ascii: "a") - 26)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character &- UInt8(ascii: "A")
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character &+ (52 - UInt8(ascii: "0"))
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: 255
        }
    }
}
