import ArgumentParser
import AudioRelay
import Foundation
import RoomClient
import Synchronization

/// Measuring in place of listening, with the limits a monitor sets.
struct ProbeOptions: ParsableArguments {
    @Flag(help: "Measure loss, jitter and round trip, and exit with 2 when a limit is exceeded.") var probe = false
    @Option(help: "Probe: packets in percent that may be lost.") var maxLoss = 2.0
    @Option(help: "Probe: milliseconds of jitter (RFC 3550) that are allowed.") var maxJitter = 50.0
    @Option(help: "Probe: milliseconds that a round trip to the server may take.") var maxRoundTrip = 500.0
    @Option(
        help: "Probe: milliseconds without a packet that are allowed, between two of them or at the end of listening.")
    var maxGap = 2_000.0
    @Flag(help: "Probe: silence is no fault; else somebody must speak until the end.") var maybeSilent = false

    func validate() throws {
        guard (0...100).contains(maxLoss), maxJitter >= 0, maxRoundTrip >= 0, maxGap >= 0 else {
            throw ValidationError(
                "--max-loss takes 0 to 100; --max-jitter, --max-round-trip and --max-gap take 0 or more.")
        }
    }

    /// Prints what was measured.
    ///
    /// - Throws: ``ArgumentParser/ExitCode/worse`` when a limit is exceeded.
    func judge(_ measured: ProbeReport, json: Bool) throws {
        var report = measured
        report.faults = faults(of: measured)
        if json { try Output.json(report) } else { Output.line(report.words) }
        for fault in report.faults { Output.error("guichet: \(fault)") }
        if !report.faults.isEmpty { throw ExitCode.worse }
    }

    func faults(of report: ProbeReport) -> [String] {
        var faults: [String] = []
        if report.end != .finished { faults.append("The connection ended before its time (\(report.end.rawValue)).") }
        if report.packets == 0, !maybeSilent { faults.append("Not one packet was heard or sent.") }
        if let loss = report.lossPercent, loss > maxLoss {
            faults.append(String(format: "%.2f %% of the packets were lost; %.2f are allowed.", loss, maxLoss))
        }
        if let jitter = report.jitterMilliseconds, jitter > maxJitter {
            faults.append(String(format: "The jitter is %.1f ms; %.1f are allowed.", jitter, maxJitter))
        }
        if let trip = report.roundTripMilliseconds, trip > maxRoundTrip {
            faults.append(String(format: "A round trip takes %.1f ms; %.1f are allowed.", trip, maxRoundTrip))
        }
        return faults + silences(of: report)
    }

    private func silences(of report: ProbeReport) -> [String] {
        guard !maybeSilent else { return [] }
        var faults: [String] = []
        if let gap = report.longestGapMilliseconds, gap > maxGap {
            faults.append(String(format: "Nothing was heard for %.0f ms; %.0f are allowed.", gap, maxGap))
        }
        // Whatever has fallen silent since then has not come back: that is another fault than a gap.
        if let silence = report.silenceAtEndMilliseconds, silence > maxGap {
            faults.append(
                String(format: "It was silent for the last %.0f ms; %.0f are allowed.", silence, maxGap))
        }
        return faults
    }
}

/// What a probe measured; with `--json` exactly this is printed.
struct ProbeReport: Encodable, Equatable {
    /// Heard, or sent.
    var packets: Int
    var lost: Int?
    var lossPercent: Double?
    /// RFC 3550; of a sender as the server reports it.
    var jitterMilliseconds: Double?
    /// From a consent check to its answer. One way is not known: the clocks of both ends differ.
    var roundTripMilliseconds: Double?
    /// From the first request to sound that can flow.
    var setUpMilliseconds: Double?
    /// Between two packets that were heard.
    var longestGapMilliseconds: Double?
    /// From the last packet that was heard to the end of listening.
    var silenceAtEndMilliseconds: Double?
    var end: SessionEnd
    var faults: [String] = []

    var words: String {
        func figure(_ value: Double?, _ form: String) -> String { value.map { String(format: form, $0) } ?? "unknown" }
        return [
            "packets \(packets)", "lost \(lost.map(String.init) ?? "unknown") (\(figure(lossPercent, "%.2f %%")))",
            "jitter \(figure(jitterMilliseconds, "%.1f ms"))", "round trip \(figure(roundTripMilliseconds, "%.1f ms"))",
            "set-up \(figure(setUpMilliseconds, "%.0f ms"))",
            "longest gap \(figure(longestGapMilliseconds, "%.0f ms"))",
            "silent at the end \(figure(silenceAtEndMilliseconds, "%.0f ms"))", end.rawValue,
        ].joined(separator: ", ")
    }
}

/// Times of a session, told from the session's tasks.
final class ProbeWatch: Sendable {
    private struct Times {
        let begun = DispatchTime.now().uptimeNanoseconds
        var connected: UInt64?
        var lastHeard: UInt64?
        var longestGap: UInt64?
    }

    /// Protects what was seen so far.
    private let times = Mutex(Times())

    func connected() { times.withLock { $0.connected = DispatchTime.now().uptimeNanoseconds } }

    func heard(atNanoseconds now: UInt64) {
        times.withLock { times in
            if let last = times.lastHeard { times.longestGap = max(times.longestGap ?? 0, now - min(last, now)) }
            times.lastHeard = now
        }
    }

    func report(hearing summary: ListenSummary) -> ProbeReport {
        var report = report(summary.quality, packets: summary.packets, end: summary.end)
        // The listener's own count: numbered packets that never came.
        report.lost = Int(clamping: summary.quality.lost)
        report.lossPercent = Self.percent(summary.quality.lost, of: summary.quality.received + summary.quality.lost)
        report.jitterMilliseconds = summary.packets > 0 ? Double(summary.quality.jitter) / 48 : nil
        if let last = times.withLock({ $0.lastHeard }), let ended = summary.endedAtNanoseconds {
            report.silenceAtEndMilliseconds = Double(ended - min(last, ended)) / 1e6
        }
        return report
    }

    func report(sending summary: PublishSummary) -> ProbeReport {
        var report = report(summary.quality, packets: Int(clamping: summary.quality.sent), end: summary.end)
        report.lost = summary.quality.reportedLost.map { Int(clamping: $0) }
        report.lossPercent = summary.quality.reportedLost.flatMap { Self.percent($0, of: summary.quality.sent) }
        report.jitterMilliseconds = summary.quality.reportedJitter.map { Double($0) / 48 }
        return report
    }

    private func report(_ quality: ClientQuality, packets: Int, end: SessionEnd) -> ProbeReport {
        let times = times.withLock { $0 }
        func milliseconds(_ nanoseconds: UInt64?) -> Double? { nanoseconds.map { Double($0) / 1e6 } }
        return ProbeReport(
            packets: packets, roundTripMilliseconds: milliseconds(quality.roundTripNanoseconds),
            setUpMilliseconds: milliseconds(times.connected.map { $0 - times.begun }),
            longestGapMilliseconds: milliseconds(times.longestGap), end: end)
    }

    private static func percent(_ part: UInt64, of whole: UInt64) -> Double? {
        whole > 0 ? Double(part) * 100 / Double(whole) : nil
    }
}
