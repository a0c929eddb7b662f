/// Why a text is not a session description.
public enum SDPFault: Error, Hashable, Sendable {
    case tooLarge
    /// The line, counted from 1, that is not of the form `x=…` or holds what its type does not allow.
    case line(Int)
    /// `v=0` does not come first, or `o=` or a media section is missing.
    case incomplete
}

extension SessionDescription {
    /// Reads the text; lines end with CRLF or LF (RFC 8866, section 5: parsers should take both).
    public init(parsing text: String) throws(SDPFault) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumByteCount else { throw .tooLarge }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count <= Self.maximumLineCount else { throw .tooLarge }
        var description = SessionDescription(originID: 0)
        var hasVersion = false
        var hasOrigin = false
        for (index, raw) in lines.enumerated() {
            let line = raw.last == UInt8(ascii: "\r") ? raw.dropLast() : raw
            // Clients that build the text by hand often end it with a blank line.
            guard !line.isEmpty else { continue }
            guard let type = line.first, line.dropFirst().first == UInt8(ascii: "="),
                line.allSatisfy({ $0 >= 0x20 || $0 == 0x09 })
            else { throw .line(index + 1) }
            let value = String(decoding: line.dropFirst(2), as: UTF8.self)
            guard hasVersion == (type != UInt8(ascii: "v")) else { throw .incomplete }
            switch type {
            case UInt8(ascii: "v"):
                guard value == "0" else { throw .line(index + 1) }
                hasVersion = true
            case UInt8(ascii: "o"):
                guard !hasOrigin, description.read(origin: value) else { throw .line(index + 1) }
                hasOrigin = true
            case UInt8(ascii: "m"):
                guard description.media.count < Self.maximumMediaCount, let media = MediaDescription(line: value)
                else { throw .line(index + 1) }
                description.media.append(media)
            case UInt8(ascii: "a"):
                guard description.read(attribute: value) else { throw .line(index + 1) }
            default:
                // s=, t=, c=, b= and their like say nothing that WebRTC acts on (RFC 8829, section 5.8).
                continue
            }
        }
        guard hasOrigin, !description.media.isEmpty else { throw .incomplete }
        self = description
    }

    private mutating func read(origin value: String) -> Bool {
        let words = value.split(separator: " ")
        guard words.count == 6, let id = decimal(words[1].utf8, atMost: .max),
            let version = decimal(words[2].utf8, atMost: .max)
        else { return false }
        (originID, originVersion) = (id, version)
        return true
    }

    private mutating func read(attribute value: String) -> Bool {
        let parts = value.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let name = parts.first, !name.isEmpty else { return false }
        let rest = parts.count == 2 ? String(parts[1]) : nil
        if media.isEmpty {
            attributes.add(String(name), rest)
        } else {
            media[media.count - 1].attributes.add(String(name), rest)
        }
        return true
    }
}

extension MediaDescription {
    /// `audio 9 UDP/TLS/RTP/SAVPF 111 63`; a port range (`9/2`) has no place in WebRTC.
    fileprivate init?(line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 4, words.count <= 68, let port = decimal(words[1].utf8, atMost: 65_535) else { return nil }
        self.init(kind: words[0], port: Int(port), transport: words[2], formats: Array(words[3...]))
    }
}
