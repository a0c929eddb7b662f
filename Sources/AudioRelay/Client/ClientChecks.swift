internal import MediaWire

/// The client's side of ICE (RFC 8445) in the controlling role, over one local socket: checks the server's candidates,
/// nominates the first that answers, keeps consent (RFC 7675), and answers the checks of a server that is not lite.
///
///     checking ──a candidate answers──▶ nominating ──it answers again──▶ nominated ──30 s silence──▶ lost
///         └────────────────────────── 15 s without ──────────────────────────▶ failed
struct ClientChecks {
    enum Progress {
        case nothing
        /// The path that from now on carries everything.
        case nominated(SocketAddress)
        case failed
        case lost
    }

    private enum State {
        case checking
        case nominating(SocketAddress)
        case nominated(SocketAddress, lastAnswer: MonotonicInstant)
        case over
    }

    private struct Candidate {
        let address: SocketAddress
        var nextCheck: MonotonicInstant
        var pauseMilliseconds: UInt64 = 100
        var transaction: STUNTransactionID
        var sentAt = MonotonicInstant(nanoseconds: 0)
    }

    /// RFC 7675, section 5.1.
    private static let consentMilliseconds: UInt64 = 30_000
    /// The middle of the 4 to 6 seconds that RFC 7675 prescribes between consent checks.
    private static let consentPauseMilliseconds: UInt64 = 5_000
    private static let patienceMilliseconds: UInt64 = 15_000
    /// Against a flood of made-up addresses from an authenticated server.
    private static let maximumCandidates = 2 * ClientAnswer.maximumCandidates

    private let answer: ClientAnswer
    private let ours: ClientOffer
    private let remoteKey: STUNKey
    private let localKey: STUNKey
    private let tieBreaker: UInt64
    private let giveUpAt: MonotonicInstant
    private var generator: SystemRandomNumberGenerator
    private var candidates: [Candidate] = []
    private var state = State.checking
    /// From a check to its answer, the last time; `nil` before the first.
    private(set) var roundTripNanoseconds: UInt64?

    init(_ answer: ClientAnswer, ours: ClientOffer, tieBreaker: UInt64, at now: MonotonicInstant) {
        self.answer = answer
        self.ours = ours
        self.tieBreaker = tieBreaker
        remoteKey = STUNKey(password: answer.password)
        localKey = STUNKey(password: ours.password)
        giveUpAt = now.advanced(byMilliseconds: Self.patienceMilliseconds)
        generator = SystemRandomNumberGenerator()
        for address in answer.candidates { add(address, at: now) }
    }

    var deadline: MonotonicInstant {
        switch state {
        case .over: .never
        case .checking: min(giveUpAt, candidates.map(\.nextCheck).min() ?? .never)
        // The other candidates rest, so their times must not count.
        case .nominating(let address): min(giveUpAt, candidates.first { $0.address == address }?.nextCheck ?? .never)
        case .nominated(let address, let lastAnswer):
            min(
                lastAnswer.advanced(byMilliseconds: Self.consentMilliseconds),
                candidates.first { $0.address == address }?.nextCheck ?? .never)
        }
    }

    /// When the server answered last, once a path is nominated.
    var lastAnswer: MonotonicInstant? {
        if case .nominated(_, let lastAnswer) = state { lastAnswer } else { nil }
    }

    /// Whether an authenticated check has passed between us and this address.
    func knows(_ address: SocketAddress) -> Bool { candidates.contains { $0.address == address } }

    mutating func advance(to now: MonotonicInstant, into outbox: inout Outbox) -> Progress {
        switch state {
        case .over: return .nothing
        case .checking, .nominating:
            if giveUpAt <= now {
                state = .over
                return .failed
            }
        case .nominated(_, let lastAnswer):
            if lastAnswer.advanced(byMilliseconds: Self.consentMilliseconds) <= now {
                state = .over
                return .lost
            }
        }
        for index in candidates.indices where candidates[index].nextCheck <= now {
            let address = candidates[index].address
            var nominates = false
            switch state {
            case .over: continue
            case .checking: break
            case .nominating(let chosen):
                guard chosen == address else { continue }
                nominates = true
            case .nominated(let chosen, _):
                guard chosen == address else { continue }
                // As browsers do: where a router gave us another address, the server sends to it from the next check on.
                nominates = true
                candidates[index].pauseMilliseconds = Self.consentPauseMilliseconds
            }
            candidates[index].transaction = STUNTransactionID(using: &generator)
            candidates[index].sentAt = now
            candidates[index].nextCheck = now.advanced(byMilliseconds: candidates[index].pauseMilliseconds)
            candidates[index].pauseMilliseconds = min(candidates[index].pauseMilliseconds * 2, 1_600)
            send(candidates[index].transaction, to: address, nominates: nominates, into: &outbox)
        }
        return .nothing
    }

