internal import COpenSSL

/// The SHA-256 fingerprint of a certificate (RFC 8122), as an SDP carries it.
public struct CertificateFingerprint: Hashable, Sendable, CustomStringConvertible {
    /// Always 32 bytes.
    public let bytes: [UInt8]

    /// `nil` unless there are exactly 32 bytes.
    public init?(bytes: [UInt8]) {
        guard bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    /// Reads `AB:CD:…`, 32 pairs of hexadecimal digits of either case.
    public init?(_ text: some StringProtocol) {
        let pairs = Array(text.utf8).split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        guard pairs.count == 32 else { return nil }
        var bytes: [UInt8] = []
        for pair in pairs {
            guard pair.count == 2, let high = pair.first.flatMap(hexadecimalValue),
                let low = pair.last.flatMap(hexadecimalValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// Upper-case pairs joined by colons, the form that every browser writes.
    public var description: String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for byte in bytes {
            if !text.isEmpty { text.append(UInt8(ascii: ":")) }
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

private func hexadecimalValue(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
    default: nil
    }
}

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
        self.key = key
        self.certificate = certificate
        var serial: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0]
        var digest = [UInt8](repeating: 0, count: 32)
        var digestLength: UInt32 = 0
        let day = 86_400
        let name = X509_get_subject_name(certificate)
        let made =
            RAND_bytes(&serial, 8) == 1
            && X509_set_version(certificate, 2) == 1
            && ASN1_INTEGER_set_uint64(
                X509_get_serialNumber(certificate), serial.reduce(0) { $0 << 8 | UInt64($1) } >> 1 | 1) == 1
            && X509_gmtime_adj(X509_getm_notBefore(certificate), -day) != nil
            && X509_gmtime_adj(X509_getm_notAfter(certificate), validDays * day) != nil
            && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC_VALUE, "guichet", -1, -1, 0) == 1
            && X509_set_issuer_name(certificate, name) == 1
            && X509_set_pubkey(certificate, key) == 1
            && X509_sign(certificate, key, EVP_sha256()) > 0
            && X509_digest(certificate, EVP_sha256(), &digest, &digestLength) == 1
        guard made, digestLength == 32, let fingerprint = CertificateFingerprint(bytes: digest) else {
            // All stored properties must be set before `self` may go; `deinit` then frees the pointers.
            self.fingerprint = CertificateFingerprint.blank
            throw CryptographyFault(operation: "sign a certificate")
        }
        self.fingerprint = fingerprint
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }
}

/// `MBSTRING_ASC` of asn1.h: a macro with a shifted flag, which the importer leaves out.
private let MBSTRING_ASC_VALUE: Int32 = 0x1001

extension CertificateFingerprint {
    fileprivate init(unchecked bytes: [UInt8]) { self.bytes = bytes }
    fileprivate static let blank = CertificateFingerprint(unchecked: [UInt8](repeating: 0, count: 32))
}
