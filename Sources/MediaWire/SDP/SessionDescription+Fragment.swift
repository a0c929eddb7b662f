/// Fragments of descriptions (`application/trickle-ice-sdpfrag`, RFC 8840, section 9): what WHIP and WHEP send by PATCH
/// for candidates that were found later, and for new ICE credentials.
extension SessionDescription {
    /// Reads a fragment: attributes of the session, then media sections of which only ICE and `mid` count. The lines that
    /// a whole description has and a fragment leaves out are put in its place; the same bounds hold.
    public init(parsingFragment text: String) throws(SDPFault) {
        guard text.utf8.count <= Self.maximumByteCount - 128 else { throw .tooLarge }
        // A restart without candidates may come without any section.
        let hasMedia = text.split(whereSeparator: \.isNewline).contains { $0.hasPrefix("m=") }
        let rest = hasMedia ? "" : "\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n"
        try self.init(parsing: "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\n" + text + rest)
    }

    /// The text of a fragment, lines ended by CRLF.
    public var fragmentText: String {
        var lines = attributes.lines.map(\.text)
        for section in media {
            let formats = section.formats.joined(separator: " ")
            lines.append("m=\(section.kind) \(section.port) \(section.transport) \(formats)")
            lines += section.attributes.lines.map(\.text)
        }
        return lines.map { Self.oneLine($0) + "\r\n" }.joined()
    }
}
