import RoomGateway
import Stage
import Values

/// The ledger's side of the link: a feed that tests write, receipts checked as the real ledger checks them, and faults
/// on demand. It injects what a real ledger cannot be made to do at a given moment: being away.
actor ScriptedLedger: LedgerLink {
    struct Away: Error {}

    private var snapshotNow: GatewaySnapshot
    private var events: [FeedEvent] = []
    private var chains: [GatewayID: ReceiptChain] = [:]
    /// In the order of their acceptance.
    private(set) var receipts: [Receipt] = []
    /// How often receipts were handed over, failures included.
    private(set) var deliveries = 0
    private var isAway = false
    /// Takes the receipts and loses the answer, so many times.
    private var lostAnswers = 0

    init(jwks: String, rooms: [RoomBrief]) {
        snapshotNow = GatewaySnapshot(
            cursor: 0, issuer: TestHouse.issuer, audience: TestHouse.audience, jwks: jwks, rooms: rooms, revoked: [])
    }

    // MARK: - The script

    func setAway(_ away: Bool) { isAway = away }
    func loseAnswers(_ count: Int) { lostAnswers = count }

    func say(_ change: FeedEvent.Change) {
        snapshotNow.cursor += 1
        switch change {
        case .room(let brief):
            snapshotNow.rooms.removeAll { $0.room == brief.room }
            snapshotNow.rooms.append(brief)
        case .revoked(let notice): snapshotNow.revoked.append(notice)
        case .extended(let end):
            snapshotNow.ends.removeAll { $0.ticket == end.ticket }
            snapshotNow.ends.append(end)
        case .bound(let binding): snapshotNow.bindings.append(binding)
        case .banned(let notice):
            snapshotNow.bans.removeAll { $0.host == notice.host && $0.holder == notice.holder }
            if notice.banned { snapshotNow.bans.append(notice) }
        case .keys(let jwks): snapshotNow.jwks = jwks
        }
        events.append(FeedEvent(sequence: snapshotNow.cursor, change: change))
    }

    /// Waits until a receipt is there that fits.
    func receipt(within seconds: Double = 10, _ fits: @Sendable (Receipt) -> Bool) async throws -> Receipt? {
        try await until(seconds) { receipts.first(where: fits) }
    }

    // MARK: - The link

    func snapshot(for _: GatewayID) async throws -> GatewaySnapshot {
        if isAway { throw Away() }
        return snapshotNow
    }

    /// How often the keys were asked for by themselves.
    private(set) var keyQuestions = 0
    /// What is told about keys only when it is asked for.
    private var unannounced: String?
    func keepQuiet(about jwks: String) { unannounced = jwks }

    func keys() async throws -> String {
        keyQuestions += 1
        if isAway { throw Away() }
        return unannounced ?? snapshotNow.jwks
    }

    func feed(after cursor: Int64, waitSeconds: Int, for _: GatewayID) async throws -> FeedPage {
        let found = try await until(Double(min(waitSeconds, 1))) { () -> [FeedEvent]? in
            if isAway { throw Away() }
            let later = events.filter { $0.sequence > cursor }
            return later.isEmpty ? nil : later
        }
        return FeedPage(events: found ?? [], next: found?.last?.sequence ?? cursor)
    }

    func deliver(_ batch: ReceiptBatch) async throws -> ReceiptAcknowledgement {
        deliveries += 1
        if isAway { throw Away() }
        var chain = chains[batch.gateway] ?? ReceiptChain(gateway: batch.gateway)
        let new = batch.receipts.filter { $0.sequence > chain.sequence }
        try chain.verify(new)
        chains[batch.gateway] = chain
        receipts += new
        if lostAnswers > 0 {
            lostAnswers -= 1
            throw Away()
        }
        return ReceiptAcknowledgement(acceptedThrough: chain.sequence)
    }

    /// In the order of their acceptance.
    private(set) var acts: [ActRecord] = []

    func deliver(_ batch: ActBatch) async throws -> ActAcknowledgement {
        if isAway { throw Away() }
        let new = batch.acts.filter { $0.sequence > acts.last?.sequence ?? 0 }
        guard new.first.map({ $0.sequence == acts.count + 1 }) ?? true else { throw Away() }
        acts += new
        if lostAnswers > 0 {
            lostAnswers -= 1
            throw Away()
        }
        return ActAcknowledgement(acceptedThrough: Int64(acts.count))
    }

    private func until<Value>(_ seconds: Double, _ look: () throws -> Value?) async throws -> Value? {
        let end = ContinuousClock.now + .seconds(seconds)
        while true {
            if let value = try look() { return value }
            guard ContinuousClock.now < end else { return nil }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
