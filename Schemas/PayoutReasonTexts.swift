internal import Embedded
internal import Foundation

/// The sentences that tell a host why they were paid in a night, or why not.
public enum PayoutReasonTexts {
    private static let all: [String: [String: String]] = {
        // The file is part of the program: a broken one is a bug that the first test finds.
        let file = Data(Shelf.schemas["payout-reasons.json"])
        guard let texts = try? JSONDecoder().decode([String: [String: String]].self, from: file) else {
            preconditionFailure("The texts of payout reasons cannot be read.")
        }
        return texts
    }()

    public static var codes: Set<String> { Set(all.keys) }

    /// The sentence of a code in a language, or in English, with the facts filled in.
    public static func sentence(_ code: String, in language: String, facts: [String: String]) -> String {
        let text = all[code]?[language] ?? all[code]?["en"] ?? code
        return facts.reduce(text) { $0.replacing("{\($1.key)}", with: $1.value) }
    }
}
