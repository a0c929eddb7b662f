import Foundation

/// One line of a benchmark's table.
struct Measurement {
    let what: String
    /// Operations per second of wall time, if that was measured.
    var perSecond: Double?
    /// CPU time of this process per operation, in microseconds.
    var cpuMicroseconds: Double?
    /// The ratio to the baseline, in words such as `97 % of openssl speed`.
    var ratio: String = ""
    /// The limit or target this stands against, if the project has one.
    var target: String = ""

    /// Rate and CPU beside those of a baseline, in words.
    func ratio(to baseline: Measurement, called name: String) -> String {
        var words = ""
        if let own = perSecond, let other = baseline.perSecond {
            words = String(format: "%.0f %% of %@", own / other * 100, name)
        }
        if let own = cpuMicroseconds, let other = baseline.cpuMicroseconds {
            words += String(format: " (%.2f x CPU)", own / other)
        }
        return words
    }
}

/// A titled table of measurements, printed in columns.
struct MeasurementTable {
    let title: String
    var rows: [Measurement] = []
    var notes: [String] = []

    func print() {
        let cells = rows.map { row in
            [
                row.what, row.perSecond.map { number($0) } ?? "-",
                row.cpuMicroseconds.map { String(format: "%.2f", $0) } ?? "-", row.ratio, row.target,
            ]
        }
        let header = ["what", "per second", "µs CPU each", "ratio", "target"]
        let widths = header.indices.map { column in ([header] + cells).map { $0[column].count }.max() ?? 0 }
        Swift.print("\n\(title)")
        for row in [header] + cells {
            let padded = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            Swift.print("  " + padded.joined(separator: "   ").trimmingCharacters(in: .whitespaces))
        }
        for note in notes { Swift.print("  \(note)") }
    }

    private func number(_ value: Double) -> String {
        value >= 100 ? String(Int(value.rounded())) : String(format: "%.1f", value)
    }
}

/// Words on standard error while something long runs.
enum Progress {
    static func say(_ text: String) { FileHandle.standardError.write(Data("… \(text)\n".utf8)) }
}
