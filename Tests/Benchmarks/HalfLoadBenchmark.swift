import Foundation

/// `Scripts/bench relay --half-load`: how long a packet takes through a media thread that works half of its time and
/// sends each packet at once.
///
/// The number of listeners is found: a first load tells what a listener costs the server, the next ones come closer.
struct HalfLoadBenchmark {
    private static let voices = 3
    /// A gateway takes 20 joins a second of one network.
    private static let joinsPerSecond = 18
    /// Shares of a core: what is aimed at, and how near is near enough.
    private static let wanted = 0.5
    private static let tolerance = 0.05
    private static let attempts = 4
    private static let bounds = 20...1_500

    let seconds: Double

    private struct Attempt {
        let listeners: Int
        let figures: HalfLoadFigures
        /// Of a core, while it was measured: the whole server's CPU time.
        let share: Double
    }

    func run() throws -> MeasurementTable {
        let binary = try LoadedGuichet.binary()
        var listeners = 120
        var attempts: [Attempt] = []
        while attempts.count < Self.attempts {
            Progress.say("half a core, attempt \(attempts.count + 1) of \(Self.attempts): \(listeners) listeners")
            let attempt = try measure(binary, listeners)
            attempts.append(attempt)
            guard abs(attempt.share - Self.wanted) > Self.tolerance else { break }
            // What a listener costs hardly depends on how many there are: the next guess is a proportion.
            let next = Int(Double(listeners) * Self.wanted / max(attempt.share, 0.01))
            listeners = min(max(next, Self.bounds.lowerBound), Self.bounds.upperBound)
        }
        return table(attempts)
    }

    private func measure(_ binary: URL, _ listeners: Int) throws -> Attempt {
        let guichet = try LoadedGuichet(binary)
        let figures = try guichet.load([
            "--publishers", "\(Self.voices)", "--listeners", "\(listeners)", "--seconds", "\(max(10, seconds * 3))",
            "--warm-up", "2", "--rate", "\(Self.joinsPerSecond)",
        ])
        guard let server = figures.server, figures.delay != nil else {
            throw BaselineMissing(text: "the load report has no CPU time or no delay")
        }
        return Attempt(listeners: listeners, figures: figures, share: server.cpuSeconds / figures.seconds)
    }

    private func table(_ attempts: [Attempt]) -> MeasurementTable {
        var table = MeasurementTable(
            title: "How long a packet takes while the media thread is half loaded, P=\(Self.voices)")
        let best = attempts.min { abs($0.share - Self.wanted) < abs($1.share - Self.wanted) }
        for attempt in attempts {
            var row = Measurement(
                what: "\(attempt.listeners) listeners", cpuMicroseconds: attempt.figures.server?.microsecondsPerPacket)
            row.ratio = String(
                format: "%.0f %% of a core: delay p50 %.2f ms, p99 %.2f ms, lost %.3f %%", 100 * attempt.share,
                attempt.figures.delay?.p50Milliseconds ?? .nan, attempt.figures.delay?.p99Milliseconds ?? .nan,
                100 * (attempt.figures.sound.lostShare ?? .nan))
            if attempt.listeners == best?.listeners { row.target = "p99 below 10 ms" }
            table.rows.append(row)
        }
        table.notes += [
            "CPU is the whole server's (proc(5)), of a packet that a listener heard. The delay is from the sending of a",
            "frame to its arrival, both in the load generator, another process of this machine: how late that one is woken",
            "is in it.",
        ]
        return table
    }
}
