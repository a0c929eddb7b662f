/// An ICE candidate of a description (RFC 8839, section 5.1).
public struct ICECandidate: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable {
        case host, srflx, prflx, relay
    }

    public var foundation: String
    /// 1 is RTP; with rtcp-mux there is no other.
    public var component: Int
    /// `udp` or `tcp`, lower-case.
    public var transport: String
    public var priority: UInt32
    /// An IP address, or a name that only the browser's own network can resolve (`….local`, RFC 8828).
    public var host: String
    public var port: UInt16
    public var kind: Kind
    /// `active`, `passive` or `so`, of a `tcp` candidate (RFC 6544, section 4.5).
    public var tcpType: String?

    public init(
        foundation: String, component: Int = 1, transport: String = "udp", priority: UInt32, host: String, port: UInt16,
        kind: Kind = .host, tcpType: String? = nil
    ) {
        self.foundation = foundation
        self.component = component
        self.transport = transport
        self.priority = priority
        self.host = host
        self.port = port
        self.kind = kind
        self.tcpType = tcpType
    }

    /// Reads the value of `a=candidate:`; of the extensions behind `typ` only `tcptype` is read.
    public init?(attribute: String) {
        // What stands behind forty words, in one piece with its spaces, is nobody's candidate.
        let words = attribute.split(separator: " ", maxSplits: 40).prefix(40)
        guard words.count >= 8, words[6] == "typ", words[0].utf8.count <= 32,
            let component = decimal(words[1].utf8, atMost: 256),
            let priority = decimal(words[3].utf8, atMost: UInt64(UInt32.max)),
            let port = decimal(words[5].utf8, atMost: 65_535), let kind = Kind(rawValue: String(words[7])),
            words[4].utf8.count <= 255
        else { return nil }
        self.init(
            foundation: String(words[0]), component: Int(component), transport: words[2].lowercased(),
            priority: UInt32(priority), host: String(words[4]), port: UInt16(port), kind: kind,
            tcpType: words.dropFirst(8).firstIndex(of: "tcptype")
                .flatMap { words.dropFirst($0 + 1).first.map(String.init) })
    }

    public var attribute: String {
        "\(foundation) \(component) \(transport) \(priority) \(host) \(port) typ \(kind.rawValue)"
            + (tcpType.map { " tcptype \($0)" } ?? "")
    }

    /// The address to send to; `nil` for a name.
    public var address: SocketAddress? { SocketAddress(host: host, port: port) }

    /// The priority of a host candidate (RFC 8445, section 5.1.2.1): type preference 126, component 1.
    public static func hostPriority(localPreference: UInt16) -> UInt32 {
        126 << 24 | UInt32(localPreference) << 8 | 255
    }

    /// For a passive TCP candidate: behind every UDP one, with the direction's preference of RFC 6544, section 4.2.
    public static func passiveStreamPriority(preference: UInt16) -> UInt32 {
        90 << 24 | (4 << 13 | UInt32(min(preference, 8_191))) << 8 | 255
    }
}

extension MediaDescription {
    /// At most 64 candidates; lines that are none are passed over, as RFC 8839 asks.
    public var candidates: [ICECandidate] {
        attributes.values(of: "candidate").prefix(64).compactMap { ICECandidate(attribute: $0) }
    }
}
