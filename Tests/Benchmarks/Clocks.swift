// Where `timespec` comes from is a matter of which module is read first: this one, beside Foundation's.
import CDispatch
import Foundation

/// Time as the system counts it, in seconds.
enum Clocks {
    /// User and system CPU time of this process so far.
    static func cpuSeconds() -> Double { read(CLOCK_PROCESS_CPUTIME_ID) }

    /// User and system CPU time of the calling thread so far.
    static func threadCPUSeconds() -> Double { read(CLOCK_THREAD_CPUTIME_ID) }

    /// The same of children of this process that have ended and were waited for.
    static func childrenCPUSeconds() -> Double {
        var usage = rusage()
        getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    static func wallSeconds() -> Double { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

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
        let model =
            cpuInfo.split(separator: "\n").first { $0.hasPrefix("model name") }?
            .split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown CPU"
        let process = ProcessInfo.processInfo
        return "\(process.activeProcessorCount) x \(model), \(process.operatingSystemVersionString)"
    }

    /// How many tasks ran or wanted to run lately: figures of a busy machine are worth less.
    static var load: String {
        let text = (try? String(contentsOfFile: "/proc/loadavg", encoding: .utf8)) ?? ""
        return text.split(separator: " ").first.map(String.init) ?? "unknown"
    }

    /// The memory of this process that is in RAM, in bytes.
    static func residentBytes() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }

    /// The most that it had in RAM so far, in bytes.
    static func peakBytes() -> Int {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        return usage.ru_maxrss << 10
    }

    /// Gives free memory back to the system, so that the resident set grows by whatever is used next.
    static func returnFreeMemory() {
        // malloc_trim(3) is glibc's own; Swift's module of it leaves it out.
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        typealias Trim = @convention(c) (Int) -> Int32
        _ = unsafeBitCast(symbol, to: Trim.self)(0)
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
            guard pwrite(file, page, page.count, off_t(index * page.count)) == page.count, fdatasync(file) == 0
            else { return 0 }
            samples.append(Clocks.wallSeconds() - start)
        }
        return Int((samples.sorted()[100] * 1e6).rounded())
    }
}

/// To be called before a program is started that ends by its alarm, as `openssl speed` and `pgbench` do: a thread of the
/// pool has SIGALRM blocked, and a child inherits that.
func letAlarmThrough() {
    var alarm = sigset_t()
    sigemptyset(&alarm)
    sigaddset(&alarm, SIGALRM)
    pthread_sigmask(SIG_UNBLOCK, &alarm, nil)
}

/// Runs `body` with a new folder for files of one benchmark, and removes it afterwards.
func withTemporaryFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("guichet-bench-\(UUID().uuidString)", isDirectory: true)
    try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}
