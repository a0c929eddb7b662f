public import Reporting
public import Values

/// What somebody wants of a report: days, forms, and up to where the journal is read.
public struct ReportRequest: Sendable, Hashable {
    /// `nil`: the period of the report's kind that the last entry is dated in.
    public var period: ReportPeriod?
    public var formats: [ReportFormat]
    public var profile: ReportProfile
    public var language: ReportLanguage
    /// The last entry that counts; `nil`: all of them.
    public var through: Int64?
    /// All files and the control file in one archive.
    public var isBundled: Bool

    public init(
        period: ReportPeriod? = nil, formats: [ReportFormat], profile: ReportProfile = .standard,
        language: ReportLanguage = .english, through: Int64? = nil, isBundled: Bool = false
    ) {
        self.period = period
        self.formats = formats
        self.profile = profile
        self.language = language
        self.through = through
        self.isBundled = isBundled
    }
}

/// Why a report with a query was not made.
public enum ReportRunRefusal: Refusal, Hashable {
    case reportNameUnknown
    case periodMalformed
    case profileUnknown
    case formatUnknown
    /// The journal is not that long.
    case throughAhead
    /// The report has more rows than one export may have.
    case tooManyRows(most: Int)
    /// The database worked on it for longer than it may.
    case tooSlow(seconds: Int)
    /// A file would have more than 4 GiB.
    case tooLarge
    /// As many reports wait as may wait.
    case busy

    public var code: String {
        switch self {
        case .reportNameUnknown: "report_name_unknown"
        case .periodMalformed: "report_period"
        case .profileUnknown: "report_profile"
        case .formatUnknown: "report_export_format"
        case .throughAhead: "report_through"
        case .tooManyRows: "report_too_long"
        case .tooSlow: "report_too_slow"
        case .tooLarge: "report_too_large"
        case .busy: "report_busy"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .tooManyRows(let most): ["rows": String(most)]
        case .tooSlow(let seconds): ["seconds": String(seconds)]
        case .reportNameUnknown, .periodMalformed, .profileUnknown, .formatUnknown, .throughAhead, .tooLarge,
            .busy:
            [:]
        }
    }
}

/// A report as a list shows it.
struct ReportDefinitionView: Sendable, Encodable {
    struct Column: Sendable, Encodable {
        let name: String
        let kind: String
    }

    let name, title, about, period: String
    let columns: [Column]
    let formats: [String]
}
