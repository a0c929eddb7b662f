/// What many clients of one thread share: a certificate and the DTLS settings made with it, some 50 KB of OpenSSL's.
///
/// OpenSSL's context must not be used by two threads at once here, and this class is not `Sendable` for that reason.
public final class ClientContext {
    let certificate: RelayCertificate
    let dtls: DTLSContext
    let controlCiphers = ControlCiphers()

    public init(_ certificate: RelayCertificate) throws(CryptographyFault) {
        self.certificate = certificate
        dtls = try DTLSContext(certificate)
    }
}
