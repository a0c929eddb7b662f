internal import MediaWire

extension Relay {
    /// SRTP and SRTCP: only from the nominated address of a connected peer, and only what opens.
    mutating func receiveMedia(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard let index = peerByAddress[source], media[index].path == source else {
            return drops.count(.unknownAddress)
        }
        guard datagram.count <= scratch.count, let base = datagram.baseAddress else { return drops.count(.oversized) }
        let packet = base.assumingMemoryBound(to: UInt8.self)
        if PacketKind.isRTCP(datagram) {
            guard let session = peers[index]?.srtp else { return drops.count(.noKeys) }
            receiveRTCP(packet, bytes: datagram.count, of: index, session, at: now, into: &outbox)
        } else {
            if media[index].transform == nil {
                guard let session = peers[index]?.srtp else { return drops.count(.noKeys) }
                // A listener's context for opening is never made, whatever it sends.
                guard media[index].mayPublish else { return drops.count(.notPublisher) }
                media[index].transform = session.openRTP
            }
            receiveRTP(datagram, packet, of: index, at: now, into: &outbox)
        }
    }

    private mutating func receiveRTP(
        _ datagram: UnsafeRawBufferPointer, _ packet: UnsafePointer<UInt8>, of index: Int,
        at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        guard let header = RTPHeader(datagram), let output = scratch.baseAddress else {
            return drops.count(.malformedRTP)
        }
        guard media[index].mayPublish else { return drops.count(.notPublisher) }
        guard header.payloadType == media[index].payloadType else { return drops.count(.payloadType) }
        // The first SSRC that authenticates is the speaker's; until then any may try.
        var stream = media[index].stream ?? SRTPStream(ssrc: header.ssrc)
        guard stream.ssrc == header.ssrc else { return drops.count(.unpinnedSSRC) }
        guard let transform = media[index].transform else { return drops.count(.unauthentic) }
        let opened = stream.open(
            packet, bytes: datagram.count, headerBytes: header.byteCount, sequence: header.sequenceNumber,
            with: transform, into: output)
        let count: Int
        let sourceIndex: UInt64
        switch opened {
        case .unauthentic: return drops.count(.unauthentic)
        case .replayed: return drops.count(.replayed)
        case .opened(let bytes, let index): (count, sourceIndex) = (bytes, index)
        }
        media[index].stream = stream
        // The last byte of padding says how much there is; only now is it in the clear.
        let padding = header.hasPadding && count > 0 ? Int(output[count - 1]) : 0
        guard padding <= count, !header.hasPadding || padding > 0 else { return drops.count(.malformedRTP) }
        let payload = UnsafeBufferPointer(start: UnsafePointer(output), count: count - padding)
        guard payload.count <= Self.maximumPayloadBytes else { return drops.count(.oversized) }
        media[index].reception.note(index: sourceIndex, timestamp: header.timestamp, at: now)
        // Nothing but padding is a probe for bandwidth.
        guard !payload.isEmpty else { return }
        let level = media[index].levelExtension.flatMap { header.audioLevel(id: $0, in: datagram) }
        let isVoice = media[index].voice.note(level, payloadBytes: payload.count, at: now)
        guard !media[index].isMuted else { return drops.count(.muted) }
        // What nobody may hear is no sound that came: receipts and refunds go by this.
        media[index].countReceived(payload.count)
        let room = media[index].room
        let voice = VoicePacket(
            speaker: media[index].id, participant: media[index].participant, isHost: media[index].isHost,
            index: sourceIndex, timestamp: header.timestamp, hasMarker: header.marker,
            level: level?.wire ?? (isVoice ? 0x80 | 47 : 127),
            isVoice: isVoice, score: media[index].voice.score)
        forward(voice, payload, in: room, at: now, into: &outbox)
        if rooms[room]?.pointee.elsewhere.isEmpty == false { handOver(voice, payload, in: room, at: now) }
    }

