public import Values

/// Why an offer can't be answered. Checked in this order.
public enum NegotiationRefusal: String, Refusal, CaseIterable {
    /// Not a session description, or larger than any honest one.
    case malformed = "sdp_malformed"
    /// No audio section that fits the role: sending for a speaker, receiving for a listener.
    case noAudio = "sdp_no_audio"
    /// Audio, but without Opus.
    case noOpus = "sdp_no_opus"
    /// RTP and RTCP must share one port (RFC 5761).
    case noMultiplexing = "sdp_no_rtcp_mux"
    /// No ICE user fragment or password.
    case noICE = "sdp_no_ice"
    /// No SHA-256 fingerprint of the certificate.
    case noFingerprint = "sdp_no_fingerprint"
    /// The offer wants to be the DTLS server; so do we (RFC 9725, section 4.2, lets the server answer passive).
    case passiveSetup = "sdp_setup_passive"

    public var code: String { rawValue }
}
