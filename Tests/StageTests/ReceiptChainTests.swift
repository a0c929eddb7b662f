import Foundation
import Simulation
import Stage
import Testing
import Values

@Suite struct ReceiptChainTests {
    /// A chain of `count` receipts of all kinds.
    private func receipts(_ count: Int, seed: UInt64 = 1) -> (Cast, [Receipt]) {
        var cast = Cast(seed: seed)
        var chain = ReceiptChain(gateway: cast.gateway)
        var made: [Receipt] = []
        for index in 0..<count {
            let kinds: [Receipt.Kind] = [
                .entered, .refused(code: .replaced), .left(reason: .left, secondsConnected: Int64(index), packets: 50),
            ]
            let seat = cast.seat(Role.allCases[index % 4])
            let at = cast.start.advanced(byMicroseconds: Int64(index) * 250_000)
            made.append(chain.append(kinds[index % 3], of: seat, room: cast.room, at: at))
        }
        return (cast, made)
    }

    @Test func `the hash is the one that any other program computes`() throws {
        let gateway = try #require(GatewayID("gateway_01kjh3b9m0e8tq6v4x2z7n5r1c"))
        let seat = Seat(
            admission: try #require(AdmissionID("admission_01kjh3b9m0e8tq6v4x2z7n5r1d")),
            ticket: try #require(TicketID("ticket_01kjh3b9m1f9vr7w5y3a8p6s2d")),
            holder: try #require(Subject("holder_01kjh3b9m0e8tq6v4x2z7n5r1c")), role: .listener, direction: .listening,
            since: Instant(seconds: 0))
        let room = try #require(RoomID("room_01kjh3b9m2g0ws8x6z4b9q7t3e"))
        let facts: [(Receipt.Kind, String)] = [
            (.entered, "2026-03-01T20:00:00Z"),
            (.left(reason: .refunded, secondsConnected: 1800, packets: 90_000), "2026-03-01T20:30:00.25Z"),
            (.refused(code: try #require(ReasonCode("ticket_revoked"))), "2026-03-01T20:30:01Z"),
        ]
        var chain = ReceiptChain(gateway: gateway)
        let hashes = try facts.map { kind, at in
            chain.append(kind, of: seat, room: room, at: try #require(Instant(at))).hash
        }
        // Made with Python's hashlib from the documented text.
        #expect(
            hashes == [
                "312699486240c08966ad6f1c2729e1e41110861c90f7ffb78e7e05bff2c6a4d4",
                "7fb81d8748b0c5ba137f214e4ab179f1ea9e77a1cae53db35d5b4039ae0cee97",
                "2c04cf12b5f857c982f9768b4e49fc54febf649701b46e1a609af3d0373d8333",
            ])
    }

    @Test func `a chain verifies at once, in parts and after a way through JSON`() throws {
        let (cast, receipts) = receipts(30)
        var whole = ReceiptChain(gateway: cast.gateway)
        try whole.verify(receipts)
        var parts = ReceiptChain(gateway: cast.gateway)
        try parts.verify(receipts.prefix(11))
        try parts.verify([])
        try parts.verify(receipts.dropFirst(11))
        #expect(whole == parts)
        #expect(whole.sequence == 30 && whole.hash == receipts.last?.hash)
        let json = try JSONEncoder().encode(ReceiptBatch(gateway: cast.gateway, receipts: receipts))
        let read = try JSONDecoder().decode(ReceiptBatch.self, from: json)
        #expect(read.receipts == receipts)
        var again = ReceiptChain(gateway: cast.gateway)
        try again.verify(read.receipts)
        #expect(again == whole)
    }

    @Test func `a receipt left out, doubled, swapped or slipped in is found, and the head stays`() throws {
        let (cast, receipts) = receipts(9)
        for index in 0..<8 {
            var missing = receipts
            missing.remove(at: index)
            var doubled = receipts
            doubled.insert(receipts[index], at: index)
            var swapped = receipts
            swapped.swapAt(index, index + 1)
            for tampered in [missing, doubled, swapped] {
                var chain = ReceiptChain(gateway: cast.gateway)
                #expect(throws: ReceiptChain.Break.self) { try chain.verify(tampered) }
                #expect(chain == ReceiptChain(gateway: cast.gateway))
            }
        }
        var other = ReceiptChain(gateway: Cast(seed: 9).gateway)
        #expect(throws: ReceiptChain.Break.otherGateway) { try other.verify(receipts) }
    }

    @Test func `any member of any receipt that is changed is found`() throws {
        let (cast, receipts) = receipts(6)
        let other = Self.receiptOfAnother()
        for index in receipts.indices {
            let variants = Self.variants(of: receipts[index], other: other)
            #expect(variants.count == 11)
            for (member, changed) in variants {
                var tampered = receipts
                tampered[index] = changed
                var chain = ReceiptChain(gateway: cast.gateway)
                #expect(throws: ReceiptChain.Break.self, "\(member) of \(index)") { try chain.verify(tampered) }
            }
        }
    }

    @Test func `a tail that was rewritten hangs on another head`() throws {
        let (cast, receipts) = receipts(6)
        // The forger computes every hash anew behind the change: only a head that was kept elsewhere tells.
        var honest = ReceiptChain(gateway: cast.gateway)
        try honest.verify(receipts)
        var forger = ReceiptChain(gateway: cast.gateway)
        try forger.verify(receipts.prefix(3))
        var forged = Array(receipts.prefix(3))
        var others = Cast(seed: 4)
        for _ in 0..<3 { forged.append(forger.append(.entered, of: others.seat(), room: cast.room, at: cast.start)) }
        var chain = ReceiptChain(gateway: cast.gateway)
        try chain.verify(forged)
        #expect(chain.sequence == honest.sequence && chain.hash != honest.hash)
    }

    private static func receiptOfAnother() -> Receipt {
        var cast = Cast(seed: 77)
        var chain = ReceiptChain(gateway: cast.gateway)
        return chain.append(
            .left(reason: .consentLost, secondsConnected: 999, packets: 1), of: cast.seat(.cohost), room: cast.room,
            at: cast.start.advanced(byMicroseconds: 1))
    }

    private static func variants(of receipt: Receipt, other: Receipt) -> [(String, Receipt)] {
        func changed(
            gateway: GatewayID? = nil, sequence: Int64? = nil, admission: AdmissionID? = nil, ticket: TicketID? = nil,
            room: RoomID? = nil, holder: Subject? = nil, role: Role? = nil, kind: Receipt.Kind? = nil,
            occurredAt: Instant? = nil, previousHash: String? = nil, hash: String? = nil
        ) -> Receipt {
            Receipt(
                gateway: gateway ?? receipt.gateway, sequence: sequence ?? receipt.sequence,
                admission: admission ?? receipt.admission, ticket: ticket ?? receipt.ticket,
                room: room ?? receipt.room, holder: holder ?? receipt.holder, role: role ?? receipt.role,
                kind: kind ?? receipt.kind, occurredAt: occurredAt ?? receipt.occurredAt,
                previousHash: previousHash ?? receipt.previousHash, hash: hash ?? receipt.hash)
        }
        return [
            ("gateway", changed(gateway: other.gateway)), ("sequence", changed(sequence: receipt.sequence + 1)),
            ("admission", changed(admission: other.admission)), ("ticket", changed(ticket: other.ticket)),
            ("room", changed(room: other.room)), ("holder", changed(holder: other.holder)),
            ("role", changed(role: receipt.role == .host ? .listener : .host)), ("kind", changed(kind: other.kind)),
            ("occurredAt", changed(occurredAt: receipt.occurredAt.advanced(byMicroseconds: 1))),
            ("previousHash", changed(previousHash: other.hash)), ("hash", changed(hash: other.hash)),
        ]
    }
}
