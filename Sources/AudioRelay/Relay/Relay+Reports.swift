internal import MediaWire

extension Relay {
    /// Room for reports of three slots, a CNAME, tag and index.
    private static let reportBytes = 256

    /// Tells a speaker how its packets arrive.
    mutating func sendReceiverReport(_ index: Int, at now: MonotonicInstant, into outbox: inout Outbox) {
        guard let peer = peers[index], let session = peer.srtp, let ssrc = media[index].stream?.ssrc,
            let destination = destination(of: index), let own = reportSSRC(of: peer.room),
            let block = media[index].reception.block(for: ssrc, at: now)
        else { return }
        outbox.writeReport(Self.reportBytes, to: destination, session, ssrc: own) { writer in
            writer.appendReceiverReport(ssrc: own)
            writer.appendReportBlock(block)
            writer.append(cnameOf: own)
        }
    }

    /// Tells every listener of a room the time of each slot that it has heard.
    mutating func sendSenderReports(_ room: Int, at now: MonotonicInstant, into outbox: inout Outbox) {
        guard let room = rooms[room] else { return }
        for slotClass in room.pointee.classes.indices where room.pointee.hasListeners(in: slotClass) {
            room.pointee.classes[slotClass].refillRetransmissions()
            let current = room.pointee.classes[slotClass]
            for listener in current.listeners {
                guard let session = peers[listener.peer]?.srtp else { continue }
                sendSenderReport(listener, current.slots, session, at: now, into: &outbox)
            }
        }
    }

    private func sendSenderReport(
        _ listener: Listener, _ slots: [Slot], _ session: SRTPSession, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard let first = slots.indices.first(where: { listener.lanes[$0].packets > 0 }) else { return }
        // Any origin will do for the wall clock of a sender that has none (RFC 3550, section 4); slots share it.
        let seconds = now.nanoseconds / 1_000_000_000
        let fraction = (now.nanoseconds % 1_000_000_000) << 32 / 1_000_000_000
        outbox.writeReport(Self.reportBytes, to: listener.destination, session, ssrc: slots[first].ssrc) { writer in
            for slot in slots.indices where listener.lanes[slot].packets > 0 {
                writer.appendSenderReport(
                    ssrc: slots[slot].ssrc,
                    RTCPSenderStatus(
                        ntpTime: NTPTimestamp(rawValue: seconds << 32 | fraction),
                        rtpTimestamp: slots[slot].timestamp(at: now), packetCount: listener.lanes[slot].packets,
                        octetCount: listener.lanes[slot].octets))
            }
            writer.append(cnameOf: slots[first].ssrc)
        }
    }

    /// BYE for whatever the peer received from us.
    mutating func sendGoodbye(_ peer: Peer, to destination: SocketAddress, into outbox: inout Outbox) {
        guard let session = peer.srtp, let own = reportSSRC(of: peer.room), let room = rooms[peer.room] else { return }
        let slots = room.pointee.classes[peer.slotClass].slots
        outbox.writeReport(Self.reportBytes, to: destination, session, ssrc: own) { writer in
            writer.appendReceiverReport(ssrc: own)
            writer.append(cnameOf: own)
            if peer.negotiated.role == .listener { for slot in slots { writer.appendGoodbye(ssrc: slot.ssrc) } }
        }
    }

    /// Brings a listener's counts from the lanes to where events read them.
    mutating func countSent(_ index: Int) {
        guard let peer = peers[index], peer.negotiated.role == .listener,
            let listener = rooms[peer.room]?.pointee.classes[peer.slotClass].listener(index)
        else { return }
        media[index].flow.packets = (0..<3).reduce(0) { $0 + UInt64(listener.lanes[$1].packets) }
        media[index].flow.bytes = (0..<3).reduce(0) { $0 + UInt64(listener.lanes[$1].octets) }
    }

    /// As whom we report about others: never the SSRC of a slot.
    private func reportSSRC(of room: Int) -> UInt32? { rooms[room].map { $0.pointee.key.ssrc(slot: 0, of: 1) | 7 } }
}

extension RTCPWriter {
    mutating func append(cnameOf ssrc: UInt32) {
        var name = relayCNAME
        name.withUTF8 { appendSourceDescription(ssrc: ssrc, cname: UnsafeRawBufferPointer($0)) }
    }
}

extension Outbox {
    /// Writes a compound packet and seals it.
    mutating func writeReport(
        _ capacity: Int, to destination: SocketAddress, _ session: SRTPSession, ssrc: UInt32,
        _ body: (inout RTCPWriter) -> Void
    ) {
        write(capacity, to: destination) { buffer in
            // Tag, flag and index take 20 bytes behind the packet.
            var writer = RTCPWriter(UnsafeMutableRawBufferPointer(rebasing: buffer[..<(buffer.count - 20)]))
            body(&writer)
            guard let bytes = writer.finish(), let base = buffer.baseAddress else { return nil }
            return session.protectRTCP(base.assumingMemoryBound(to: UInt8.self), bytes: bytes, ssrc: ssrc)
        }
    }
}
