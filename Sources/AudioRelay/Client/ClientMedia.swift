internal import MediaWire

/// The client's streams once keys are there: sending, receiving, reports.
struct ClientMedia {
    enum Outcome {
        case nothing
        case heard(HeardPacket)
        case goodbye
    }

    private struct Stream {
        let slot: Int
        var srtp: SRTPStream
        var reception = Reception()
    }

    /// Some servers change SSRCs; this bounds what one of them can make us keep.
    private static let maximumStreams = 32
    /// A report a second: RFC 3550's five-second minimum serves crowds, and a client here is one of two.
    private static let reportMilliseconds: UInt64 = 1_000
    /// A gap of more packets than this (a third of a second) is a break that nobody waits for.
    private static let longestRepair: UInt64 = 17

    private let answer: ClientAnswer
    private let session: SRTPSession
    private let ssrc: UInt32
    private let publishes: Bool
    private var streams: [UInt32: Stream] = [:]
    private(set) var nextReport: MonotonicInstant
    /// Rollovers and sequence number of the next packet; begins below 2^15 (RFC 3711, section 3.3.1).
    private var nextIndex: UInt64
    private var timestamp: UInt32
    private var packets: UInt32 = 0
    private var octets: UInt32 = 0
    private var received: UInt64 = 0
    private var repeated: UInt64 = 0
    /// What the server says of our own stream.
    private var reported: RTCPReportBlock?

    init(_ answer: ClientAnswer, session: SRTPSession, ssrc: UInt32, publishes: Bool, at now: MonotonicInstant) {
        self.answer = answer
        self.session = session
        self.ssrc = ssrc
        self.publishes = publishes
        nextReport = now.advanced(byMilliseconds: Self.reportMilliseconds)
        nextIndex = UInt64.random(in: 0..<0x8000)
        timestamp = UInt32.random(in: 0...(.max))
    }

    var lost: Int64 { streams.values.reduce(0) { $0 + Int64(clamping: $1.reception.lost) } }

    /// The round trip is not known here.
    var quality: ClientQuality {
        var quality = ClientQuality()
        quality.sent = UInt64(packets)
        quality.received = received
        quality.lost = UInt64(max(lost, 0))
        quality.repeated = repeated
        quality.jitter = streams.values.reduce(0) { max($0, $1.reception.jitter) }
        quality.reportedLost = reported.map { UInt64(max($0.cumulativeLost, 0)) }
        quality.reportedJitter = reported?.jitter
        return quality
    }

    // MARK: Sending

    mutating func send(
        _ payload: [UInt8], sampleCount: Int, level: AudioLevel?, to path: SocketAddress, into outbox: inout Outbox
    ) -> Bool {
        let index = nextIndex
        guard let packet = outbox.reserve(payload.count + 64) else { return false }
        let raw = UnsafeMutableRawBufferPointer(start: packet, count: payload.count + 64)
        var writer = RTPHeaderWriter(
            raw, marker: packets == 0, payloadType: answer.payloadType,
            sequenceNumber: UInt16(truncatingIfNeeded: index), timestamp: timestamp, ssrc: ssrc)
        if let id = answer.levelExtension, let level { writer.append(audioLevel: level, id: id) }
        guard let headerBytes = writer.finish() else { return false }
        let length = payload.withUnsafeBufferPointer { payload -> Int in
            guard let source = payload.baseAddress else { return 0 }
            return session.sealRTP.sealRTP(
                packet, headerBytes: headerBytes, payload: source, payloadBytes: payload.count, ssrc: ssrc,
                index: index)
        }
        guard length > 0 else { return false }
        outbox.commit(length, to: path)
        nextIndex += 1
        timestamp &+= UInt32(truncatingIfNeeded: sampleCount)
        packets &+= 1
        octets &+= UInt32(truncatingIfNeeded: payload.count)
        return true
    }

    // MARK: Receiving

    mutating func receive(
        _ datagram: UnsafeRawBufferPointer, from path: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) -> Outcome {
        PacketKind.isRTCP(datagram)
            ? receiveRTCP(datagram, at: now) : receiveRTP(datagram, from: path, at: now, into: &outbox)
    }

    private mutating func receiveRTP(
        _ datagram: UnsafeRawBufferPointer, from path: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) -> Outcome {
        guard let header = RTPHeader(datagram), header.payloadType == answer.payloadType,
            var stream = stream(header, in: datagram), let base = datagram.baseAddress, let transform = session.openRTP
        else { return .nothing }
        let packet = base.assumingMemoryBound(to: UInt8.self)
        var index: UInt64 = 0
        var isRepeated = false
        let plain = [UInt8](unsafeUninitializedCapacity: datagram.count) { output, count in
            count = 0
            guard let room = output.baseAddress else { return }
            switch stream.srtp.open(
                packet, bytes: datagram.count, headerBytes: header.byteCount, sequence: header.sequenceNumber,
                with: transform, into: room)
            {
            case .opened(let bytes, let opened): (count, index) = (bytes, opened)
            case .replayed: isRepeated = true
            case .unauthentic: break
            }
        }
        if isRepeated { repeated += 1 }
        let padding = header.hasPadding ? Int(plain.last ?? 0) : 0
        // Empty also when it was not authentic; only authentic packets make or move a stream.
        guard !plain.isEmpty, padding < plain.count else { return .nothing }
        let highest = stream.reception.hasBegun ? stream.reception.highestIndex : index
        stream.reception.note(index: index, timestamp: header.timestamp, at: now)
        streams[header.ssrc] = stream
        received += 1
        if answer.repeatsLost, index > highest + 1, index - highest <= Self.longestRepair {
            askAgain(for: highest + 1..<index, of: header.ssrc, to: path, into: &outbox)
        }
        return .heard(
            HeardPacket(
                slot: stream.slot, index: index, timestamp: header.timestamp,
                contributors: (0..<header.csrcCount).compactMap { header.csrc(at: $0, in: datagram) },
                level: answer.levelExtension.flatMap { header.audioLevel(id: $0, in: datagram) },
                payload: Array(plain.dropLast(padding))))
    }

