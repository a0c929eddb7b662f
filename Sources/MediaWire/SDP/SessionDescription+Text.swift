extension SessionDescription {
    /// The text, lines ended by CRLF, ready to be sent.
    ///
    /// `s=-`, `t=0 0` and `c=IN IP4 0.0.0.0` are what RFC 8829, section 5.2.1, prescribes where ICE decides.
    public var text: String {
        var lines = ["v=0", "o=- \(originID) \(originVersion) IN IP4 0.0.0.0", "s=-", "t=0 0"]
        lines += attributes.lines.map(\.text)
        for section in media {
            let formats = section.formats.joined(separator: " ")
            lines.append("m=\(section.kind) \(section.port) \(section.transport) \(formats)")
            lines.append("c=IN IP4 0.0.0.0")
            lines += section.attributes.lines.map(\.text)
        }
        return lines.map { Self.oneLine($0) + "\r\n" }.joined()
    }

    /// Control characters but the tab become spaces, so that no value, whoever made it, opens a line of its own.
    static func oneLine(_ text: String) -> String {
        func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 }
        guard text.utf8.contains(where: isControl) else { return text }
        return String(decoding: text.utf8.map { isControl($0) ? 0x20 : $0 }, as: UTF8.self)
    }
}

extension SDPAttributes.Line {
    var text: String { value.map { "a=\(name):\($0)" } ?? "a=\(name)" }
}
