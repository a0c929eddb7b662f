internal import MediaWire

extension Relay {
    /// DTLS is looked at only when it comes from an address that passed an authenticated check, so that nobody can
    /// make us do public-key work, or send flights to strangers.
    mutating func receiveDTLS(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard let index = peerByAddress[source] else { return drops.count(.unknownAddress) }
        peers[index]?.handshakeAddress = source
        guard let dtls = peers[index]?.dtls else {
            // A flight comes again by itself, so what is too much is no loss.
            guard let waiting = peers[index]?.waitingDTLS.count, waiting < Self.maximumWaitingDatagrams else {
                return drops.count(.handshakeBusy)
            }
            peers[index]?.waitingDTLS.append(Array(datagram))
            return
        }
        if handsOutHandshakes, dtls.isHandshaking {
            return handOut(dtls, [Array(datagram)], of: index, at: now)
        }
        take(dtls.receive(datagram, at: now), of: index, at: now, into: &outbox)
    }

    mutating func take(
        _ progress: DTLSProgress, of index: Int, at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        guard let peer = peers[index] else { return }
        if let destination = destination(of: index) { peer.dtls?.drain { outbox.append($0, to: destination) } }
        switch progress {
        case .pending: reschedule(index)
        case .established(let material): connect(index, material, at: now, into: &outbox)
        case .closed: remove(index, .dtlsClosed, at: now, into: &outbox)
        case .failed(let failure): remove(index, .handshakeFailed(failure.rawValue), at: now, into: &outbox)
        }
    }

    private mutating func connect(
        _ index: Int, _ material: SRTPKeyingMaterial, at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        guard let peer = peers[index],
            let session = try? SRTPSession(material, role: .server, sharing: controlCiphers),
            let destination = destination(of: index)
        else { return remove(index, .handshakeFailed("keys"), at: now, into: &outbox) }
        peers[index]?.srtp = session
        peers[index]?.nextSnapshot = now.advanced(byMilliseconds: Self.snapshotMilliseconds)
        switch peer.negotiated.role {
        case .speaker: peers[index]?.nextReport = now.advanced(byMilliseconds: Self.reportMilliseconds)
        case .listener:
            let listener = Listener(
                peer: index, participant: peer.participant, destination: destination, transform: session.sealRTP,
                payloadType: peer.negotiated.payloadType, levelExtension: peer.negotiated.levelExtension ?? 0)
            rooms[peer.room]?.pointee.add(listener, to: peer.slotClass, firstIndex: generator.next() & 0x3FFF)
        }
        events.append(.connected(peer.id))
        reschedule(index)
    }
}
