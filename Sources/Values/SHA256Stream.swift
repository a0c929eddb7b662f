internal import COpenSSL

/// A SHA-256 digest (FIPS 180-4) of a message that comes in pieces, so that a long one is never held whole.
public struct SHA256Stream: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            preconditionFailure("SHA-256 of OpenSSL needs memory and nothing else.")
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    /// The next piece: a text's UTF-8.
    public mutating func update(_ text: String) {
        var text = text
        text.withUTF8 { bytes in _ = EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }
    }

    /// The next piece.
    public mutating func update(_ bytes: [UInt8]) { EVP_DigestUpdate(context, bytes, bytes.count) }

    /// The digest of all pieces; nothing can follow.
    public consuming func digest() -> SHA256Digest {
        var digest = [UInt8](repeating: 0, count: 32)
        guard EVP_DigestFinal_ex(context, &digest, nil) == 1, let value = SHA256Digest(hex: hexadecimal(digest)) else {
            preconditionFailure("A running digest has an end.")
        }
        return value
    }
}
