import Foundation

/// Time as the system counts it.
enum Clocks {
    /// User and system CPU time of this process so far, in seconds.
    static func cpuSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_SELF, &usage)
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    static func wallSeconds() -> Double { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 }

    private static func seconds(_ value: timeval) -> Double { Double(value.tv_sec) + Double(value.tv_usec) / 1e6 }

    /// Repeats `body`, which does `batch` operations, for about `seconds`; gives the rate and the CPU of each.
    static func measure(
        _ what: String, seconds: Double, batch: Int, _ body: () throws -> Void
    ) rethrows -> Measurement {
        try body()
        let (wall, cpu) = (wallSeconds(), cpuSeconds())
        var done = 0
        repeat {
            try body()
            done += batch
        } while wallSeconds() - wall < seconds
        return Measurement(
            what: what, perSecond: Double(done) / (wallSeconds() - wall),
            cpuMicroseconds: (cpuSeconds() - cpu) / Double(done) * 1e6)
    }
}

enum Machine {
    static var description: String {
        let cpuInfo = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = cpuInfo.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown CPU"
        return "\(ProcessInfo.processInfo.activeProcessorCount) x \(model), \(ProcessInfo.processInfo.operatingSystemVersionString)"
    }

    /// The median time of one 4 KiB write and fdatasync in the temporary folder, in whole microseconds: what any
    /// durable rate has to be read beside.
    static func fdatasyncMedian() -> Int {
        let path = NSTemporaryDirectory() + "/guichet-bench-\(getpid())"
        let file = open(path, O_CREAT | O_RDWR, 0o600)
        guard file >= 0 else { return 0 }
        defer {
            close(file)
            unlink(path)
        }
        let page = [UInt8](repeating: 7, count: 4096)
        var samples: [Double] = []
        for index in 0..<200 {
            let start = Clocks.wallSeconds()
            guard pwrite(file, page, page.count, off_t(index * page.count)) == page.count, fdatasync(file) == 0 else { return 0 }
            samples.append(Clocks.wallSeconds() - start)
        }
        return Int((samples.sorted()[100] * 1e6).rounded())
    }
}
