import ArgumentParser
import RoomClient

/// The documented exit codes (`guichet --help`), after sysexits where it has one.
extension ExitCode {
    /// EX_USAGE, which the argument parser uses as well.
    static let usage = ExitCode(64)
    /// The server said no; what it said was printed.
    static let refused = ExitCode(1)
    /// A measurement was made, and it is worse than what was allowed: what a monitor calls critical.
    static let worse = ExitCode(2)
    /// EX_UNAVAILABLE: the server can't be reached or failed.
    static let unavailable = ExitCode(69)
    /// EX_IOERR: a file can't be read or written.
    static let file = ExitCode(74)
    /// EX_CONFIG: the configuration is wrong.
    static let configuration = ExitCode(78)
}

/// A failure that ends a command: words for the person, a code for the script.
struct CommandFailure: Error, CustomStringConvertible {
    let exitCode: ExitCode
    let description: String

    init(_ exitCode: ExitCode, _ description: String) {
        self.exitCode = exitCode
        self.description = description
    }
}

/// Runs a command's body and turns what went wrong into words on standard error and an exit code.
func reportingFailures(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch let failure as CommandFailure {
        Output.error("guichet: \(failure.description)")
        throw failure.exitCode
    } catch let refusal as RefusedByServer {
        Output.error("guichet: refused (\(refusal.code)): \(refusal.title)")
        if !refusal.detail.isEmpty { Output.error("  \(refusal.detail)") }
        if let next = refusal.next { Output.error("  What to do: \(next)") }
        throw refusal.status >= 500 ? ExitCode.unavailable : ExitCode.refused
    }
}
