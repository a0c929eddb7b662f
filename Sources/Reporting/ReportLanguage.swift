/// The language of a report's words and figures. Files for machines (CSV, JSON, journals) are the same in both.
public enum ReportLanguage: String, Hashable, Sendable, CaseIterable, Codable {
    case english = "en"
    case french = "fr"
}

/// A text in every language of the reports.
struct Wording: Hashable, Sendable, Codable {
    let en: String
    let fr: String

    subscript(language: ReportLanguage) -> String {
        switch language {
        case .english: en
        case .french: fr
        }
    }
}
