internal import BoxOffice
public import HTTPEdge
public import Stage
internal import Store
public import Values

/// One line of the log of a room's stage, as host and staff read it.
public struct ActView: Sendable, Hashable, Encodable {
    /// The place in the log, from 1.
    public let n: Int64
    public let gateway: GatewayID
    public let at: Instant
    public let kind: ReasonCode
    /// Who did it; none for what the rules and the time did.
    public let actor: StagePerson?
    public let target: StagePerson?
    public let role: Role?
    /// In the actor's own words.
    public let reason: String?
    /// The code by which it was refused; none for what was done.
    public let refused: ReasonCode?

    init(_ act: ActRecord, n: Int64, gateway: GatewayID) {
        self.n = n
        self.gateway = gateway
        at = act.at
        kind = act.kind
        actor = act.actor
        target = act.target
        role = act.role
        reason = act.reason
        refused = act.refused
    }
}

extension LedgerService {
    /// Takes acts of a gateway: each once and in order. What was taken before may come again.
    public func accept(_ batch: ActBatch, by caller: Caller) async throws -> ActAcknowledgement {
        guard case .gateway(let gateway) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("gateway")
        }
        guard batch.gateway == gateway else { throw ActRefusal.gateway }
        let now = clock.now()
        defer { bell.ringIfOwed() }
        return try await database.write { transaction in
            var last = try transaction.lastAct(of: gateway)
            for act in batch.acts {
                let body = text(of: act)
                if act.sequence <= last {
                    guard try transaction.act(act.sequence, of: gateway) == body else { throw ActRefusal.conflict }
                    continue
                }
                guard act.sequence == last + 1 else { throw ActRefusal.gap }
                guard let room = try transaction.room(act.room) else { throw LedgerRefusal.roomUnknown }
                try transaction.insertAct(
                    act.sequence, of: gateway, in: act.room, kind: act.kind.text, refused: act.refused?.text,
                    body: body, at: now)
                // The gateway that has the room by now learns late what this one did with it.
                if act.kind == ActKind.removed.code, act.refused == nil,
                    let place = try transaction.placement(of: room.id), place.gateway != gateway
                {
                    try transaction.tellGateways(of: room, at: now)
                    bell.owe()
                }
                last = act.sequence
            }
            return ActAcknowledgement(acceptedThrough: last)
        }
    }

    /// What was done on the stage of a room, the oldest first, for its host and moderators and the platform's staff.
    public func acts(
        of room: RoomID, _ page: PageRequest, by caller: Caller
    ) async throws -> (acts: [ActView], next: String?) {
        guard let place = Int64(page.after ?? "0") else { throw EdgeRefusal.parameterMalformed(path: "cursor") }
        return try await database.read { transaction in
            try requireSalesReading(of: room, caller, in: transaction)
            let (rows, next) = page.page(
                try transaction.acts(in: room, after: place, limit: page.limit + 1), key: { String($0.place) })
            let acts = try rows.map {
                ActView(
                    try value(ActRecord.self, from: $0.body, column: "stage_acts.body"), n: $0.place,
                    gateway: $0.gateway)
            }
            return (acts, next)
        }
    }
}
