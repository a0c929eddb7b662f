internal import COpenSSL

/// A SHA-256 digest (FIPS 180-4): 32 bytes, printed as 64 lower-case hexadecimal digits.
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    public let bytes: [UInt8]

    /// The digest of some bytes.
    public init(of message: some Collection<UInt8>) {
        var digest = [UInt8](repeating: 0, count: 32)
        let hashed: Void? = message.withContiguousStorageIfAvailable { input in
            _ = SHA256(input.baseAddress, input.count, &digest)
        }
        if hashed == nil {
            let copy = Array(message)
            _ = SHA256(copy, copy.count, &digest)
        }
        bytes = digest
    }

    /// The digest of a text's UTF-8.
    public init(of text: String) { self.init(of: Array(text.utf8)) }

    public var hex: String { hexadecimal(bytes) }
    public var description: String { hex }
}

/// Lower-case hexadecimal, two digits a byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
