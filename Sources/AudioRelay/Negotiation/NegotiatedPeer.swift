internal import MediaWire

/// Our half of an ICE user fragment: eight characters, kept as one number so that a check finds its peer without
/// making a string.
struct ICEFragment: Hashable, Sendable {
    let number: UInt64

    /// Six bits for each of the eight characters.
    init(using generator: inout some RandomNumberGenerator) {
        self.init(text: iceCharacters(8, using: &generator))!  // Eight characters by construction.
    }

    init?(text: String) { self.init(Array(text.utf8)) }

    init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 8 else { return nil }
        number = bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// From a part of a datagram, without allocation.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count == 8 else { return nil }
        number = UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))
    }

    var text: String {
        String(decoding: (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) }, as: UTF8.self)
    }
}

/// Random characters of the ICE alphabet (RFC 8839, section 5.4), six bits each.
func iceCharacters(_ count: Int, using generator: inout some RandomNumberGenerator) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    return String(
        decoding: (0..<count).map { _ in alphabet[Int(generator.next() & 63)] }, as: UTF8.self)
}

/// What one SDP offer and our answer settled, all that the relay needs to know of a peer.
public struct NegotiatedPeer: Sendable {
    public let role: PeerRole
    /// One to three; one for a speaker.
    public let slotCount: Int
    /// The payload type that stands for Opus.
    public let payloadType: UInt8
    /// How many frames of 20 ms one packet to it may hold, 1 to 3: what its `maxptime` allows.
    public let frames: Int
    /// The id of the level extension (RFC 6464), when the offer had it.
    public let levelExtension: UInt8?
    /// Which of the gateway's relays it was told the address of.
    public let shard: Int
    // These three change with a restart of ICE.
    var fragment: ICEFragment
    var password: String
    var peerFragment: String
    let peerFingerprint: CertificateFingerprint

    /// The local ICE user fragment: the public half, good as a resource's ETag.
    public var localFragment: String { fragment.text }
    /// The client's.
    public var remoteFragment: String { peerFragment }
}

/// A peer and the answer that tells it so.
public struct Negotiation: Sendable {
    public let peer: NegotiatedPeer
    /// The SDP answer, lines ended by CRLF.
    public let answer: String
}
