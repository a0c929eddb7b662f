internal import Foundation
public import Logging
internal import Values

/// Writes each log line as one JSON object to standard error: time, level, message, logger and metadata.
public struct JSONLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let label: String
    private let clock: WallClock

    public init(label: String, level: Logger.Level = .info, clock: WallClock = .system) {
        self.label = label
        self.clock = clock
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var line = ["at": clock.now().description, "level": event.level.rawValue, "message": "\(event.message)"]
        line["logger"] = label
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { _, new in new }) {
            line[key] = "\(value)"
        }
        write(JSON.encode(line) + [UInt8(ascii: "\n")])
    }

    /// A log whose disk is full, or whose reader has gone, loses lines; it never ends the server that writes it, as
    /// `FileHandle.write` would.
    private func write(_ bytes: [UInt8]) {
        var left = bytes[...]
        while !left.isEmpty {
            let written = left.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { return }
            left = left.dropFirst(written)
        }
    }
}
