/// A session description (RFC 8866) as offers and answers of WebRTC use it (RFC 8829): the lines that carry meaning
/// there, the rest kept as attributes or passed over.
///
/// The text comes from strangers, so everything is bounded: 64 KiB, 1,000 lines, 64 media descriptions. The largest
/// offer met in the wild (a browser with every codec and extension, twenty tracks) has some 20 KiB.
public struct SessionDescription: Hashable, Sendable {
    public static let maximumByteCount = 64 * 1024
    public static let maximumLineCount = 1_000
    public static let maximumMediaCount = 64

    /// `o=`: a numeric session id and the version, which rises with every change.
    public var originID: UInt64
    public var originVersion: UInt64
    public var attributes: SDPAttributes
    public var media: [MediaDescription]

    public init(
        originID: UInt64, originVersion: UInt64 = 1, attributes: SDPAttributes = SDPAttributes(),
        media: [MediaDescription] = []
    ) {
        self.originID = originID
        self.originVersion = originVersion
        self.attributes = attributes
        self.media = media
    }

    /// The `mid`s of the first BUNDLE group (RFC 9143), in its order; empty without one.
    public var bundle: [String] {
        for value in attributes.values(of: "group") {
            let words = value.split(separator: " ")
            if words.first == "BUNDLE" { return words.dropFirst().map(String.init) }
        }
        return []
    }
}

/// One `m=` section: a stream that may be sent or received.
public struct MediaDescription: Hashable, Sendable {
    /// `audio`, `video` or `application`.
    public var kind: String
    /// 0 says: refused (in an answer) or unused (in an offer); 9 is the placeholder of WebRTC.
    public var port: Int
    /// `UDP/TLS/RTP/SAVPF`
    public var transport: String
    /// Payload types, as text because `application` sections name `webrtc-datachannel`.
    public var formats: [String]
    public var attributes: SDPAttributes

    public init(
        kind: String, port: Int, transport: String, formats: [String], attributes: SDPAttributes = SDPAttributes()
    ) {
        self.kind = kind
        self.port = port
        self.transport = transport
        self.formats = formats
        self.attributes = attributes
    }

    /// Port 0, unless the section only waits for its bundle (`a=bundle-only`, RFC 9143, section 6).
    public var isRejected: Bool { port == 0 && !attributes.contains("bundle-only") }
}

/// `a=` lines in their order: `name` or `name:value`.
public struct SDPAttributes: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public let name: String
        public let value: String?
    }

    public private(set) var lines: [Line] = []

    public init() {}

    public mutating func add(_ name: String, _ value: String? = nil) { lines.append(Line(name: name, value: value)) }

    /// The value of the first line of this name.
    public func value(of name: String) -> String? { lines.first { $0.name == name && $0.value != nil }?.value }

    public func values(of name: String) -> [String] { lines.compactMap { $0.name == name ? $0.value : nil } }

    public func contains(_ name: String) -> Bool { lines.contains { $0.name == name } }
}
