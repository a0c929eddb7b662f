import ArgumentParser
import Foundation

/// What commands print: data on standard output (JSON with `--json`), words about it on standard error.
enum Output {
    /// What nobody can read was not done: where the output can't be written (a full disk, a pipe that was closed) the
    /// command ends with the exit code of files.
    static func line(_ text: String) {
        if !write(text + "\n", to: STDOUT_FILENO) { failed() }
    }

    private static func failed() -> Never {
        error("guichet: The output can't be written: \(String(cString: strerror(errno))).")
        exit(ExitCode.file.rawValue)
    }

    /// A file as the server gave it.
    static func bytes(_ bytes: Data) {
        if !write(Array(bytes)[...], to: STDOUT_FILENO) { failed() }
    }

    static func error(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

    /// The server's JSON, indented and with its keys sorted, so that scripts and diffs see one form.
    static func json(_ body: Data) throws {
        let object = try JSONSerialization.jsonObject(with: body, options: [.fragmentsAllowed])
        let pretty = try JSONSerialization.data(
            withJSONObject: object, options: [.prettyPrinted, .sortedKeys, .fragmentsAllowed, .withoutEscapingSlashes])
        line(String(decoding: pretty, as: UTF8.self))
    }

    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        line(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Rows under a header, columns padded to the widest cell.
    static func table(_ header: [String], _ rows: [[String]]) {
        let widths = header.indices.map { column in
            ([header] + rows).map { $0[column].count }.max() ?? 0
        }
        for row in [header] + rows {
            let cells = zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
            line(cells.joined(separator: "  ").trimmingCharacters(in: .whitespaces))
        }
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        write(Array(text.utf8)[...], to: descriptor)
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) -> Bool {
        var left = bytes
        while !left.isEmpty {
            let written = left.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return false }
            left = left.dropFirst(written)
        }
        return true
    }
}
