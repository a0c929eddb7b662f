internal import HTTPEdge
internal import Reporting
internal import Synchronization
internal import Values

/// The files of the night that was asked for last. A night that is done never changes, so they cannot go stale; one
/// night is all that is kept, since its journal may have many megabytes.
final class KeptReports: Sendable {
    private struct Kept {
        let day: LocalDay
        let language: Language
        let files: [ReportFile]
    }
    private let last = Mutex<Kept?>(nil)

    func files(of day: LocalDay, _ language: Language) -> [ReportFile]? {
        last.withLock { kept in
            guard let kept, kept.day == day, kept.language == language else { return nil }
            return kept.files
        }
    }

    func keep(_ files: [ReportFile], of day: LocalDay, _ language: Language) {
        last.withLock { $0 = Kept(day: day, language: language, files: files) }
    }
}
