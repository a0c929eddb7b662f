internal import BoxOffice
internal import HTTPEdge
public import Stage
internal import Store
internal import Tickets
public import Values

extension LedgerService {
    /// Everything that a gateway needs to open its doors.
    /// - Parameter gateway: who asks; rooms of others are told as such. `nil` for somebody who only reads.
    public func snapshot(for gateway: GatewayID? = nil) async throws -> GatewaySnapshot {
        let now = clock.now()
        let settings = settings
        let jwks = keyRing.jwks
        return try await database.read { transaction in
            let head = try transaction.journalHead()
            let sharings = try transaction.sharings(endingAfter: now)
            let keys = try transaction.holderKeys(endingAfter: now)
            let places = try gateway == nil ? [:] : transaction.placements(endingAfter: now)
            let rooms = try transaction.rooms(endingAfter: now, limit: WireLimits.rooms).map { room in
                let brief = RoomBrief(
                    room, sharing: sharings[room.id] ?? .newestWins, holderKey: keys[room.id] ?? .none)
                return try gateway.map { try transaction.brief(brief, for: $0, at: places[room.id]) } ?? brief
            }
            let revoked = try transaction.revokedTickets(inForceAt: now, limit: WireLimits.revocations)
            let ends = try transaction.ticketEnds(endingAfter: now, limit: WireLimits.ticketEnds)
            let bindings = try transaction.bindings(endingAfter: now, limit: WireLimits.bindings)
            let bans = try transaction.bans(ofRoomsEndingAfter: now, limit: WireLimits.bans)
            return GatewaySnapshot(
                cursor: head.feed, issuer: settings.issuer, audience: settings.audience, jwks: jwks, rooms: rooms,
                revoked: revoked.compactMap { row in
                    guard let revocation = row.revoked, let reason = ReasonCode(revocation.reason) else { return nil }
                    return RevocationNotice(ticket: row.ticket, room: row.room, reason: reason, at: revocation.at)
                }, ends: ends, bindings: bindings,
                bans: bans.map { HostBanNotice(host: $0.host, holder: .holder($0.holder), banned: true) })
        }
    }

    /// What happened after a cursor; waits up to `seconds` if nothing did.
    /// - Parameter gateway: who asks, as for ``snapshot(for:)``.
    public func feed(
        after cursor: Int64, waitSeconds seconds: Int = 0, for gateway: GatewayID? = nil
    ) async throws -> FeedPage {
        var left = Duration.seconds(min(seconds, 30))
        while true {
            // Subscribed before the look, so that no event falls between look and wait.
            let rings = bell.subscribe()
            let page = try await page(after: cursor, for: gateway)
            guard page.events.isEmpty, left > .zero else { return page }
            // The bell of this process does not ring for others: where they write too, one looks again and again.
            let slice = database.isShared ? min(left, Self.look) : left
            await withTaskGroup(of: Void.self) { group in
                group.addTask { for await _ in rings { return } }
                group.addTask { try? await Task.sleep(for: slice) }
                await group.next()
                group.cancelAll()
            }
            left = Task.isCancelled ? .zero : left - slice
        }
    }

    /// How long a revocation that another process booked may stay unheard: a quarter of the second that a refunded
    /// listener may go on listening. Four small queries a second for each gateway that waits.
    private static var look: Duration { .milliseconds(250) }

    private func page(after cursor: Int64, for gateway: GatewayID?) async throws -> FeedPage {
        try await database.read { transaction in
            let rows = try transaction.feed(after: cursor, limit: WireLimits.feedEvents)
            var events: [FeedEvent] = []
            for row in rows {
                var event = try value(FeedEvent.self, from: row.body, column: "feed.body")
                // Whose a room is now, whatever it was when this was written: a gateway that reads late must not let
                // people in until it has read on.
                if let gateway, case .room(let brief) = event.change {
                    let place = try transaction.placement(of: brief.room)
                    event = FeedEvent(
                        sequence: event.sequence, change: .room(try transaction.brief(brief, for: gateway, at: place)))
                }
                events.append(event)
            }
            return FeedPage(events: events, next: rows.last?.sequence ?? cursor)
        }
    }

    /// Takes receipts of a gateway: each once, in order, the chain unbroken. What was taken before may come again.
    public func accept(_ batch: ReceiptBatch, by caller: Caller) async throws -> ReceiptAcknowledgement {
        guard case .gateway(let gateway) = caller else {
            throw caller == .anybody ? EdgeRefusal.keyMissing : EdgeRefusal.keyScope("gateway")
        }
        guard batch.gateway == gateway else { throw LedgerRefusal.receiptGateway }
        let now = clock.now()
        return try await database.write { transaction in
            var last = try transaction.lastReceipt(of: gateway)
            var chain = ReceiptChain(gateway: gateway)
            if last > 0, let stored = try transaction.receipt(last, of: gateway) {
                let receipt = try value(Receipt.self, from: stored, column: "receipts.body")
                chain = ReceiptChain(gateway: gateway, sequence: last, hash: receipt.hash)
            }
            for receipt in batch.receipts {
                let body = text(of: receipt)
                if receipt.sequence <= last {
                    guard try transaction.receipt(receipt.sequence, of: gateway) == body else {
                        throw LedgerRefusal.receiptConflict
                    }
                    continue
                }
                guard receipt.sequence == last + 1 else { throw LedgerRefusal.receiptGap }
                do { try chain.verify([receipt]) } catch { throw LedgerRefusal.receiptChain }
                try transaction.insertReceipt(
                    receipt.sequence, of: gateway, kind: receipt.kind.name, room: receipt.room,
                    isStage: receipt.direction == .speaking, body: body, at: now)
                if case .entered = receipt.kind {
                    try transaction.recordUse(of: receipt.ticket, at: receipt.occurredAt)
                }
                try transaction.recordListening(receipt, at: now)
                last = receipt.sequence
            }
            return ReceiptAcknowledgement(acceptedThrough: last)
        }
    }

    /// Receipts of all gateways in the order in which they were taken: proof of who was let in and until when.
    public func receipts(after number: Int64, limit: Int, by caller: Caller) async throws -> ReceiptPage {
        try requireFinanceReading(caller)
        let rows = try await database.read {
            try $0.receipts(after: number, limit: min(limit, WireLimits.receipts))
        }
        return ReceiptPage(
            receipts: try rows.map { try value(Receipt.self, from: $0.body, column: "receipts.body") },
            next: rows.last?.number ?? number)
    }
}

/// Some receipts, and the cursor behind which further ones are.
public struct ReceiptPage: Sendable, Hashable, Encodable {
    public let receipts: [Receipt]
    public let next: Int64
}

extension Receipt.Kind {
    var name: String {
        switch self {
        case .entered: "entered"
        case .resumed: "resumed"
        case .refused: "refused"
        case .left: "left"
        }
    }
}
