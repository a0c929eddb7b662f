internal import Foundation
public import HTTPEdge

/// A text by which somebody looks for people among thousands: each of its words is somewhere in the name, whatever the
/// case and without accents; or the text is a good part of an id.
public struct NameSearch: Hashable, Sendable {
    /// As long as anybody types, in Unicode scalars.
    public static let maximumLength = 80
    /// A shorter text is in the random letters of somebody's id by chance.
    private static let idLength = 8

    private let words: [String]
    /// What ids are compared with; `nil` for a text that is too short.
    private let id: String?

    /// - Throws: `parameter_malformed` for a text without a letter that could be found, or one that is too long.
    public init(_ text: String) throws(EdgeRefusal) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        words = Self.folded(trimmed).split(whereSeparator: \.isWhitespace).map(String.init)
        guard trimmed.unicodeScalars.contains(where: Self.stands), text.unicodeScalars.count <= Self.maximumLength
        else {
            throw .parameterMalformed(path: "find")
        }
        id = trimmed.count < Self.idLength ? nil : trimmed.lowercased()
    }

    public func finds(_ name: String, ids: String?...) -> Bool {
        if let id, ids.contains(where: { $0?.contains(id) == true }) { return true }
        let name = Self.folded(name)
        return words.allSatisfy { name.contains($0) }
    }

    /// Whether something can be looked for: an accent without a letter is in no name.
    private static func stands(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark, .format, .control: false
        default: !scalar.properties.isWhitespace
        }
    }

    /// Letters that Unicode does not take apart into a letter and an accent.
    private static let whole: [Character: String] = [
        "ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th",
    ]

    private static func folded(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.lowercased() }
        let folded = text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
        return folded.contains { whole[$0] != nil } ? folded.map { whole[$0] ?? String($0) }.joined() : folded
    }
}
