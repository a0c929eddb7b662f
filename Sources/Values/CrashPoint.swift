internal import Foundation

/// A named place at which a process can be made to die, so that it is shown, and not believed, that a night which is
/// killed there and started again ends with the same bytes.
///
/// `GUICHET_CRASH_AT=night.pay.committed` in the environment arms one point; `night.pay.committed:3` lets it pass twice.
/// Each step of a night has two: before its transaction commits, and after. Each kind of file has two: before it has its name,
/// and after. Tests walk through all of them: a new one that no night and no file passes fails there.
public enum CrashPoint: String, CaseIterable, Sendable {
    case cutWritten = "night.cut.written"
    case cutCommitted = "night.cut.committed"
    case ratingWritten = "night.rate.written"
    case ratingCommitted = "night.rate.committed"
    case monthWritten = "night.month.written"
    case monthCommitted = "night.month.committed"
    case releaseWritten = "night.release.written"
    case releaseCommitted = "night.release.committed"
    case reserveWritten = "night.reserve.written"
    case reserveCommitted = "night.reserve.committed"
    case digestWritten = "night.digest.written"
    case digestCommitted = "night.digest.committed"
    case paymentsWritten = "night.pay.written"
    case paymentsCommitted = "night.pay.committed"
    case endWritten = "night.end.written"
    case endCommitted = "night.end.committed"
    /// Between the end of a night and the file that publishes its head.
    case headFileDue = "night.head-file.due"
    case headFileWritten = "night.head-file.written"
    case headFileNamed = "night.head-file.named"
    // Files: all of it is on disk without its name, and with it.
    case reportFileWritten = "file.report.written"
    case reportFileNamed = "file.report.named"
    case exportFileWritten = "file.export.written"
    case exportFileNamed = "file.export.named"
    case bankFileWritten = "file.bank.written"
    case bankFileNamed = "file.bank.named"
    case replayFileWritten = "file.replay.written"
    case replayFileNamed = "file.replay.named"
    case outputFileWritten = "file.output.written"
    case outputFileNamed = "file.output.named"
    case keyFileWritten = "file.key.written"
    case keyFileNamed = "file.key.named"
    case backupWritten = "file.backup.written"
    case backupNamed = "file.backup.named"

    /// Dies here if the point is armed: at once, without unwinding and without closing anything.
    public func pass() {
        guard let armed = Self.armed, armed.point == self, armed.countdown.passesLast() else { return }
        abort()
    }

    private static let armed: (point: CrashPoint, countdown: Countdown)? = {
        guard let text = ProcessInfo.processInfo.environment["GUICHET_CRASH_AT"] else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1)
        guard let name = parts.first, let point = CrashPoint(rawValue: String(name)) else { return nil }
        return (point, Countdown(parts.count == 2 ? Int(parts[1]) ?? 1 : 1))
    }()
}
