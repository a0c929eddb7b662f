/// HKDF with SHA-256 (RFC 5869), for up to 32 bytes: keys that follow from one key and a name.
public func hkdfSHA256(_ key: [UInt8], salt: [UInt8] = [], info: [UInt8]) -> [UInt8] {
    let extracted = hmacSHA256(key, key: salt.isEmpty ? [UInt8](repeating: 0, count: 32) : salt)
    // Expand, of which one block of the hash is all that is asked for.
    return hmacSHA256(info + [1], key: extracted.bytes).bytes
}
