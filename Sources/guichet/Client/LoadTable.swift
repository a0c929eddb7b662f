import Foundation
import RoomClient

/// A load report as people read it.
struct LoadTable {
    private let report: LoadReport

    init(_ report: LoadReport) { self.report = report }

    func print() {
        let sound = report.sound
        var rows: [[String]] = [
            ["listeners joined", "\(report.joins.joined) of \(report.joins.asked)"],
            ["- a second", Self.number(report.joins.perSecond, "%.1f")],
            ["- set-up p50 / p99", Self.pair(report.joins.p50Milliseconds, report.joins.p99Milliseconds, "ms")],
        ]
        for (code, count) in report.joins.failures.sorted(by: { $0.key < $1.key }) {
            rows.append(["- refused or failed: \(code)", "\(count)"])
        }
        rows += [
            ["frames of 20 ms sent", "\(sound.framesSent) by \(report.voices) voices in \(Int(report.seconds)) s"],
            ["- heard, all listeners", "\(sound.framesHeard)" + (sound.framesExpected.map { " of \($0)" } ?? "")],
            ["- lost", Self.share(sound.lost, sound.lostShare)],
            ["- lost by the worst listener", Self.percent(sound.worstLostShare)],
            ["- duplicates / out of order / damaged", "\(sound.duplicates) / \(sound.reordered) / \(sound.damaged)"],
            ["packets a listener and second", Self.number(sound.packetsPerListenerSecond, "%.1f")],
        ]
        for (reason, count) in sound.ended.sorted(by: { $0.key < $1.key }) {
            rows.append(["ended before their time: \(reason)", "\(count)"])
        }
        if let delay = report.delay {
            rows.append([
                "delay p50 / p99 / most",
                Self.pair(delay.p50Milliseconds, delay.p99Milliseconds, nil)
                    + String(format: " / %.1f ms", delay.maximumMilliseconds),
            ])
        }
        rows += serverRows
        Output.table(["what", "figure"], rows)
        if report.server == nil { Output.error("The server's process was not found; --server-pid names it.") }
        Output.error("Delays hold this process's own lateness too: compare them on a machine that is not full.")
    }

    private var serverRows: [[String]] {
        guard let server = report.server else { return [] }
        return [
            ["server CPU, process \(server.process)", String(format: "%.2f s", server.cpuSeconds)],
            ["- a forwarded packet", Self.number(server.microsecondsPerPacket, "%.2f µs")],
            ["- a listener's second of a voice", Self.number(server.microsecondsPerListenerSecond, "%.1f µs")],
            ["- a join, all of it", Self.number(server.joinMilliseconds, "%.2f ms")],
            ["server memory", String(format: "%.1f MiB", Double(server.residentBytes) / 1_048_576)],
            ["- a listener", Self.number(server.bytesPerListener.map { Double($0) / 1_024 }, "%.1f KiB")],
        ]
    }

    private static func number(_ value: Double?, _ form: String) -> String {
        value.map { String(format: form, $0) } ?? "-"
    }

    private static func pair(_ one: Double?, _ other: Double?, _ unit: String?) -> String {
        number(one, "%.1f") + " / " + number(other, "%.1f") + (unit.map { " \($0)" } ?? "")
    }

    private static func percent(_ share: Double?) -> String { number(share.map { $0 * 100 }, "%.3f %%") }

    private static func share(_ count: Int?, _ share: Double?) -> String {
        guard let count else { return "not known: more voices than slots" }
        return "\(count) (\(percent(share)))"
    }
}
