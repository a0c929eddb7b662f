internal import COpenSSL

/// The protection profiles that we speak, by their numbers in the use_srtp registry (RFC 5764, RFC 7714).
enum SRTPProfile: UInt16, Sendable {
    case aes128CMSHA1_80 = 0x0001
    case aeadAES128GCM = 0x0007

    var masterSaltBytes: Int { self == .aeadAES128GCM ? 12 : 14 }
    /// What protection adds to an RTP packet.
    var tagBytes: Int { self == .aeadAES128GCM ? 16 : 10 }
}

/// One direction's master key (16 bytes) and master salt (12 or 14 bytes).
struct SRTPMasterKey: Sendable {
    var key: [UInt8]
    var salt: [UInt8]
}

/// What DTLS exported (RFC 5764, section 4.2): client key, server key, client salt, server salt.
struct SRTPKeyingMaterial: Sendable {
    let profile: SRTPProfile
    let client: SRTPMasterKey
    let server: SRTPMasterKey

    init(profile: SRTPProfile, exported: [UInt8]) {
        precondition(exported.count == 2 * (16 + profile.masterSaltBytes), "Exported keys have the profile's length.")
        let salt = profile.masterSaltBytes
        self.profile = profile
        client = SRTPMasterKey(key: Array(exported[0..<16]), salt: Array(exported[32..<32 + salt]))
        server = SRTPMasterKey(key: Array(exported[16..<32]), salt: Array(exported[(32 + salt)...]))
    }
}

/// What a session key is for: the label of RFC 3711, section 4.3.1.
enum SRTPKeyLabel: UInt8 {
    case rtpEncryption = 0
    case rtpAuthentication, rtpSalt, rtcpEncryption, rtcpAuthentication, rtcpSalt
}

extension SRTPMasterKey {
    /// Derives a session key (RFC 3711, section 4.3; key derivation rate zero, as DTLS-SRTP fixes it).
    ///
    /// The AES counter-mode keystream under the master key, begun at (label and salt) shifted by two bytes. A salt
    /// of 12 bytes is padded with zeros to 14.
    func derive(_ label: SRTPKeyLabel, bytes count: Int) throws(CryptographyFault) -> [UInt8] {
        var counter = [UInt8](repeating: 0, count: 16)
        for (index, byte) in salt.prefix(14).enumerated() { counter[index] = byte }
        counter[7] ^= label.rawValue
        guard let context = EVP_CIPHER_CTX_new() else { throw CryptographyFault(operation: "make a cipher") }
        defer { EVP_CIPHER_CTX_free(context) }
        let zeros = [UInt8](repeating: 0, count: count)
        var output = [UInt8](repeating: 0, count: count + 16)
        var written: Int32 = 0
        guard EVP_EncryptInit_ex2(context, EVP_aes_128_ctr(), key, counter, nil) == 1,
            EVP_EncryptUpdate(context, &output, &written, zeros, Int32(count)) == 1, written == Int32(count)
        else { throw CryptographyFault(operation: "derive an SRTP key") }
        return Array(output.prefix(count))
    }
}