    mutating func receive(
        _ message: STUNMessage, from address: SocketAddress, at now: MonotonicInstant, into outbox: inout Outbox
    ) -> Progress {
        switch message.kind {
        case .bindingRequest:
            reply(to: message, from: address, at: now, into: &outbox)
            return .nothing
        case .bindingSuccess:
            guard let index = candidates.firstIndex(where: { $0.address == address }),
                candidates[index].transaction == message.transactionID, message.verifies(remoteKey)
            else { return .nothing }
            roundTripNanoseconds = now.nanoseconds(since: candidates[index].sentAt)
            return succeeded(index, at: now)
        default: return .nothing
        }
    }

    private mutating func succeeded(_ index: Int, at now: MonotonicInstant) -> Progress {
        let address = candidates[index].address
        switch state {
        case .over: return .nothing
        case .checking:
            state = .nominating(address)
            candidates[index].nextCheck = now
            candidates[index].pauseMilliseconds = 100
            return .nothing
        case .nominating(let chosen):
            guard chosen == address else { return .nothing }
            state = .nominated(address, lastAnswer: now)
            candidates[index].nextCheck = now.advanced(byMilliseconds: Self.consentPauseMilliseconds)
            return .nominated(address)
        case .nominated(let chosen, _):
            if chosen == address { state = .nominated(address, lastAnswer: now) }
            return .nothing
        }
    }

    private mutating func add(_ address: SocketAddress, at now: MonotonicInstant) {
        guard !knows(address), candidates.count < Self.maximumCandidates else { return }
        candidates.append(
            Candidate(address: address, nextCheck: now, transaction: STUNTransactionID(using: &generator)))
    }

    private func send(
        _ transaction: STUNTransactionID, to address: SocketAddress, nominates: Bool, into outbox: inout Outbox
    ) {
        withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 8) { buffer in
            var writer = STUNWriter(buffer, kind: .bindingRequest, transactionID: transaction)
            var receiver = answer.fragment
            var sender = ours.fragment
            receiver.withUTF8 { receiver in
                sender.withUTF8 { sender in
                    writer.append(
                        receiverFragment: UnsafeRawBufferPointer(receiver),
                        senderFragment: UnsafeRawBufferPointer(sender))
                }
            }
            // A peer-reflexive candidate's priority (RFC 8445, section 7.1.1): type preference 110.
            writer.append(priority: 110 << 24 | 65_535 << 8 | 255)
            writer.append(controlling: tieBreaker)
            if nominates { writer.appendUseCandidate() }
            writer.appendIntegrity(remoteKey)
            writer.appendFingerprint()
            guard let count = writer.finish() else { return }
            outbox.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: address)
        }
    }

    /// Answers a check of a full agent and learns its address (RFC 8445, section 7.3).
    private mutating func reply(
        to message: STUNMessage, from address: SocketAddress, at now: MonotonicInstant, into outbox: inout Outbox
    ) {
        guard message.receiverFragment.map({ Array($0) == Array(ours.fragment.utf8) }) ?? false,
            message.verifies(localKey)
        else { return }
        add(address, at: now)
        let conflicts = message.controlling != nil
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 8) { buffer in
            var writer = STUNWriter(
                buffer, kind: conflicts ? .bindingFailure : .bindingSuccess, transactionID: message.transactionID)
            if conflicts {
                // We offered, so we control (RFC 8445, section 6.1.1); the server has to switch.
                writer.append(errorCode: 487, reason: "Role Conflict")
            } else {
                writer.append(xorMappedAddress: address)
            }
            writer.appendIntegrity(localKey)
            writer.appendFingerprint()
            guard let count = writer.finish() else { return }
            outbox.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]), to: address)
        }
    }
}
