/// One finished file of a report: its name (no folder), media type and bytes.
public struct ReportFile: Hashable, Sendable {
    public let name: String
    public let contentType: String
    public let bytes: [UInt8]

    public init(name: String, contentType: String, bytes: [UInt8]) {
        self.name = name
        self.contentType = contentType
        self.bytes = bytes
    }
}
