internal import AudioRelay
internal import HTTPEdge
internal import Stage
internal import Values

extension GatewayRooms {
    /// Takes the relay's counters of an admission.
    func read(_ flow: MediaFlow, of id: AdmissionID, closing reason: ClosingReason? = nil) {
        guard admissions[id]?.flow != nil else { return }
        let now = clock.now()
        admissions[id]?.flow?.read(
            packets: Int64(clamping: flow.packets), lost: Int64(clamping: flow.lost),
            // RTP time stamps of Opus count 48,000 a second (RFC 7587).
            jitterMicroseconds: Int64(flow.jitter) * 1_000_000 / 48_000, at: now)
        // For so long nothing has come back; what was sent meanwhile went to nobody.
        if case .consentLost = reason {
            let silence = Int64(Relay.consentMilliseconds) * 1_000
            admissions[id]?.flow?.lostContact(at: now.advanced(byMicroseconds: -silence))
        }
        admissions[id]?.isFlowUnsaved = true
    }

    /// What the spool does not have yet; counts as saved from now on.
    func takeUnsavedFlows() -> [AdmissionID: FlowMeter] {
        var flows: [AdmissionID: FlowMeter] = [:]
        for (id, admission) in admissions where admission.isFlowUnsaved {
            flows[id] = admission.flow
            admissions[id]?.isFlowUnsaved = false
        }
        return flows
    }
}
