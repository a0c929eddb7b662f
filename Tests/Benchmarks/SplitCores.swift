import Foundation

/// Servers on one core, clients on another, and the receivers' half of loopback with the clients.
///
/// Over loopback the kernel carries a datagram to its receiver inside of the sender's `sendmsg` and counts that as the
/// sender's time; over a network card it is the work of another machine. Receive packet steering (the kernel's
/// `Documentation/networking/scaling.rst`) hands that half to the core of whoever receives, for every server alike.
final class SplitCores {
    static let serverCore = 0
    static let clientCore = 1

    private static let steering = URL(fileURLWithPath: "/sys/class/net/lo/queues/rx-0/rps_cpus")
    private let before: Data

    /// Steers loopback until ``restore()``. Wants root, two cores and a kernel that steers.
    init() throws {
        guard ProcessInfo.processInfo.activeProcessorCount > Self.clientCore,
            let before = try? Data(contentsOf: Self.steering)
        else { throw BaselineMissing(text: "--apart wants two cores and \(Self.steering.path)") }
        self.before = before
        do {
            try Self.write(Data("\(String(1 << Self.clientCore, radix: 16))\n".utf8))
        } catch {
            throw BaselineMissing(text: "--apart wants to write \(Self.steering.path), as root: \(error)")
        }
    }

    /// As it was before. A run that was killed leaves it steered: `echo 0` into the file.
    func restore() { try? Self.write(before) }

    private static func write(_ mask: Data) throws {
        // In place: a folder of sysfs takes no new files.
        let file = try FileHandle(forWritingTo: steering)
        try file.write(contentsOf: mask)
        try file.close()
    }
}
