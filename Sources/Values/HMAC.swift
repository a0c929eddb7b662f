/// HMAC-SHA256 (RFC 2104, FIPS 198-1) of a message under a key.
public func hmacSHA256(_ message: [UInt8], key: [UInt8]) -> SHA256Digest {
    // The block of SHA-256; a longer key is hashed first.
    var block = key.count > 64 ? SHA256Digest(of: key).bytes : key
    block += [UInt8](repeating: 0, count: 64 - block.count)
    let inner = SHA256Digest(of: block.map { $0 ^ 0x36 } + message)
    return SHA256Digest(of: block.map { $0 ^ 0x5C } + inner.bytes)
}

/// The same of two texts' UTF-8.
public func hmacSHA256(_ message: String, key: String) -> SHA256Digest {
    hmacSHA256(Array(message.utf8), key: Array(key.utf8))
}
