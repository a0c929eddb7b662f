internal import AudioRelay
internal import HTTPEdge
internal import Stage

/// Connections as the relay sees them.
extension GatewayRooms {
    /// What the relay says.
    func note(_ event: RelayEvent) async {
        switch event {
        case .connected(let peer):
            guard let id = peers[peer], let admission = admissions[id], !admission.isConnected else { return }
            admissions[id]?.isConnected = true
            admissions[id]?.flow = FlowMeter()
            admissions[id]?.flow?.begin(at: clock.now())
            handshakeIsOver(admission)
        case .closed(let peer, let reason, let flow):
            if rehearsalIsOver(peer) { return }
            guard let id = peers.removeValue(forKey: peer), let admission = admissions[id] else { return }
            let code = admission.ending ?? ReasonCode(closing: reason)
            if admission.ending == nil {
                if !keepSeat(of: admission, closedBy: reason) { _ = rooms[admission.room]?.roster.leave(id) }
                admissions[id]?.ending = code
                rooms[admission.room]?.isChanged = true
                noteDeparture(admission.seat, in: admission.room, code)
                tell(admission.seat, in: admission.room, code)
            }
            read(flow, of: id, closing: reason)
            await settle(id, reason: code)
        case .speaking(let key, let participants):
            guard let room = roomsByKey[key] else { return }
            rooms[room]?.speaking = participants
            send(.speaking(participants.map { Int($0) }), to: room)
        case .mediaFlow(let peer, let flow): if let id = peers[peer] { read(flow, of: id) }
        }
    }
}

extension ReasonCode {
    /// The reason of a receipt for what the relay closed by itself.
    init(closing reason: ClosingReason) {
        switch reason {
        case .ticketEnded: self = .ticketExpired
        case .consentLost: self = .consentLost
        case .dtlsClosed: self = .left
        case .handshakeTimeout: self = .handshakeTimeout
        case .handshakeFailed: self = ReasonCode("handshake_failed") ?? .handshakeTimeout
        case .removed(let code): self = ReasonCode(code) ?? .removed
        case .roomClosed(let code): self = ReasonCode(code) ?? .roomClosed
        }
    }
}
