internal import COpenSSL
internal import Synchronization

/// One Ed25519 key in OpenSSL (RFC 8032 through EVP), with contexts that are kept and used again.
///
/// A signature costs about 26 µs and a verification about 70 µs of one core; making a context for each would add 2 µs.
///
/// `@unchecked Sendable`: `key` is set once, never changed, and OpenSSL reads a key from several threads safely (its
/// count of references is atomic). A context is either in `idle`, under the lock, or in the hands of one caller.
final class Ed25519: @unchecked Sendable {
    static let signatureBytes = 64
    static let keyBytes = 32
    /// More contexts than threads are of no use; what is beyond is freed.
    private static let maximumIdle = 64

    private let key: OpaquePointer
    private let idle = Mutex<[Context]>([])

    /// Takes over a reference to `key`.
    private init(owning key: OpaquePointer) { self.key = key }

    /// - Returns: `nil` unless there are 32 bytes.
    convenience init?(publicKey bytes: [UInt8]) {
        guard bytes.count == Self.keyBytes,
            let key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { return nil }
        self.init(owning: key)
    }

    /// - Returns: `nil` unless there are 32 bytes: the secret of RFC 8032, from which all else is derived.
    convenience init?(seed bytes: [UInt8]) {
        guard bytes.count == Self.keyBytes,
            let key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, bytes, bytes.count)
        else { return nil }
        self.init(owning: key)
    }

    /// A PKCS#8 key in PEM without a password (RFC 8410 section 7).
    convenience init?(pem: [UInt8]) {
        guard let source = BIO_new_mem_buf(pem, Int32(clamping: pem.count)) else { return nil }
        defer { BIO_free(source) }
        // Without this callback OpenSSL would ask at the terminal for the password of an encrypted key.
        let read = PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
        ERR_clear_error()
        guard let key = read else { return nil }
        guard EVP_PKEY_get_id(key) == EVP_PKEY_ED25519 else {
            EVP_PKEY_free(key)
            return nil
        }
        self.init(owning: key)
    }

    deinit {
        idle.withLock { contexts in
            for context in contexts { EVP_MD_CTX_free(context.pointer) }
        }
        EVP_PKEY_free(key)
    }

    /// The 32 public bytes.
    var publicBytes: [UInt8] {
        var count = Self.keyBytes
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { output, written in
            let read = EVP_PKEY_get_raw_public_key(key, output.baseAddress, &count)
            precondition(read == 1 && count == Self.keyBytes, "An Ed25519 key has 32 public bytes.")
            written = count
        }
        return bytes
    }

    /// The private key as PKCS#8 in PEM; `nil` for a public key.
    var pem: [UInt8]? {
        guard let sink = BIO_new(BIO_s_mem()) else { return nil }
        defer { BIO_free(sink) }
        guard PEM_write_bio_PKCS8PrivateKey(sink, key, nil, nil, 0, nil, nil) == 1 else {
            ERR_clear_error()
            return nil
        }
        // A PKCS#8 Ed25519 key has 119 characters of PEM.
        var text = [UInt8](repeating: 0, count: 1024)
        let count = BIO_read(sink, &text, Int32(text.count))
        return count > 0 ? Array(text.prefix(Int(count))) : nil
    }

    func sign(_ message: [UInt8]) -> [UInt8] {
        let context = take()
        defer { giveBack(context) }
        var count = Self.signatureBytes
        let signature = [UInt8](unsafeUninitializedCapacity: count) { output, written in
            let signed =
                EVP_DigestSignInit(context.pointer, nil, nil, nil, key) == 1
                && EVP_DigestSign(context.pointer, output.baseAddress, &count, message, message.count) == 1
            precondition(signed && count == Self.signatureBytes, "OpenSSL signs with every private Ed25519 key.")
            written = count
        }
        return signature
    }

    func isValid(signature: UnsafeBufferPointer<UInt8>, over message: UnsafeBufferPointer<UInt8>) -> Bool {
        guard signature.count == Self.signatureBytes else { return false }
        let context = take()
        defer { giveBack(context) }
        guard EVP_DigestVerifyInit(context.pointer, nil, nil, nil, key) == 1 else {
            preconditionFailure("OpenSSL verifies with every Ed25519 key.")
        }
        let valid =
            EVP_DigestVerify(
                context.pointer, signature.baseAddress, signature.count, message.baseAddress, message.count) == 1
        // The queue of errors belongs to the thread: a forged ticket must not confuse somebody else's TLS on it.
        if !valid { ERR_clear_error() }
        return valid
    }

    /// A context in one place at a time; see the proof above.
    private struct Context: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private func take() -> Context {
        if let context = idle.withLock({ $0.popLast() }) { return context }
        guard let pointer = EVP_MD_CTX_new() else { preconditionFailure("Out of memory.") }
        return Context(pointer: pointer)
    }

    private func giveBack(_ context: Context) {
        let kept = idle.withLock { contexts in
            guard contexts.count < Self.maximumIdle else { return false }
            contexts.append(context)
            return true
        }
        if !kept { EVP_MD_CTX_free(context.pointer) }
    }
}
