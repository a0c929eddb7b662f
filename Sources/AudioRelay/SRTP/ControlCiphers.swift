/// The contexts with which a relay seals and opens the RTCP of all its peers, one of each profile.
///
/// A peer reports every second or two and a context has more than a kilobyte: loading the peer's key for each report
/// costs an expansion of the key and keeps each peer two contexts smaller. No copy of what ``load(_:for:)`` gives may be
/// used after the next call.
final class ControlCiphers {
    private var gcm: SRTPTransform?
    private var counterMode: SRTPTransform?

    deinit {
        gcm?.destroy()
        counterMode?.destroy()
    }

    /// The shared transform with these keys in it; `nil` should OpenSSL refuse.
    func load(_ keys: SRTPSessionKeys, for profile: SRTPProfile) -> SRTPTransform? {
        switch profile {
        case .aeadAES128GCM: Self.load(keys, profile, into: &gcm)
        case .aes128CMSHA1_80: Self.load(keys, profile, into: &counterMode)
        }
    }

    private static func load(
        _ keys: SRTPSessionKeys, _ profile: SRTPProfile, into kept: inout SRTPTransform?
    ) -> SRTPTransform? {
        guard let transform = kept else {
            kept = try? SRTPTransform(profile: profile, keys: keys, sealing: true)
            return kept
        }
        return transform.reloaded(with: keys)
    }
}
