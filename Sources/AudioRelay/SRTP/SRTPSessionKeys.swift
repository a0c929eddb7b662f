/// The session keys of one direction of RTP or of RTCP (RFC 3711, section 4.3), in 52 bytes without a reference.
///
/// A context of OpenSSL with such a key loaded has more than a kilobyte, so only what is used for every packet has one.
struct SRTPSessionKeys: Sendable {
    private(set) var key = InlineArray<16, UInt8>(repeating: 0)
    /// 12 or 14 bytes, then zeros.
    private(set) var salt = InlineArray<16, UInt8>(repeating: 0)
    /// Of the counter-mode profile; zeros otherwise.
    private(set) var authentication = InlineArray<20, UInt8>(repeating: 0)

    /// Derives them from a master key.
    init(_ profile: SRTPProfile, _ master: SRTPMasterKey, rtcp: Bool) throws(CryptographyFault) {
        let isCounterMode = profile == .aes128CMSHA1_80
        self.init(
            key: try master.derive(rtcp ? .rtcpEncryption : .rtpEncryption, bytes: 16),
            salt: try master.derive(rtcp ? .rtcpSalt : .rtpSalt, bytes: profile.masterSaltBytes),
            authentication: isCounterMode
                ? try master.derive(rtcp ? .rtcpAuthentication : .rtpAuthentication, bytes: 20) : [])
    }

    /// Keys as test vectors give them; bytes that are missing are zero.
    init(key: [UInt8], salt: [UInt8], authentication: [UInt8]) {
        for (index, byte) in key.prefix(16).enumerated() { self.key[index] = byte }
        for (index, byte) in salt.prefix(14).enumerated() { self.salt[index] = byte }
        for (index, byte) in authentication.prefix(20).enumerated() { self.authentication[index] = byte }
    }
}
