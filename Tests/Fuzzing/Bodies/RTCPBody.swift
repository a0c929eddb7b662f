import MediaWire

/// What a datagram says that we read; packets of other types and chunks without a name are left out.
private enum RTCPStatement: Equatable {
    case sent(UInt32, RTCPSenderStatus, [RTCPReportBlock])
    case received(UInt32, [RTCPReportBlock])
    case named(UInt32, [UInt8])
    case left(UInt32)
    case lost(by: UInt32, of: UInt32, Set<UInt16>)
}

private func statements(of compound: RTCPCompound) -> [RTCPStatement] {
    var all: [RTCPStatement] = []
    for packet in compound {
        switch packet {
        case .senderReport(let report): all.append(.sent(report.ssrc, report.status, Array(report.blocks)))
        case .receiverReport(let report): all.append(.received(report.ssrc, Array(report.blocks)))
        case .sourceDescription(let description):
            description.forEachCNAME { all.append(.named($0, Array($1))) }
        case .goodbye(let goodbye):
            _ = goodbye.reason
            for index in 0..<goodbye.sourceCount {
                if let source = goodbye.source(at: index) { all.append(.left(source)) }
            }
        case .genericNACK(let nack):
            var numbers: Set<UInt16> = []
            nack.forEachSequenceNumber { numbers.insert($0) }
            all.append(.lost(by: nack.senderSSRC, of: nack.mediaSSRC, numbers))
        case .other: break
        }
    }
    return all
}

func checkRTCP(_ input: UnsafeRawBufferPointer) throws(Violation) {
    guard let compound = RTCPCompound(input) else { return }
    try inExactMemory(input.dropLast()) { bytes throws(Violation) in
        try require(RTCPCompound(bytes) == nil, "a datagram that is cut is refused as a whole")
    }
    try inExactMemory(Array(input) + [0x80]) { bytes throws(Violation) in
        try require(RTCPCompound(bytes) == nil, "a datagram with a rest is refused as a whole")
    }
    let said = statements(of: compound)
    // Sources that shared a packet get one each: four bytes become eight, and a name is padded again.
    let writtenAgain = written(capacity: 3 * input.count + 64) { buffer in
        var writer = RTCPWriter(buffer)
        for statement in said { write(statement, to: &writer) }
        return writer.finish()
    }
    let again = try require(writtenAgain, "what was read can be written")
    try inExactMemory(again) { bytes throws(Violation) in
        guard !said.isEmpty else { return try require(RTCPCompound(bytes) == nil, "nothing is no datagram") }
        let second = try require(RTCPCompound(bytes), "what was written is read")
        try require(statements(of: second) == said, "a datagram says the same after writing and reading")
    }
}

private func write(_ statement: RTCPStatement, to writer: inout RTCPWriter) {
    switch statement {
    case .sent(let ssrc, let status, let blocks):
        writer.appendSenderReport(ssrc: ssrc, status)
        for block in blocks { writer.appendReportBlock(block) }
    case .received(let ssrc, let blocks):
        writer.appendReceiverReport(ssrc: ssrc)
        for block in blocks { writer.appendReportBlock(block) }
    case .named(let ssrc, let name):
        name.withUnsafeBytes { writer.appendSourceDescription(ssrc: ssrc, cname: $0) }
    case .left(let ssrc): writer.appendGoodbye(ssrc: ssrc)
    case .lost(let sender, let media, let numbers):
        writer.appendGenericNACK(senderSSRC: sender, mediaSSRC: media)
        for number in numbers.sorted() { writer.append(lost: number) }
    }
}
