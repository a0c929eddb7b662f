internal import Foundation

/// Texts in the letters that banks take. SEPA: `a-z A-Z 0-9 / - ? : ( ) . , ' +` and space (EPC217-08), no slash at the
/// ends, no double slash. All of them are in the set of ACH as well.
public enum BankText {
    /// A text in the SEPA set, cut to a length. Accents are dropped, letters of their own are spelt out, the rest becomes
    /// a full stop, as the EPC recommends.
    public static func sepa(_ text: String, most: Int) -> String {
        var out = ""
        for scalar in text.decomposedStringWithCanonicalMapping.unicodeScalars {
            if scalar.properties.canonicalCombiningClass != .notReordered { continue }
            if isSEPA(scalar) {
                out.unicodeScalars.append(scalar)
            } else {
                out += spelt[scalar] ?? (scalar.properties.isWhitespace ? " " : ".")
            }
        }
        while out.contains("//") { out = out.replacing("//", with: "/") }
        let words = out.split(separator: " ").joined(separator: " ")
        return String(words.prefix(most)).trimmingCharacters(in: CharacterSet(charactersIn: "/ "))
    }

    /// Whether a text has nothing but the SEPA set and keeps its rules.
    public static func isSEPA(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy(isSEPA) && !text.hasPrefix("/") && !text.hasSuffix("/") && !text.contains("//")
    }

    private static func isSEPA(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "/", "-", "?", ":", "(", ")", ".", ",", "'", "+", " ": true
        default: false
        }
    }

    /// Whether something remains that a person can recognise.
    public static func isLegible(_ text: String) -> Bool {
        text.unicodeScalars.contains {
            ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
        }
    }

    /// Whether a text is one line of visible characters: no controls, no direction marks, nothing private.
    static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
            default: true
            }
        }
    }

    private static let spelt: [Unicode.Scalar: String] = [
        "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d",
        "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "TH", "ı": "i", "&": "+", "_": "-", "’": "'", "‘": "'", "–": "-",
        "—": "-", "\"": "'", ";": ",", "@": "(at)", "ħ": "h", "Ħ": "H", "ŋ": "n", "Ŋ": "N",
    ]
}
