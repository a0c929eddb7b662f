public import MediaWire

extension Relay {
    /// Answers a check of a live peer, and nothing else: RFC 8445, section 7.3, for a lite agent. An authenticated
    /// check renews consent; one with USE-CANDIDATE says where the peer wants its media.
    mutating func receiveSTUN(
        _ datagram: UnsafeRawBufferPointer, from source: SocketAddress, at now: MonotonicInstant,
        into outbox: inout Outbox
    ) {
        guard let message = STUNMessage(datagram), !message.hasFingerprint || message.hasValidFingerprint else {
            return drops.count(.malformedSTUN)
        }
        // A lite agent asks nothing, so answers are as meaningless as indications.
        guard message.kind == .bindingRequest else { return drops.count(.malformedSTUN) }
        guard let fragment = message.receiverFragment.flatMap({ ICEFragment($0) }),
            let index = peerByFragment[fragment],
            let (key, peerFragment, isRestart) = peers[index]?.credentials(of: fragment)
        else { return drops.count(.unknownFragment) }
        guard message.verifies(key), let sender = message.senderFragment, peerFragment.utf8.elementsEqual(sender)
        else { return drops.count(.stunIntegrity) }
        guard message.unknownRequiredCount == 0 else {
            return answer(message, key, to: source, failure: 420, into: &outbox)
        }
        // We are lite and so always controlled: the peer must take the other role (RFC 8445, section 7.3.1.1).
        guard message.controlled == nil else { return answer(message, key, to: source, failure: 487, into: &outbox) }
        guard claim(source, for: index, at: now) else { return drops.count(.addressTaken) }
        peers[index]?.consentUntil = now.advanced(byMilliseconds: Self.consentMilliseconds)
        reschedule(index)
        if message.hasUseCandidate {
            if isRestart { finishRestart(index) }
            nominate(source, for: index)
        }
        answer(message, key, to: source, failure: nil, into: &outbox)
    }

    /// Notes an address that passed a check; an address that another peer used within ten seconds stays that peer's.
    private mutating func claim(_ source: SocketAddress, for index: Int, at now: MonotonicInstant) -> Bool {
        if let owner = peerByAddress[source] {
            if owner == index { return true }
            let freshUntil = now.advanced(byMilliseconds: Self.consentMilliseconds - 10_000)
            if let consent = peers[owner]?.consentUntil, consent > freshUntil { return false }
            peers[owner]?.addresses.removeAll { $0 == source }
        }
        peerByAddress[source] = index
        peers[index]?.addresses.append(source)
        if let addresses = peers[index]?.addresses, addresses.count > Peer.maximumAddresses,
            let oldest = addresses.firstIndex(where: { $0 != media[index].path })
        {
            peerByAddress[addresses[oldest]] = nil
            peers[index]?.addresses.remove(at: oldest)
        }
        return true
    }

    /// Nobody is reached at an address any more: a TCP connection has ended, and the next one from there may be somebody
    /// else's. A peer that had its media there gets it elsewhere once it says where.
    public mutating func forget(_ address: SocketAddress) {
        guard let index = peerByAddress.removeValue(forKey: address) else { return }
        peers[index]?.addresses.removeAll { $0 == address }
        if peers[index]?.handshakeAddress == address { peers[index]?.handshakeAddress = nil }
        guard let peer = peers[index], media[index].path == address else { return }
        media[index].path = nil
        guard peer.isConnected, peer.negotiated.role == .listener else { return }
        // To no port until then, so to nobody.
        rooms[peer.room]?.pointee.classes[peer.slotClass].redirect(index, to: address.with(port: 0))
    }

    private mutating func nominate(_ source: SocketAddress, for index: Int) {
        guard let peer = peers[index], media[index].path != source else { return }
        media[index].path = source
        if peer.isConnected, peer.negotiated.role == .listener {
            rooms[peer.room]?.pointee.classes[peer.slotClass].redirect(index, to: source)
        }
    }

    private func answer(
        _ request: STUNMessage, _ key: STUNKey, to source: SocketAddress, failure: Int?, into outbox: inout Outbox
    ) {
        let kind: STUNKind = failure == nil ? .bindingSuccess : .bindingFailure
        outbox.write(128, to: source) { buffer in
            var writer = STUNWriter(buffer, kind: kind, transactionID: request.transactionID)
            if let failure {
                writer.append(errorCode: failure)
                if failure == 420 { writer.append(unknownAttributes: request.unknownRequiredAttributes) }
            } else {
                writer.append(xorMappedAddress: source)
            }
            writer.appendIntegrity(key)
            writer.appendFingerprint()
            return writer.finish()
        }
    }
}

extension Outbox {
    /// Lets `body` write one datagram of at most `capacity` bytes; `nil` from it means none.
    mutating func write(
        _ capacity: Int, to destination: SocketAddress, _ body: (UnsafeMutableRawBufferPointer) -> Int?
    ) {
        guard let room = reserve(capacity) else { return }
        if let length = body(UnsafeMutableRawBufferPointer(start: room, count: capacity)), length > 0 {
            commit(length, to: destination)
        }
    }
}
