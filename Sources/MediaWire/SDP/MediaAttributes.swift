/// Which way media may flow (RFC 8866, section 6.7); without a line it is both ways.
public enum MediaDirection: String, Hashable, Sendable {
    case sendrecv, sendonly, recvonly, inactive

    public var sends: Bool { self == .sendrecv || self == .sendonly }
    public var receives: Bool { self == .sendrecv || self == .recvonly }

    /// What the other side makes of it.
    public var reversed: MediaDirection {
        switch self {
        case .sendrecv: .sendrecv
        case .sendonly: .recvonly
        case .recvonly: .sendonly
        case .inactive: .inactive
        }
    }
}

/// `a=rtpmap:111 opus/48000/2`
public struct RTPMap: Hashable, Sendable {
    public var payloadType: UInt8
    public var codec: String
    public var clockRate: Int
    public var channels: Int

    public init(payloadType: UInt8, codec: String, clockRate: Int, channels: Int) {
        self.payloadType = payloadType
        self.codec = codec
        self.clockRate = clockRate
        self.channels = channels
    }

    init?(attribute: String) {
        let words = attribute.split(separator: " ", maxSplits: 1)
        guard words.count == 2, let type = decimal(words[0].utf8, atMost: 127) else { return nil }
        let parts = words[1].split(separator: "/")
        guard (2...3).contains(parts.count), let rate = decimal(parts[1].utf8, atMost: 1_000_000) else { return nil }
        let channels = parts.count == 3 ? decimal(parts[2].utf8, atMost: 255) : 1
        guard let channels, channels > 0 else { return nil }
        self.init(payloadType: UInt8(type), codec: String(parts[0]), clockRate: Int(rate), channels: Int(channels))
    }

    public var attribute: String { "\(payloadType) \(codec)/\(clockRate)" + (channels > 1 ? "/\(channels)" : "") }

    /// Opus as RFC 7587 names it; codec names compare without regard to case (RFC 8866, section 6.6).
    public var isOpus: Bool { codec.lowercased() == "opus" && clockRate == 48_000 && channels == 2 }
}

/// `a=extmap:1/recvonly urn:…` (RFC 8285)
public struct HeaderExtensionMap: Hashable, Sendable {
    /// RFC 6464: the sender's audio level of each packet.
    public static let audioLevelURI = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
    /// RFC 9143: which m-section a packet belongs to.
    public static let midURI = "urn:ietf:params:rtp-hdrext:sdes:mid"

    public var id: UInt8
    public var uri: String

    public init(id: UInt8, uri: String) {
        self.id = id
        self.uri = uri
    }

    init?(attribute: String) {
        let words = attribute.split(separator: " ")
        guard words.count >= 2, let number = words[0].split(separator: "/").first,
            let id = decimal(number.utf8, atMost: 255), id > 0
        else { return nil }
        self.init(id: UInt8(id), uri: String(words[1]))
    }

    public var attribute: String { "\(id) \(uri)" }
}

extension MediaDescription {
    public var mid: String? {
        attributes.value(of: "mid").flatMap { (1...64).contains($0.utf8.count) ? $0 : nil }
    }

    public var direction: MediaDirection {
        attributes.lines.lazy.compactMap { $0.value == nil ? MediaDirection(rawValue: $0.name) : nil }.first
            ?? .sendrecv
    }

    /// The payload types that are both listed in `m=` and described.
    public var rtpMaps: [RTPMap] {
        let listed = Set(formats)
        return attributes.values(of: "rtpmap").compactMap { RTPMap(attribute: $0) }
            .filter { listed.contains(String($0.payloadType)) }
    }

    /// The parameters of a payload type: `minptime=10;useinbandfec=1`.
    public func formatParameters(_ payloadType: UInt8) -> String? {
        for value in attributes.values(of: "fmtp") {
            let words = value.split(separator: " ", maxSplits: 1)
            if words.count == 2, words[0] == String(payloadType) { return String(words[1]) }
        }
        return nil
    }

    public var headerExtensions: [HeaderExtensionMap] {
        attributes.values(of: "extmap").compactMap { HeaderExtensionMap(attribute: $0) }
    }

    public var multiplexesRTCP: Bool { attributes.contains("rtcp-mux") }
    public var reducesRTCP: Bool { attributes.contains("rtcp-rsize") }

    /// Milliseconds of sound that one packet may hold at most (RFC 8866, section 6.4.2).
    public var maximumPacketTime: Int? {
        attributes.value(of: "maxptime").flatMap { decimal($0.utf8, atMost: 1_000) }.map(Int.init)
    }

    /// The SSRCs that `a=ssrc` lines announce, each once, in their order, at most 64.
    public var announcedSources: [UInt32] {
        var sources: [UInt32] = []
        for value in attributes.values(of: "ssrc") {
            guard let word = value.split(separator: " ").first,
                let source = decimal(word.utf8, atMost: UInt64(UInt32.max)).map({ UInt32($0) }),
                !sources.contains(source), sources.count < 64
            else { continue }
            sources.append(source)
        }
        return sources
    }
}
