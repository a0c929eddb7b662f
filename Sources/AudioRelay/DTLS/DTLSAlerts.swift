internal import COpenSSL

/// What is left of a DTLS 1.2 connection once it is settled: the keys with which either side says goodbye.
///
/// An `SSL` object has some 45 KB, and all that is still wanted of it is `close_notify` (RFC 5246, section 7.2.1). These
/// are the record keys of epoch 1, derived anew from the master secret (section 6.3) for AES-GCM (RFC 5288); other
/// ciphers keep their `SSL` object.
struct DTLSAlerts {
    enum Alert { case closeNotify, fatal, warning }

    private struct Direction {
        let key: [UInt8]
        /// The implicit half of the nonce (RFC 5288, section 3), four bytes.
        let salt: [UInt8]
    }

    private let own: Direction
    private let theirs: Direction
    /// Far above what the handshake has used; a record of the same number would be a replay.
    private var next: UInt64 = 1 << 32

    private static let recordHeaderBytes = 13
    private static let explicitNonceBytes = 8
    private static let tagBytes = 16
    private static let alertType: UInt8 = 21

    /// `nil` when the connection has another cipher or OpenSSL does not give its secret.
    init?(_ ssl: OpaquePointer, role: DTLSRole) {
        guard let cipher = SSL_get_current_cipher(ssl), let digest = SSL_CIPHER_get_handshake_digest(cipher),
            let session = SSL_get_session(ssl)
        else { return nil }
        let keyBytes: Int
        switch SSL_CIPHER_get_cipher_nid(cipher) {
        case NID_aes_128_gcm: keyBytes = 16
        case NID_aes_256_gcm: keyBytes = 32
        default: return nil
        }
        var master = [UInt8](repeating: 0, count: 48)
        guard SSL_SESSION_get_master_key(session, &master, 48) == 48 else { return nil }
        defer { OPENSSL_cleanse(&master, 48) }
        var serverRandom = [UInt8](repeating: 0, count: 32)
        var clientRandom = serverRandom
        guard SSL_get_server_random(ssl, &serverRandom, 32) == 32, SSL_get_client_random(ssl, &clientRandom, 32) == 32
        else { return nil }
        let seed = Array("key expansion".utf8) + serverRandom + clientRandom
        guard let block = Self.expand(master, seed, digest, bytes: 2 * keyBytes + 8) else { return nil }
        let client = Direction(
            key: Array(block[..<keyBytes]), salt: Array(block[(2 * keyBytes)..<(2 * keyBytes + 4)]))
        let server = Direction(
            key: Array(block[keyBytes..<(2 * keyBytes)]), salt: Array(block[(2 * keyBytes + 4)...]))
        (own, theirs) = role == .client ? (client, server) : (server, client)
    }

    /// P_hash (RFC 5246, section 5).
    private static func expand(
        _ secret: [UInt8], _ seed: [UInt8], _ digest: OpaquePointer, bytes count: Int
    ) -> [UInt8]? {
        func hmac(_ message: [UInt8]) -> [UInt8]? {
            var output = [UInt8](repeating: 0, count: 64)
            var length: UInt32 = 0
            guard HMAC(digest, secret, Int32(secret.count), message, message.count, &output, &length) != nil else {
                return nil
            }
            return Array(output.prefix(Int(length)))
        }
        var output: [UInt8] = []
        var link = seed
        while output.count < count {
            guard let nextLink = hmac(link), let part = hmac(nextLink + seed) else { return nil }
            link = nextLink
            output += part
        }
        return Array(output.prefix(count))
    }

    /// The record that ends the connection from our side.
    mutating func closeNotify() -> [UInt8]? {
        let number = Self.bytes(1 << 48 | next)
        next += 1
        let plain: [UInt8] = [1, 0]  // A warning: close_notify.
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var sealed = [UInt8](repeating: 0, count: plain.count + Self.tagBytes)
        let additional = number + [Self.alertType, 0xFE, 0xFD, 0, UInt8(plain.count)]
        var written: Int32 = 0
        let done = sealed.withUnsafeMutableBufferPointer { output in
            guard let base = output.baseAddress else { return false }
            return EVP_EncryptInit_ex2(context, Self.cipher(own), own.key, own.salt + number, nil) == 1
                && EVP_EncryptUpdate(context, nil, &written, additional, Int32(additional.count)) == 1
                && EVP_EncryptUpdate(context, base, &written, plain, Int32(plain.count)) == 1
                && EVP_EncryptFinal_ex(context, base + plain.count, &written) == 1
                && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagBytes), base + plain.count) == 1
        }
        guard done else { return nil }
        return [Self.alertType, 0xFE, 0xFD] + number + [0, UInt8(Self.explicitNonceBytes + sealed.count)] + number
            + sealed
    }

    /// The first authentic alert in a datagram of records.
    func alert(in datagram: UnsafeRawBufferPointer) -> Alert? {
        var offset = 0
        while offset + Self.recordHeaderBytes <= datagram.count {
            let length = Int(datagram[offset + 11]) << 8 | Int(datagram[offset + 12])
            let end = offset + Self.recordHeaderBytes + length
            guard end <= datagram.count else { return nil }
            // An alert of epoch 1: two bytes, and what GCM adds.
            if datagram[offset] == Self.alertType, datagram[offset + 3] == 0, datagram[offset + 4] == 1,
                length == Self.explicitNonceBytes + 2 + Self.tagBytes,
                let alert = open(UnsafeRawBufferPointer(rebasing: datagram[offset..<end]))
            {
                return alert
            }
            offset = end
        }
        return nil
    }

    private func open(_ record: UnsafeRawBufferPointer) -> Alert? {
        let header = Array(record[..<Self.recordHeaderBytes])
        let body = Array(record[Self.recordHeaderBytes...])
        let additional = Array(header[3..<11]) + [header[0], header[1], header[2], 0, 2]
        guard let context = EVP_CIPHER_CTX_new() else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var plain = [UInt8](repeating: 0, count: 16)
        var tag = Array(body.suffix(Self.tagBytes))
        let sealed = Array(body[Self.explicitNonceBytes..<Self.explicitNonceBytes + 2])
        let nonce = theirs.salt + body.prefix(Self.explicitNonceBytes)
        var written: Int32 = 0
        guard EVP_DecryptInit_ex2(context, Self.cipher(theirs), theirs.key, nonce, nil) == 1,
            EVP_DecryptUpdate(context, nil, &written, additional, Int32(additional.count)) == 1,
            EVP_DecryptUpdate(context, &plain, &written, sealed, 2) == 1,
            EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagBytes), &tag) == 1
        else { return nil }
        var rest = [UInt8](repeating: 0, count: 16)
        guard EVP_DecryptFinal_ex(context, &rest, &written) == 1 else { return nil }
        // Level and description (RFC 5246, section 7.2).
        if plain[1] == 0 { return .closeNotify }
        return plain[0] == 2 ? .fatal : .warning
    }

    private static func cipher(_ direction: Direction) -> OpaquePointer? {
        direction.key.count == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm()
    }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }
}
