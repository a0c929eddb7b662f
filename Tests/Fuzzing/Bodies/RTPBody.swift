import MediaWire

func checkRTP(_ input: UnsafeRawBufferPointer) throws(Violation) {
    guard let header = RTPHeader(input) else {
        return try require(RTPPacket(input) == nil, "a packet has a header")
    }
    try require(header.byteCount <= input.count, "a header lies in its packet")
    try require(header.extensionRange.upperBound <= header.byteCount, "an extension lies in its header")
    let head = UnsafeRawBufferPointer(rebasing: input[..<header.byteCount])
    try require(RTPHeader(head) == header, "a header is read from its own bytes")
    try inExactMemory(head.dropLast()) { bytes throws(Violation) in
        try require(RTPHeader(bytes) == nil, "a header that is cut is refused")
    }
    let elements = try elements(of: header, in: input)
    let capacity = header.byteCount + 4
    let writtenHead = written(capacity: capacity) { buffer in
        var writer = RTPHeaderWriter(
            buffer, marker: header.marker, payloadType: header.payloadType, sequenceNumber: header.sequenceNumber,
            timestamp: header.timestamp, ssrc: header.ssrc, hasPadding: header.hasPadding,
            form: header.extensionForm ?? .oneByte)
        for index in 0..<header.csrcCount {
            if let csrc = header.csrc(at: index, in: input) { writer.append(csrc: csrc) }
        }
        for (id, value) in elements { value.withUnsafeBytes { writer.append(elementID: id, $0) } }
        return writer.finish()
    }
    let again = try require(writtenHead, "a header that was read can be written") + input[header.byteCount...]
    try inExactMemory(again) { bytes throws(Violation) in
        let second = try require(RTPHeader(bytes), "what was written is read")
        try require(
            second.marker == header.marker && second.payloadType == header.payloadType
                && second.sequenceNumber == header.sequenceNumber && second.timestamp == header.timestamp
                && second.ssrc == header.ssrc && second.hasPadding == header.hasPadding
                && second.csrcCount == header.csrcCount, "the fixed part stays")
        for index in 0..<header.csrcCount {
            try require(second.csrc(at: index, in: bytes) == header.csrc(at: index, in: input), "sources stay")
        }
        for (id, value) in elements {
            try require(second.elementRange(id: id, in: bytes).map { Array(bytes[$0]) } == value, "elements stay")
        }
        let (before, after) = (RTPPacket(input), RTPPacket(bytes))
        try require(before.map { Array($0.payload) } == after.map { Array($0.payload) }, "the payload stays")
        try require((0...15).allSatisfy { before?.audioLevel(id: $0) == after?.audioLevel(id: $0) }, "levels stay")
    }
}

/// The first element of each id.
private func elements(
    of header: RTPHeader, in packet: UnsafeRawBufferPointer
) throws(Violation) -> [(id: UInt8, value: [UInt8])] {
    var found: [(id: UInt8, value: [UInt8])] = []
    for id in UInt8.min...UInt8.max {
        guard let range = header.elementRange(id: id, in: packet) else { continue }
        try require(
            header.extensionRange.lowerBound < range.lowerBound && range.upperBound <= header.extensionRange.upperBound,
            "an element lies in its extension")
        found.append((id, Array(packet[range])))
    }
    return found
}
