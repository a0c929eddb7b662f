import MediaWire

/// As it came, and with every page's checksum put right: no mutation would get past that.
func checkOgg(_ input: [UInt8]) throws(Violation) {
    try checkOggFile(input)
    try checkOggFile(withChecksums(input))
}

private func checkOggFile(_ input: [UInt8]) throws(Violation) {
    guard let file = try? OggOpusFile(input) else { return }
    try require(!file.packets.isEmpty, "a file that can be sent has sound")
    var writer = OggOpusWriter(head: file.head, serialNumber: 7, vendor: "fuzz")
    var again: [UInt8] = []
    var kept: [OggOpusFile.Packet] = []
    for packet in file.packets {
        guard let bytes = writer.append(packet.bytes) else { continue }
        again += bytes
        kept.append(packet)
    }
    again += writer.finish()
    guard !kept.isEmpty else { return }
    let second = try require(try? OggOpusFile(again), "what was written is read")
    try require(second.head == file.head, "the head stays")
    try require(second.packets == kept, "the packets stay")
    let samples = kept.reduce(0) { $0 + $1.sampleCount }
    try require(second.playedSampleCount == max(0, samples - Int(file.head.preSkip)), "it plays what it holds")
}

/// CRC-32 of RFC 3533, bit by bit: a second opinion on the reader's table.
private func withChecksums(_ input: [UInt8]) -> [UInt8] {
    var bytes = input
    var offset = 0
    while offset + 27 <= bytes.count {
        let bodyStart = offset + 27 + Int(bytes[offset + 26])
        guard bodyStart <= bytes.count else { break }
        let end = bodyStart + bytes[offset + 27..<bodyStart].reduce(0) { $0 + Int($1) }
        guard end <= bytes.count else { break }
        bytes.replaceSubrange(offset + 22..<offset + 26, with: [0, 0, 0, 0])
        var remainder: UInt32 = 0
        for byte in bytes[offset..<end] {
            remainder ^= UInt32(byte) << 24
            for _ in 0..<8 { remainder = remainder >> 31 == 1 ? remainder << 1 ^ 0x04C1_1DB7 : remainder << 1 }
        }
        for index in 0..<4 { bytes[offset + 22 + index] = UInt8(truncatingIfNeeded: remainder >> (8 * UInt32(index))) }
        offset = end
    }
    return bytes
}