    /// Gives a voice of a room to the listeners of this relay.
    ///
    /// - Parameter isOwn: it came to this relay; what is not heard of it is counted here and nowhere else.
    mutating func forward(
        _ packet: VoicePacket, _ payload: UnsafeBufferPointer<UInt8>, in room: Int, isOwn: Bool = true,
        at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        guard let place = rooms[room] else { return }
        var changed = false
        // A class that nobody listens to is only run where it decides who counts as speaking.
        let deciding = place.pointee.deciding
        var left = place.pointee.audience | 1 << UInt16(deciding)
        while left != 0 {
            let slotClass = left.trailingZeroBitCount
            left &= left - 1
            let decides = slotClass == deciding
            let outcome = place.pointee.classes[slotClass].forward(
                packet, payload: payload, pace: pace, at: now, drops: &drops, into: &outbox)
            if pace != .atOnce { enqueue(room: room, slotClass: slotClass) }
            switch outcome {
            case .forwarded: changed = changed || (decides && place.pointee.nextLook == .never && packet.isVoice)
            case .newSpeaker: changed = changed || decides
            case .late: if decides && isOwn { drops.count(.late) }
            case .notSelected: if decides && isOwn { drops.count(.notSelected) }
            }
        }
        if changed { tellSpeaking(room, at: now) }
    }

    private mutating func receiveRTCP(
        _ packet: UnsafePointer<UInt8>, bytes: Int, of index: Int, _ session: SRTPSession, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard let output = scratch.baseAddress else { return }
        let count: Int
        switch session.unprotectRTCP(packet, bytes: bytes, into: output) {
        case .unauthentic: return drops.count(.unauthentic)
        case .replayed: return drops.count(.replayed)
        case .opened(let bytes, _): count = bytes
        }
        guard let compound = RTCPCompound(UnsafeRawBufferPointer(start: output, count: count)) else {
            return drops.count(.malformedRTCP)
        }
        // Looked up with the first part that asks for it: a packet may ask for many numbers again.
        var place: ListenerPlace?
        for part in compound {
            switch part {
            case .senderReport(let report):
                media[index].reception.note(senderReport: report.status.ntpTime.middle, at: now)
                note(report.blocks, of: index)
            case .receiverReport(let report): note(report.blocks, of: index)
            case .genericNACK(let nack):
                guard let found = place ?? self.place(of: index) else { continue }
                place = found
                resend(nack, to: found, into: &outbox)
            // A speaker that leaves says so by HTTP or DTLS; a BYE alone may come before a new SSRC, which we pin away.
            case .sourceDescription, .goodbye, .other: break
            }
        }
    }

    /// What a listener says about its slots, in one report or in several: the sum of losses and the worst jitter.
    mutating func note(_ blocks: RTCPReportBlocks, of index: Int) {
        guard !blocks.isEmpty, let peer = peers[index], peer.negotiated.role == .listener, let room = rooms[peer.room]
        else { return }
        for block in blocks {
            guard let slot = room.pointee.classes[peer.slotClass].slot(of: block.ssrc) else { continue }
            media[index].slotReports[slot] = PeerMedia.SlotReport(
                lost: UInt64(max(0, block.cumulativeLost)), jitter: block.jitter)
        }
        let reports = media[index].slotReports
        media[index].flow.lost = reports.indices.reduce(0) { $0 + reports[$1].lost }
        media[index].flow.jitter = reports.indices.reduce(0) { max($0, reports[$1].jitter) }
    }

    /// Where the hot loop has a listener.
    struct ListenerPlace {
        let room: Int
        let slotClass: Int
        let position: Int
    }

    /// `nil` for a speaker, and for a listener that is not connected.
    func place(of index: Int) -> ListenerPlace? {
        guard let peer = peers[index], peer.negotiated.role == .listener,
            let position = rooms[peer.room]?.pointee.classes[peer.slotClass].position(of: index)
        else { return nil }
        return ListenerPlace(room: peer.room, slotClass: peer.slotClass, position: position)
    }

    /// What is beyond the budget is counted once and not looked at.
    mutating func resend(_ nack: RTCPGenericNACK, to place: ListenerPlace, into outbox: inout Outbox) {
        guard let room = rooms[place.room] else { return }
        // 17 numbers an entry; eight entries are a whole ring.
        for entry in 0..<min(nack.entryCount, 8) {
            guard let lost = nack.entry(at: entry) else { return }
            for bit in 0...16 where bit == 0 || lost.following >> UInt16(bit - 1) & 1 == 1 {
                let refused = room.pointee.classes[place.slotClass].resend(
                    lost.first &+ UInt16(bit), ofSSRC: nack.mediaSSRC, to: place.position, into: &outbox)
                guard let refused else { continue }
                drops.count(refused)
                if refused == .retransmissionBudget { return }
            }
        }
    }
}
