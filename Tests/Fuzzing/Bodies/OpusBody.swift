import MediaWire

/// The frames themselves, whatever the form of the packet around them.
private func frames(of packet: UnsafeRawBufferPointer) -> [[UInt8]]? {
    guard let frames = OpusFrames(packet) else { return nil }
    var offset = frames.start
    return (0..<frames.count).map { index in
        defer { offset += frames.length(index) }
        return Array(packet[offset..<offset + frames.length(index)])
    }
}

/// The first byte says where the rest is cut into two packets.
func checkOpus(_ input: UnsafeRawBufferPointer) throws(Violation) {
    guard let first = input.first else { return }
    let rest = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let cut = min(Int(first), rest.count)
    let packets = [rest[..<cut], rest[cut...]].map(Array.init)
    var merger = OpusMerger(capacity: 1_200)
    var merged: [[UInt8]] = []
    var head: UInt8?
    for packet in packets {
        try inExactMemory(packet) { bytes throws(Violation) in
            guard let parsed = OpusFrames(bytes), let own = frames(of: bytes) else {
                return try require(!merger.append(bytes, maximumSamples: 2_880), "a broken packet is not merged")
            }
            try require(
                own.allSatisfy { $0.count <= OpusFrames.maximumFrameBytes }, "no frame is longer than R2 allows")
            try require(
                OpusPacket.sampleCount(packet) == parsed.count * parsed.samplesPerFrame,
                "both readers agree on the length")
            let before = merger.frameCount
            guard merger.append(bytes, maximumSamples: 2_880) else {
                return try require(merger.frameCount == before, "what does not fit changes nothing")
            }
            try require(head.map { ($0 ^ parsed.toc) & 0xFC == 0 } ?? true, "only one configuration goes together")
            head = parsed.toc
            merged += own
        }
    }
    guard !merger.isEmpty else { return }
    try require(merger.sampleCount <= 2_880, "nobody is made to wait for more")
    let again = try require(
        written(capacity: merger.maximumBytes) { merger.write(to: $0) }, "what was merged can be written")
    try require(again.count <= 1_200, "a merged packet keeps to the capacity")
    try inExactMemory(again) { bytes throws(Violation) in
        try require(frames(of: bytes) == merged, "the frames are the same to the byte")
        try require(OpusPacket.sampleCount(again) == merger.sampleCount, "they play as long as before")
    }
}
