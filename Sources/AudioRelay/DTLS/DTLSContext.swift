internal import COpenSSL
internal import MediaWire

/// What all DTLS connections of one relay share: protocol version, groups, SRTP profiles and our certificate.
final class DTLSContext {
    let pointer: OpaquePointer
    let method: OpaquePointer

    /// The largest datagram of a handshake, in bytes. Browsers use 1,200 to 1,408; 1,200 passes every path of IPv6.
    static let maximumDatagramBytes = 1_200

    /// Of the other side's list: browsers send one certificate of less than a kilobyte.
    static let maximumCertificateBytes = 16_384

    init(_ certificate: RelayCertificate) throws(CryptographyFault) {
        guard let context = SSL_CTX_new(DTLS_method()) else {
            throw CryptographyFault(operation: "make a DTLS context")
        }
        guard let method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "datagrams") else {
            SSL_CTX_free(context)
            throw CryptographyFault(operation: "make a datagram BIO")
        }
        pointer = context
        self.method = method
        BIO_meth_set_create(method, datagramCreate)
        BIO_meth_set_read(method, datagramRead)
        BIO_meth_set_write(method, datagramWrite)
        BIO_meth_set_ctrl(method, datagramControl)
        guichet_ctx_set_dtls_options(context)
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        // Only the certificate that the offer promised, and nothing built upon it: certificates are self-signed, and the
        // signatures of a long chain would be work that a stranger orders. Compared again before a key is exported.
        SSL_CTX_set_cert_verify_callback(context, isPromised, nil)
        guichet_ctx_set_max_cert_list(context, Self.maximumCertificateBytes)
        guard guichet_ctx_dtls12_only(context) == 1,
            SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1,
            // This list limits the certificate's curve too, so P-256 must stand in it.
            guichet_ctx_set_groups(context, "X25519:P-256") == 1,
            SSL_CTX_use_certificate(context, certificate.certificate) == 1,
            SSL_CTX_use_PrivateKey(context, certificate.key) == 1,
            // Zero is success here, unlike everywhere else in OpenSSL.
            SSL_CTX_set_tlsext_use_srtp(context, "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80") == 0
        else { throw CryptographyFault(operation: "configure DTLS") }
    }

    deinit {
        SSL_CTX_free(pointer)
        BIO_meth_free(method)
    }
}

/// The two ends of the BIO: the one datagram being read, and the datagrams written. A memory BIO would glue the
/// records of a flight into one stream; this keeps a datagram a datagram.
final class DatagramPipe {
    var incoming = UnsafeRawBufferPointer(start: nil, count: 0)
    var outgoing: [[UInt8]] = []
    /// Whose certificate is taken.
    var promised: CertificateFingerprint?
    /// Whether somebody showed another one.
    var isImpostor = false
}

/// What OpenSSL asks instead of verifying a chain: whether the leaf is the certificate that was promised.
private func isPromised(_ store: OpaquePointer?, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()),
        let pipe = pipe(SSL_get_rbio(OpaquePointer(ssl))), let promised = pipe.promised,
        let leaf = X509_STORE_CTX_get0_cert(store)
    else { return 0 }
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    let isEqual =
        X509_digest(leaf, EVP_sha256(), &digest, &length) == 1 && length == 32
        && CRYPTO_memcmp(digest, promised.bytes, 32) == 0
    if !isEqual { pipe.isImpostor = true }
    X509_STORE_CTX_set_error(store, isEqual ? X509_V_OK : X509_V_ERR_CERT_REJECTED)
    return isEqual ? 1 : 0
}

private func pipe(_ bio: OpaquePointer?) -> DatagramPipe? {
    guard let data = BIO_get_data(bio) else { return nil }
    return Unmanaged<DatagramPipe>.fromOpaque(data).takeUnretainedValue()
}

private func datagramCreate(_ bio: OpaquePointer?) -> Int32 {
    BIO_set_init(bio, 1)
    return 1
}

private func datagramRead(_ bio: OpaquePointer?, _ bytes: UnsafeMutablePointer<CChar>?, _ capacity: Int32) -> Int32 {
    guard let pipe = pipe(bio), let bytes, !pipe.incoming.isEmpty else {
        guichet_bio_retry_read(bio)
        return -1
    }
    // What does not fit is lost, as with a socket.
    let count = min(Int(capacity), pipe.incoming.count)
    UnsafeMutableRawBufferPointer(start: bytes, count: count).copyMemory(from: .init(rebasing: pipe.incoming[..<count]))
    pipe.incoming = UnsafeRawBufferPointer(start: nil, count: 0)
    return Int32(count)
}

private func datagramWrite(_ bio: OpaquePointer?, _ bytes: UnsafePointer<CChar>?, _ count: Int32) -> Int32 {
    guard let pipe = pipe(bio), count > 0 else { return count }
    // A handshake writes some ten datagrams; 64 waiting ones mean that nobody drains them.
    if pipe.outgoing.count < 64 {
        pipe.outgoing.append([UInt8](UnsafeRawBufferPointer(start: bytes, count: Int(count))))
    }
    return count
}

private func datagramControl(
    _ bio: OpaquePointer?, _ command: Int32, _ number: Int, _ argument: UnsafeMutableRawPointer?
) -> Int {
    switch command {
    case BIO_CTRL_FLUSH: 1
    case BIO_CTRL_DGRAM_QUERY_MTU, BIO_CTRL_DGRAM_GET_FALLBACK_MTU: DTLSContext.maximumDatagramBytes
    case BIO_CTRL_DGRAM_GET_MTU_OVERHEAD: 48  // IPv6 and UDP headers.
    default: 0
    }
}
