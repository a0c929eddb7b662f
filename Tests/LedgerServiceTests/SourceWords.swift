/// The words of a line of source, read byte by byte: a regular expression takes a minute for all tests of a debug build.
struct SourceWords {
    /// Of a–z, 0–9 and `_`.
    private(set) var small: [String] = []
    /// Those of ``small`` between quotation marks.
    private(set) var quoted: [String] = []
    /// Words of any letters and digits that a full stop stands before.
    private(set) var behindDots: [String] = []
    /// Whether it says what is thrown or compared.
    private(set) var namesCases = false

    init(_ line: Substring.UTF8View.SubSequence) {
        let bytes = Array(line)
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "\"") {
                // The end of a text of several lines is no beginning of another one.
                if bytes[index...].starts(with: "\"\"\"".utf8) { index += 2 } else { isQuoted.toggle() }
            } else if Self.isWord(bytes[index]) {
                let end = bytes[index...].firstIndex { !Self.isWord($0) } ?? bytes.endIndex
                let word = bytes[index..<end]
                if index > 0, bytes[index - 1] == UInt8(ascii: ".") {
                    behindDots.append(String(decoding: word, as: UTF8.self))
                }
                for piece in word.split(whereSeparator: { (65...90).contains($0) }) {
                    let text = String(decoding: piece, as: UTF8.self)
                    small.append(text)
                    if isQuoted { quoted.append(text) }
                }
                index = end
                continue
            } else if bytes[index] == UInt8(ascii: "="), bytes[index...].starts(with: "==".utf8) {
                namesCases = true
            }
            index += 1
        }
        let text = Substring(line)
        namesCases = namesCases || ["Refusal", "throws:", ".refused("].contains { text.contains($0) }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 48...57, 65...90, 95, 97...122: true
        default: false
        }
    }
}
