import Glibc
import Synchronization

/// A command that runs to its end: what it was told, what it said.
///
/// In place of Foundation's `Process`, which looks through all open files of this process and reads each name with the
/// bytes behind it. Beside a thousand files, as a run of all tests has, it reads behind its buffer and now and then dies.
public struct ChildCommand: Sendable {
    public struct Outcome: Sendable {
        /// What it ended with; 128 and the signal where one ended it.
        public let status: Int32
        /// What it wrote, errors too where they were asked for.
        public let output: [UInt8]

        public var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// The system would not start it, or gave no pipe.
    public struct Fault: Error, CustomStringConvertible {
        public let description: String
    }

    /// One at a time makes its pipes and starts: no child has those of another, which would never end.
    private static let starting = Mutex(())

    let path: String
    let arguments: [String]
    let environment: [String]?
    let takesErrors: Bool

    /// - Parameters:
    ///   - environment: `NAME=value`; `nil` for that of this process.
    ///   - folder: where it runs.
    ///   - takesErrors: whether its errors are part of what it says; else they go where those of this process go.
    public init(
        _ path: String, _ arguments: [String], environment: [String]? = nil, in folder: String? = nil,
        takesErrors: Bool = false
    ) {
        self.path = folder == nil ? path : "/usr/bin/env"
        self.arguments = folder.map { ["-C", $0, path] + arguments } ?? arguments
        self.environment = environment
        self.takesErrors = takesErrors
    }

    /// Runs it and waits.
    /// - Parameter input: what it is told, less than a pipe holds (64 KiB).
    public func run(input: [UInt8] = []) throws(Fault) -> Outcome {
        precondition(input.count < 65_536, "A pipe holds 64 KiB.")
        let (child, told, said) = try Self.starting.withLock { _ throws(Fault) in try start() }
        // Whoever does not read it has ended; what it said says why.
        _ = input.withUnsafeBytes { write(told, $0.baseAddress, $0.count) }
        close(told)
        let output = readAll(said)
        close(said)
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7f
        return Outcome(status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, output: output)
    }

    private func start() throws(Fault) -> (child: pid_t, told: Int32, said: Int32) {
        let told = try pipe()
        let said = try pipe()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, told.reading, 0)
        posix_spawn_file_actions_adddup2(&actions, said.writing, 1)
        if takesErrors { posix_spawn_file_actions_adddup2(&actions, said.writing, 2) }
        var child: pid_t = 0
        let code = withStrings([path] + arguments) { arguments in
            guard let environment else { return posix_spawn(&child, path, &actions, nil, arguments, environ) }
            return withStrings(environment) { posix_spawn(&child, path, &actions, nil, arguments, $0) }
        }
        close(told.reading)
        close(said.writing)
        guard code == 0 else {
            close(told.writing)
            close(said.reading)
            throw Fault(description: "\(path) can't be started: \(String(cString: strerror(code)))")
        }
        return (child, told.writing, said.reading)
    }

    private func pipe() throws(Fault) -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw Fault(description: "No pipe: \(String(cString: strerror(errno)))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private func readAll(_ file: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(file, &part, part.count)
            if count > 0 { all += part[..<count] } else if count == 0 || errno != EINTR { return all }
        }
    }
}

private func withStrings<Value>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Value
) -> Value {
    var pointers = texts.map { strdup($0) } + [nil]
    defer { pointers.forEach { free($0) } }
    return pointers.withUnsafeMutableBufferPointer { buffer in
        guard let base = buffer.baseAddress else { preconditionFailure("The last one is nil.") }
        return body(base)
    }
}
