internal import Embedded
internal import Foundation

/// The words of the pages in one language, by key.
struct PageTexts: Sendable {
    let all: [String: String]

    init(_ language: PageLanguage) throws {
        let bytes =
            switch language {
            case .english: Shelf.pages["texts/web-texts-en.json"]
            case .french: Shelf.pages["texts/web-texts-fr.json"]
            }
        all = try JSONDecoder().decode([String: String].self, from: Data(bytes))
    }

    /// The text of a key with its `{names}` filled; the key itself where there is no such text, which a test excludes.
    func text(_ key: String, _ facts: [String: String] = [:]) -> String {
        var text = all[key] ?? key
        for (name, value) in facts { text = text.replacingOccurrences(of: "{\(name)}", with: value) }
        return text
    }

    /// The text for a count: `key_one` or `key_other`. French counts 0 and 1 as one, English only 1 (CLDR 46).
    func text(_ key: String, count: Int, in language: PageLanguage) -> String {
        let one = language == .french ? count == 0 || count == 1 : count == 1
        return text(key + (one ? "_one" : "_other"), ["n": String(count)])
    }
}
