internal import COpenSSL
public import MediaWire

/// OpenSSL could not do what does not depend on the peer: no entropy, no memory, or a broken installation.
public struct CryptographyFault: Error, Sendable, CustomStringConvertible {
    public let operation: String
    public var description: String { "OpenSSL failed to \(operation)." }
}

/// The key pair and self-signed P-256 certificate with which one end of a media connection shows itself.
///
/// Nobody checks its chain: the peer compares its fingerprint with the one that came by HTTP (RFC 8827, section 5.6.4).
///
/// `@unchecked Sendable`: both pointers are written once, in `init`; afterwards OpenSSL only counts references to
/// them, atomically, and reads them.
public final class RelayCertificate: @unchecked Sendable {
    let key: OpaquePointer
    let certificate: OpaquePointer
    public let fingerprint: CertificateFingerprint

    /// A new key and a certificate that is valid for `validDays` from now (one day of slack before, for slow clocks).
    public init(validDays: Int = 30) throws(CryptographyFault) {
        guard let key = guichet_generate_p256() else { throw CryptographyFault(operation: "make a P-256 key") }
        guard let certificate = X509_new() else {
            EVP_PKEY_free(key)
            throw CryptographyFault(operation: "make a certificate")
        }
        guard let fingerprint = Self.sign(certificate, with: key, validDays: validDays) else {
            X509_free(certificate)
            EVP_PKEY_free(key)
            throw CryptographyFault(operation: "sign a certificate")
        }
        self.key = key
        self.certificate = certificate
        self.fingerprint = fingerprint
    }

    private static func sign(
        _ certificate: OpaquePointer, with key: OpaquePointer, validDays: Int
    ) -> CertificateFingerprint? {
        var serial: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        var digest = [UInt8](repeating: 0, count: 32)
        var digestLength: UInt32 = 0
        let day = 86_400
        let name = X509_get_subject_name(certificate)
        // `MBSTRING_ASC` of asn1.h is a macro with a shifted flag, which the importer leaves out.
        let ascii: Int32 = 0x1001
        let made =
            RAND_bytes(&serial, 8) == 1
            && X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(
                X509_get_serialNumber(certificate), serial.reduce(0) { $0 << 8 | UInt64($1) } >> 1 | 1) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -day) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), validDays * day) != nil
            && X509_NAME_add_entry_by_txt(name, "CN", ascii, "guichet", -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
            && X509_digest(certificate, EVP_sha256(), &digest, &digestLength) == 1
        return made && digestLength == 32 ? CertificateFingerprint(sha256: digest) : nil
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }
}
