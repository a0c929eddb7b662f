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
        FileHandle.standardError.write(Data(JSON.encode(line) + [UInt8(ascii: "\n")]))
    }
}