    /// The stream of a packet: known, announced by `a=ssrc`, told by its MID, or the next slot that has none.
    private func stream(_ header: RTPHeader, in datagram: UnsafeRawBufferPointer) -> Stream? {
        if let known = streams[header.ssrc] { return known }
        guard streams.count < Self.maximumStreams else { return nil }
        let fresh = SRTPStream(ssrc: header.ssrc)
        if let slot = answer.slots.firstIndex(where: { $0.sources.contains(header.ssrc) }) {
            return Stream(slot: slot, srtp: fresh)
        }
        if let id = answer.midExtension, let range = header.elementRange(id: id, in: datagram) {
            let mid = String(decoding: datagram[range], as: UTF8.self)
            if let slot = answer.slots.firstIndex(where: { $0.mid == mid }) { return Stream(slot: slot, srtp: fresh) }
        }
        let taken = Set(streams.values.map(\.slot))
        let free = answer.slots.indices.first { !taken.contains($0) && answer.slots[$0].sources.isEmpty }
        return free.map { Stream(slot: $0, srtp: fresh) }
    }

    private mutating func receiveRTCP(_ datagram: UnsafeRawBufferPointer, at now: MonotonicInstant) -> Outcome {
        guard let base = datagram.baseAddress else { return .nothing }
        let packet = base.assumingMemoryBound(to: UInt8.self)
        let plain = [UInt8](unsafeUninitializedCapacity: datagram.count) { output, count in
            count = 0
            guard let room = output.baseAddress,
                case .opened(let bytes, _) = session.unprotectRTCP(packet, bytes: datagram.count, into: room)
            else { return }
            count = bytes
        }
        return plain.withUnsafeBytes { bytes in
            guard let compound = RTCPCompound(bytes) else { return .nothing }
            for packet in compound {
                switch packet {
                case .senderReport(let report):
                    streams[report.ssrc]?.reception.note(senderReport: report.status.ntpTime.middle, at: now)
                    note(report.blocks)
                case .receiverReport(let report): note(report.blocks)
                case .goodbye(let goodbye):
                    // A server that ends us says so for every source; one slot's end alone would change nothing.
                    if goodbye.sourceCount == 0 || publishes || streams.keys.allSatisfy(goodbye.contains) {
                        return .goodbye
                    }
                default: continue
                }
            }
            return .nothing
        }
    }

    private mutating func note(_ blocks: RTCPReportBlocks) {
        if let block = blocks.first(where: { $0.ssrc == ssrc }) { reported = block }
    }

    // MARK: Reports

    /// Asks once for packets that a later one overtook (RFC 4585, section 6.2.1); disorder costs a packet twice.
    private mutating func askAgain(
        for indices: Range<UInt64>, of source: UInt32, to path: SocketAddress, into outbox: inout Outbox
    ) {
        seal(to: path, into: &outbox) { writer in
            writer.appendGenericNACK(senderSSRC: ssrc, mediaSSRC: source)
            for index in indices { writer.append(lost: UInt16(truncatingIfNeeded: index)) }
        }
    }

    mutating func report(to path: SocketAddress, at now: MonotonicInstant, into outbox: inout Outbox) {
        guard nextReport <= now else { return }
        nextReport = now.advanced(byMilliseconds: Self.reportMilliseconds)
        var blocks: [RTCPReportBlock] = []
        for source in streams.keys.sorted() {
            if let block = streams[source]?.reception.block(for: source, at: now) { blocks.append(block) }
        }
        let time = NTPTimestamp(unixMicroseconds: Int64(clamping: now.nanoseconds / 1_000))
        let status = RTCPSenderStatus(ntpTime: time, rtpTimestamp: timestamp, packetCount: packets, octetCount: octets)
        seal(to: path, into: &outbox) { writer in
            if packets > 0 {
                writer.appendSenderReport(ssrc: ssrc, status)
            } else {
                writer.appendReceiverReport(ssrc: ssrc)
            }
            for block in blocks.prefix(31) { writer.appendReportBlock(block) }
            Self.appendName(ssrc, &writer)
        }
    }

    mutating func sayGoodbye(to path: SocketAddress, into outbox: inout Outbox) {
        seal(to: path, into: &outbox) { writer in
            writer.appendReceiverReport(ssrc: ssrc)
            Self.appendName(ssrc, &writer)
            writer.appendGoodbye(ssrc: ssrc)
        }
    }

    private static func appendName(_ ssrc: UInt32, _ writer: inout RTCPWriter) {
        var name = relayCNAME
        name.withUTF8 { writer.appendSourceDescription(ssrc: ssrc, cname: UnsafeRawBufferPointer($0)) }
    }

    private func seal(
        to path: SocketAddress, into outbox: inout Outbox, _ write: (inout RTCPWriter) -> Void
    ) {
        // 31 blocks of 24 bytes, heads, a name and the tag.
        let capacity = 1_200
        guard let packet = outbox.reserve(capacity) else { return }
        var writer = RTCPWriter(UnsafeMutableRawBufferPointer(start: packet, count: capacity - 24))
        write(&writer)
        guard let count = writer.finish() else { return }
        let length = session.protectRTCP(packet, bytes: count, ssrc: ssrc)
        if length > 0 { outbox.commit(length, to: path) }
    }
}
