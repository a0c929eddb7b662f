/// A second, plain writing of Ogg pages (RFC 3533), so that the reader is not only tested against our own writer.
enum OggPages {
    static func page(
        flags: UInt8, granule: Int64, serial: UInt32 = 7, sequence: UInt32, lacing: [UInt8], body: [UInt8]
    ) -> [UInt8] {
        var page = Array("OggS".utf8) + [0, flags] + little(granule) + little(serial) + little(sequence)
        page += [0, 0, 0, 0, UInt8(lacing.count)] + lacing + body
        seal(&page)
        return page
    }

    /// The same stream with every position of sound moved on.
    static func shiftingGranules(of file: [UInt8], by samples: Int64) -> [UInt8] {
        rewriting(file) { page in
            let granule = (0..<8).reduce(Int64(0)) { $0 | Int64(page[6 + $1]) << (8 * Int64($1)) }
            if granule > 0 { page.replaceSubrange(6..<14, with: little(granule + samples)) }
        }
    }

    /// The same bytes with right checksums on all pages that are whole.
    static func resealing(_ file: [UInt8]) -> [UInt8] { rewriting(file) { _ in } }

    private static func rewriting(_ file: [UInt8], _ change: (inout [UInt8]) -> Void) -> [UInt8] {
        var result: [UInt8] = []
        var rest = file[...]
        while rest.count >= 27 {
            let start = rest.startIndex
            let segments = Int(rest[start + 26])
            guard rest.count >= 27 + segments else { break }
            let body = rest[(start + 27)..<(start + 27 + segments)].reduce(0) { $0 + Int($1) }
            guard rest.count >= 27 + segments + body else { break }
            var page = Array(rest[start..<(start + 27 + segments + body)])
            rest = rest[(start + page.count)...]
            change(&page)
            seal(&page)
            result += page
        }
        return result + rest
    }

    /// Puts the checksum in: CRC-32 bit by bit, polynomial 0x04C11DB7.
    private static func seal(_ page: inout [UInt8]) {
        page.replaceSubrange(22..<26, with: [0, 0, 0, 0])
        var remainder: UInt32 = 0
        for byte in page {
            remainder ^= UInt32(byte) << 24
            for _ in 0..<8 { remainder = remainder & 0x8000_0000 != 0 ? remainder << 1 ^ 0x04C1_1DB7 : remainder << 1 }
        }
        page.replaceSubrange(22..<26, with: little(remainder))
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        stride(from: 0, to: value.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}
