/// Finished files in one ZIP archive, not compressed: what is large is a workbook, which is, or goes over a short line.
public final class ReportBundle {
    private let zip: ZipStream

    public init(_ sink: any ReportSink) { zip = ZipStream(BufferedOutput(sink)) }

    /// Begins a file; the one before is complete.
    public func begin(_ name: String) throws { try zip.begin(name, deflated: false) }
    /// - Throws: ``ArchiveTooLarge`` beyond 4 GiB.
    public func add(_ bytes: [UInt8]) throws { try zip.add(bytes) }
    public func finish() throws { try zip.finish() }
}
