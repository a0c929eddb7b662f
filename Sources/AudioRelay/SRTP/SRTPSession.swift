/// The keys of one media connection: both directions of RTP and RTCP.
///
/// Owned by the one peer whose keys they are; the hot loops copy `sealRTP` out of it into the array of listeners, and
/// `openRTP` into that of ``PeerMedia``, and forget those copies before the peer goes.
///
/// `@unchecked Sendable`: used only inside the `Relay` or `ClientPeer` value that made it, and these are not copyable,
/// so that no two threads can hold one at a time. The ciphers that it shares are those of the same relay, or of a
/// `ClientContext`, which is not `Sendable` and so keeps its clients on one thread.
final class SRTPSession: @unchecked Sendable {
    let sealRTP: SRTPTransform
    private let openingKeys: SRTPSessionKeys
    private var opening: SRTPTransform?
    private let ownControl, theirControl: SRTPSessionKeys
    private let ciphers: ControlCiphers
    /// The index of the next SRTCP packet that we send.
    private var nextRTCPIndex: UInt32 = 1
    /// Reports are numbered per source; a browser has one for each section. Bounded, for each costs memory.
    private var reporters: [(ssrc: UInt32, window: ReplayWindow)] = []
    private static let maximumReporters = 8

    /// - Parameters:
    ///   - role: our own role in the DTLS handshake, which says whose keys are ours.
    ///   - ciphers: what all connections of the same owner share.
    init(
        _ material: SRTPKeyingMaterial, role: DTLSRole, sharing ciphers: ControlCiphers
    ) throws(CryptographyFault) {
        let ours = role == .client ? material.client : material.server
        let theirs = role == .client ? material.server : material.client
        let profile = material.profile
        self.ciphers = ciphers
        openingKeys = try SRTPSessionKeys(profile, theirs, rtcp: false)
        ownControl = try SRTPSessionKeys(profile, ours, rtcp: true)
        theirControl = try SRTPSessionKeys(profile, theirs, rtcp: true)
        sealRTP = try SRTPTransform(profile: profile, keys: SRTPSessionKeys(profile, ours, rtcp: false), sealing: true)
    }

    deinit {
        sealRTP.destroy()
        opening?.destroy()
    }

    /// Made at the first packet that comes in: a listener never sends one. `nil` should OpenSSL refuse.
    var openRTP: SRTPTransform? {
        if opening == nil {
            opening = try? SRTPTransform(profile: sealRTP.profile, keys: openingKeys, sealing: false)
        }
        return opening
    }

    /// Seals a compound packet in place; returns its new length, zero when it can't be sent.
    func protectRTCP(_ packet: UnsafeMutablePointer<UInt8>, bytes: Int, ssrc: UInt32) -> Int {
        // 2^31 SRTCP packets end a key's life (RFC 3711, section 9.2).
        guard nextRTCPIndex < 0x8000_0000, let transform = ciphers.load(ownControl, for: sealRTP.profile) else {
            return 0
        }
        defer { nextRTCPIndex += 1 }
        return transform.sealRTCP(packet, bytes: bytes, ssrc: ssrc, index: nextRTCPIndex)
    }

    /// Opens a compound packet and refuses a replayed one; returns its length.
    func unprotectRTCP(
        _ packet: UnsafePointer<UInt8>, bytes: Int, into output: UnsafeMutablePointer<UInt8>
    ) -> SRTPOpening {
        guard let transform = ciphers.load(theirControl, for: sealRTP.profile),
            let opened = transform.openRTCP(packet, bytes: bytes, into: output)
        else { return .unauthentic }
        let index = UInt64(opened.index)
        let ssrc = UInt32(bigEndian: UnsafeRawPointer(packet).loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        if let reporter = reporters.firstIndex(where: { $0.ssrc == ssrc }) {
            guard reporters[reporter].window.admits(index) else { return .replayed }
            reporters[reporter].window.accept(index)
        } else {
            guard reporters.count < Self.maximumReporters else { return .replayed }
            reporters.append((ssrc, ReplayWindow(first: index)))
        }
        return .opened(bytes: opened.bytes, index: index)
    }
}

/// What came of opening a protected packet.
enum SRTPOpening {
    case opened(bytes: Int, index: UInt64)
    case replayed
    case unauthentic
}

/// The receiving side of one RTP stream: its rollover counter and replay window.
struct SRTPStream: Sendable {
    let ssrc: UInt32
    private var window: ReplayWindow?

    init(ssrc: UInt32) { self.ssrc = ssrc }

    /// The highest index received, zero before the first packet.
    var highest: UInt64 { window?.highest ?? 0 }

    /// Opens a packet of this stream; only an authentic one moves the state.
    mutating func open(
        _ packet: UnsafePointer<UInt8>, bytes: Int, headerBytes: Int, sequence: UInt16, with transform: SRTPTransform,
        into output: UnsafeMutablePointer<UInt8>
    ) -> SRTPOpening {
        // The first packet begins at a rollover count of zero (RFC 3711, section 3.3.1).
        let index = window.map { extendedIndex(of: sequence, near: $0.highest) } ?? UInt64(sequence)
        if let window, !window.admits(index) { return .replayed }
        guard
            let count = transform.openRTP(
                packet, bytes: bytes, headerBytes: headerBytes, ssrc: ssrc, index: index, into: output)
        else { return .unauthentic }
        if window == nil { window = ReplayWindow(first: index) } else { window?.accept(index) }
        return .opened(bytes: count, index: index)
    }
}
