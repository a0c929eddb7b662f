/// A file would not fit into an archive: the form has 32 bits for its sizes.
public struct ArchiveTooLarge: Error {}

/// A ZIP archive that is written from front to end: sizes stand behind each file, in a data descriptor.
///
/// Without ZIP64, so no file and no archive beyond 4 GiB; dates are all 1980-01-01, so that the same content gives the
/// same bytes. Source: APPNOTE 6.3.10, sections 4.3 and 4.4.
final class ZipStream {
    private struct Entry {
        let name: [UInt8]
        let offset: Int
        let isDeflated: Bool
        var crc: UInt = 0
        var size = 0
        var packed = 0
    }

    private let output: BufferedOutput
    private var entries: [Entry] = []
    private var deflater: Deflater?
    private var position = 0

    init(_ output: BufferedOutput) { self.output = output }

    /// Begins a file; the one before is complete.
    func begin(_ name: String, deflated: Bool = true) throws {
        try endEntry()
        let entry = Entry(name: Array(name.utf8), offset: position, isDeflated: deflated)
        deflater = deflated ? Deflater() : nil
        entries.append(entry)
        var header: [UInt8] = []
        header.append32(0x0403_4B50)
        header.append16(20)
        Self.appendCommon(entry, isOpen: true, to: &header)
        header.append16(UInt16(entry.name.count))
        header.append16(0)
        try put(header + entry.name)
    }

    func add(_ bytes: [UInt8]) throws {
        guard !entries.isEmpty else { return }
        let last = entries.count - 1
        entries[last].crc = Deflater.crc(entries[last].crc, bytes)
        entries[last].size += bytes.count
        try addPacked(deflater?.add(bytes) ?? bytes)
    }

    /// Completes the archive.
    func finish() throws {
        try endEntry()
        let start = position
        for entry in entries {
            var record: [UInt8] = []
            record.append32(0x0201_4B50)
            record.append16(20)
            record.append16(20)
            Self.appendCommon(entry, isOpen: false, to: &record)
            record.append16(UInt16(entry.name.count))
            for _ in 0..<4 { record.append16(0) }
            record.append32(0)
            record.append32(UInt32(entry.offset))
            try put(record + entry.name)
        }
        var end: [UInt8] = []
        end.append32(0x0605_4B50)
        end.append16(0)
        end.append16(0)
        end.append16(UInt16(entries.count))
        end.append16(UInt16(entries.count))
        end.append32(UInt32(position - start))
        end.append32(UInt32(start))
        end.append16(0)
        try put(end)
        try output.flush()
    }

    private func endEntry() throws {
        guard !entries.isEmpty else { return }
        if let deflater {
            try addPacked(deflater.finish())
            self.deflater = nil
        }
        guard let entry = entries.last else { return }
        var descriptor: [UInt8] = []
        descriptor.append32(0x0807_4B50)
        descriptor.append32(UInt32(entry.crc))
        descriptor.append32(UInt32(entry.packed))
        descriptor.append32(UInt32(entry.size))
        try put(descriptor)
    }

    private func addPacked(_ bytes: [UInt8]) throws {
        entries[entries.count - 1].packed += bytes.count
        guard entries[entries.count - 1].size < Int(UInt32.max) else { throw ArchiveTooLarge() }
        try put(bytes)
    }

    private func put(_ bytes: [UInt8]) throws {
        position += bytes.count
        guard position < Int(UInt32.max) else { throw ArchiveTooLarge() }
        output.bytes += bytes
        try output.pass()
    }

    /// Flags (names are UTF-8, sizes follow), method, date and time, checksum and sizes.
    private static func appendCommon(_ entry: Entry, isOpen: Bool, to bytes: inout [UInt8]) {
        bytes.append16(0x0808)
        bytes.append16(entry.isDeflated ? 8 : 0)
        bytes.append16(0)
        bytes.append16(0x21)
        bytes.append32(isOpen ? 0 : UInt32(entry.crc))
        bytes.append32(isOpen ? 0 : UInt32(entry.packed))
        bytes.append32(isOpen ? 0 : UInt32(entry.size))
    }
}

extension [UInt8] {
    fileprivate mutating func append16(_ value: UInt16) {
        for shift in [0, 8] { append(UInt8(value >> shift & 0xFF)) }
    }
    fileprivate mutating func append32(_ value: UInt32) {
        for shift: UInt32 in [0, 8, 16, 24] { append(UInt8(value >> shift & 0xFF)) }
    }
}
