internal import Foundation
public import HTTPEdge

/// A text by which somebody looks for people among thousands: each of its words is somewhere in the name, whatever the
/// case and without accents, or the text stands in an id.
public struct NameSearch: Hashable, Sendable {
    /// As long as anybody types.
    public static let maximumLength = 80

    private let words: [String]
    private let text: String

    /// - Throws: `parameter_malformed` for a text that is empty or too long.
    public init(_ text: String) throws(EdgeRefusal) {
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !trimmed.isEmpty, trimmed.count <= Self.maximumLength else { throw .parameterMalformed(path: "find") }
        self.text = trimmed
        words = Self.folded(trimmed).split(whereSeparator: \.isWhitespace).map(String.init)
    }

    func finds(_ name: String, ids: String?...) -> Bool {
        if ids.contains(where: { $0?.contains(text) == true }) { return true }
        let name = Self.folded(name)
        return words.allSatisfy { name.contains($0) }
    }

    private static func folded(_ text: String) -> String {
        text.folding(options: [.caseInsensitive, .diacriticInsensitive, .widthInsensitive], locale: nil)
    }
}
