internal import Embedded
internal import Foundation

/// The plain words of one refusal code in every language that Guichet speaks, and its HTTP status.
public struct RefusalText: Sendable, Hashable {
    /// The words of one language; `{name}` stands for a fact of the refusal.
    public struct Words: Sendable, Hashable, Codable {
        /// What happened, in a few words.
        public var title: String
        /// Why, in a sentence.
        public var detail: String
        /// What the reader can do now.
        public var next: String
    }

    /// HTTP status (RFC 9110).
    public let status: Int
    /// The words by language code; English is always there.
    public let words: [String: Words]

    /// The words in a language, or in English, with the facts filled in.
    public func words(in language: String, facts: [String: String]) -> Words {
        // Every text has English words: `RefusalTexts.merge` takes no other.
        let chosen = words[language] ?? words["en"] ?? Words(title: "", detail: "", next: "")
        return Words(
            title: fill(chosen.title, facts), detail: fill(chosen.detail, facts), next: fill(chosen.next, facts))
    }
}

/// Every refusal text of the program, by code, merged from `refusals-*.json`.
public enum RefusalTexts {
    public static let all: [String: RefusalText] = merge(files)

    /// The files: one for each part of the program that has refusals.
    static let files: [[UInt8]] = Shelf.schemas.names(startingWith: "refusals-").map { Shelf.schemas[$0] }

    private struct Entry: Decodable {
        var status: Int
        var en: RefusalText.Words
        var fr: RefusalText.Words
    }

    /// What is wrong with the texts, in words for whoever installs; empty for sound ones. Checked at the start, so that
    /// nobody meets a refusal without words.
    public static func problems() -> [String] { problems(in: files) }

    static func problems(in files: [[UInt8]]) -> [String] {
        var problems: [String] = []
        var seen: Set<String> = []
        for (index, file) in files.enumerated() {
            guard let entries = try? JSONDecoder().decode([String: Entry].self, from: Data(file)) else {
                problems.append("file \(index + 1) of the refusal texts can't be read")
                continue
            }
            for (code, entry) in entries.sorted(by: { $0.key < $1.key }) {
                if !seen.insert(code).inserted { problems.append("the refusal \(code) has two texts") }
                if !(400...599).contains(entry.status) {
                    problems.append("the refusal \(code) has no status of a refusal")
                }
                for words in [entry.en, entry.fr] where [words.title, words.detail, words.next].contains("") {
                    problems.append("the refusal \(code) lacks words in English or French")
                }
            }
        }
        return problems
    }

    static func merge(_ files: [[UInt8]]) -> [String: RefusalText] {
        var texts: [String: RefusalText] = [:]
        for file in files {
            // The files are part of the program: a broken one is a bug that the first test finds.
            guard let entries = try? JSONDecoder().decode([String: Entry].self, from: Data(file)) else {
                preconditionFailure("A refusal text file cannot be read.")
            }
            for (code, entry) in entries {
                let text = RefusalText(status: entry.status, words: ["en": entry.en, "fr": entry.fr])
                precondition(texts.updateValue(text, forKey: code) == nil, "Two texts for the refusal \(code).")
            }
        }
        return texts
    }
}

private func fill(_ text: String, _ facts: [String: String]) -> String {
    guard text.contains("{") else { return text }
    return facts.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
}
