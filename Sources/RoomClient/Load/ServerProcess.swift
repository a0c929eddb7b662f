internal import Foundation

/// A server's process as Linux accounts for it (proc(5)): CPU time of all its threads, memory it holds.
public struct ServerProcess: Sendable, Hashable {
    public let id: Int32

    /// `nil` when there is no such process, or this is not Linux.
    public init?(id: Int32) {
        self.id = id
        guard cpuSeconds() != nil else { return nil }
    }

    /// The process that listens on a TCP port of this machine; `nil` when it is not here or not ours to see.
    public init?(listeningOn port: Int) {
        let hexadecimal = String(format: "%04X", port)
        var inodes: Set<String> = []
        for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
            guard let text = try? String(contentsOfFile: table, encoding: .utf8) else { continue }
            for line in text.split(separator: "\n").dropFirst() {
                let words = line.split(separator: " ")
                // State 0A is LISTEN; word 9 is the socket's inode.
                guard words.count > 9, words[1].hasSuffix(":" + hexadecimal), words[3] == "0A" else { continue }
                inodes.insert("socket:[\(words[9])]")
            }
        }
        let manager = FileManager.default
        let processes = (try? manager.contentsOfDirectory(atPath: "/proc")) ?? []
        for process in processes.compactMap({ Int32($0) }) {
            let folder = "/proc/\(process)/fd"
            for descriptor in (try? manager.contentsOfDirectory(atPath: folder)) ?? [] {
                guard let target = try? manager.destinationOfSymbolicLink(atPath: "\(folder)/\(descriptor)"),
                    inodes.contains(target)
                else { continue }
                self.init(id: process)
                return
            }
        }
        return nil
    }

    /// User and system time so far, in seconds, in steps of 10 ms.
    public func cpuSeconds() -> Double? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/stat", encoding: .utf8) else { return nil }
        // The name stands in brackets and may hold anything; what follows is numbers, from field 3 on.
        let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return nil }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Memory in RAM, in bytes.
    public func residentBytes() -> Int? {
        guard let text = try? String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8),
            let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        else { return nil }
        return Int(kilobytes).map { $0 * 1_024 }
    }
}
