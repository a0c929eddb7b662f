import ArgumentParser
import AudioRelay
import Testing

@testable import RoomClient
@testable import guichet

/// What a monitor is told: within the limits, or which limit is exceeded.
@Suite struct ProbeTests {
    private let fine = ProbeReport(
        packets: 500, lost: 5, lossPercent: 1, jitterMilliseconds: 12, roundTripMilliseconds: 40,
        setUpMilliseconds: 90, longestGapMilliseconds: 60, end: .finished)

    private func limits(_ arguments: String...) throws -> ProbeOptions { try ProbeOptions.parse(arguments) }

    @Test func `within the limits there is no fault`() throws {
        #expect(try limits("--probe").faults(of: fine).isEmpty)
        #expect(fine.words.contains("lost 5 (1.00 %)") && fine.words.contains("jitter 12.0 ms"))
    }

    @Test func `each limit is judged by itself`() throws {
        #expect(try limits("--max-loss", "0.5").faults(of: fine).count == 1)
        #expect(try limits("--max-jitter", "10").faults(of: fine).count == 1)
        #expect(try limits("--max-round-trip", "39").faults(of: fine).count == 1)
        var report = fine
        report.end = .consentLost
        #expect(try limits().faults(of: report) == ["The connection ended before its time (consent_lost)."])
    }

    @Test func `silence is a fault unless it is allowed, and what is not known is none`() throws {
        let silent = ProbeReport(packets: 0, end: .finished)
        #expect(try limits().faults(of: silent).count == 1)
        #expect(try limits("--maybe-silent").faults(of: silent).isEmpty)
        #expect(silent.words.contains("jitter unknown"))
    }

    @Test func `silence in between and at the end is judged by --max-gap`() throws {
        #expect(try limits("--max-gap", "59").faults(of: fine) == ["Nothing was heard for 60 ms; 59 are allowed."])
        #expect(try limits("--max-gap", "60").faults(of: fine).isEmpty)
        var report = fine
        report.silenceAtEndMilliseconds = 2_001
        #expect(try limits().faults(of: report) == ["It was silent for the last 2001 ms; 2000 are allowed."])
        #expect(try limits("--max-gap", "3000").faults(of: report).isEmpty)
        #expect(try limits("--maybe-silent").faults(of: report).isEmpty)
    }

    @Test(arguments: [
        ["--max-loss", "101"], ["--max-loss", "-1"], ["--max-jitter", "-1"], ["--max-gap", "-1"],
    ])
    func `limits out of range are refused`(arguments: [String]) {
        #expect(throws: (any Error).self) { try ProbeOptions.parse(arguments) }
    }

    @Test func `what was heard is read from the transport's own count`() {
        var summary = ListenSummary()
        summary.quality.received = 90
        summary.quality.lost = 10
        summary.quality.jitter = 480
        let watch = ProbeWatch()
        watch.heard(atNanoseconds: 1_000_000)
        watch.heard(atNanoseconds: 41_000_000)
        #expect(watch.report(hearing: summary).silenceAtEndMilliseconds == nil)
        summary.endedAtNanoseconds = 91_000_000
        let report = watch.report(hearing: summary)
        #expect(report.lossPercent == 10 && report.lost == 10)
        #expect(report.longestGapMilliseconds == 40 && report.silenceAtEndMilliseconds == 50)
    }
}
