import Foundation
import Stage
import Testing
import Values

@Suite struct WireTests {
    private func roundTrip<T: Codable & Equatable>(_ value: T) throws {
        #expect(try JSONDecoder().decode(T.self, from: JSONEncoder().encode(value)) == value)
    }

    private func isRefused<T: Decodable>(_ type: T.Type, _ json: String) -> Bool {
        (try? JSONDecoder().decode(type, from: Data(json.utf8))) == nil
    }

    @Test func `everything that gateway and ledger say arrives as it was sent`() throws {
        var cast = Cast()
        let notice = RevocationNotice(ticket: cast.ticket(), room: cast.room, reason: .refunded, at: cast.start)
        let end = TicketEnd(ticket: cast.ticket(), room: cast.room, endsAt: cast.start, at: cast.start)
        let rooms = RoomBrief.State.allCases.map { cast.brief($0) }
        try roundTrip(
            GatewaySnapshot(
                cursor: 7, issuer: "https://ledger.example", audience: "rooms.example", jwks: #"{"keys":[]}"#,
                rooms: rooms, revoked: [notice], ends: [end]))
        let events = [
            FeedEvent(sequence: 1, change: .room(cast.brief())), FeedEvent(sequence: 2, change: .revoked(notice)),
            FeedEvent(sequence: 3, change: .extended(end)),
            FeedEvent(sequence: 5, change: .keys(jwks: #"{"keys":[]}"#)),
        ]
        for event in events { try roundTrip(event) }
        try roundTrip(FeedPage(events: events, next: 5))
        try roundTrip(FeedPage(events: [], next: 0))
        try roundTrip(ReceiptAcknowledgement(acceptedThrough: 0))
    }

    @Test func `a ledger that knows of no other ends of tickets is understood`() throws {
        let old = #"{"cursor":1,"issuer":"a","audience":"b","jwks":"{}","rooms":[],"revoked":[]}"#
        let snapshot = try JSONDecoder().decode(GatewaySnapshot.self, from: Data(old.utf8))
        #expect(snapshot.ends.isEmpty)
        #expect(isRefused(FeedEvent.self, #"{"sequence":1,"kind":"extended"}"#))
    }

    @Test func `the end of a ticket is what the ledger said last, by its token or since then`() {
        var cast = Cast()
        let (old, new) = (cast.start.advanced(bySeconds: 60), cast.start.advanced(bySeconds: 120))
        let end = TicketEnd(ticket: cast.ticket(), room: cast.room, endsAt: new, at: cast.start)
        #expect(end.end(signedAt: cast.start.advanced(bySeconds: -1), tokenEnd: old) == new)
        // Tokens speak in whole seconds: one of the same second may be older.
        #expect(end.end(signedAt: cast.start, tokenEnd: old) == new)
        #expect(end.end(signedAt: cast.start.advanced(bySeconds: 1), tokenEnd: old) == old)
    }

    @Test func `a room brief out of bounds is refused`() throws {
        let cast = Cast()
        let good = String(decoding: try JSONEncoder().encode(cast.brief()), as: UTF8.self)
        #expect(!isRefused(RoomBrief.self, good))
        for (from, to) in [
            (#""capacity":3"#, #""capacity":-1"#), (#""capacity":3"#, #""capacity":10000001"#),
            (#""capacity":3"#, #""capacity":1.5"#), (#""state":"open""#, #""state":"draft""#),
            ("A talk", String(repeating: "x", count: 1_001)), (cast.room.text, "room_1"),
            (cast.start.advanced(bySeconds: 3600).description, cast.start.description),
        ] {
            let bad = good.replacing(from, with: to)
            #expect(bad != good && isRefused(RoomBrief.self, bad), "\(from) → \(to)")
        }
    }

    @Test func `an event of an unknown kind, a page out of order and a batch with a gap are refused`() throws {
        #expect(isRefused(FeedEvent.self, #"{"sequence":1,"kind":"gossip"}"#))
        #expect(isRefused(FeedEvent.self, #"{"sequence":0,"kind":"keys","jwks":""}"#))
        #expect(isRefused(FeedEvent.self, #"{"sequence":1,"kind":"room","jwks":""}"#))
        #expect(!isRefused(FeedEvent.self, #"{"sequence":1,"kind":"keys","jwks":""}"#))
        let one = #"{"sequence":1,"kind":"keys","jwks":""}"#
        let two = #"{"sequence":2,"kind":"keys","jwks":""}"#
        #expect(!isRefused(FeedPage.self, #"{"events":[\#(one),\#(two)],"next":2}"#))
        #expect(isRefused(FeedPage.self, #"{"events":[\#(two),\#(one)],"next":1}"#))
        #expect(isRefused(FeedPage.self, #"{"events":[\#(one),\#(one)],"next":1}"#))
        #expect(isRefused(FeedPage.self, #"{"events":[\#(one)],"next":2}"#))
        #expect(isRefused(ReceiptAcknowledgement.self, #"{"acceptedThrough":-1}"#))

        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let receipts = (0..<3).map { _ in chain.append(.entered, of: cast.seat(), room: cast.room, at: cast.start) }
        func batch(_ receipts: [Receipt], _ gateway: GatewayID) throws -> String {
            String(
                decoding: try JSONEncoder().encode(ReceiptBatch(gateway: gateway, receipts: receipts)), as: UTF8.self)
        }
        #expect(!isRefused(ReceiptBatch.self, try batch(receipts, cast.gateway)))
        #expect(isRefused(ReceiptBatch.self, try batch([receipts[0], receipts[2]], cast.gateway)))
        #expect(isRefused(ReceiptBatch.self, try batch(receipts, Cast(seed: 2).gateway)))
    }

    @Test func `reason codes are short plain words, known to this version or not`() throws {
        for good in ["refunded", "a", "x_1", String(repeating: "a", count: 40)] {
            #expect(try JSONDecoder().decode([ReasonCode].self, from: Data("[\"\(good)\"]".utf8)).first?.text == good)
        }
        for bad in ["", "A", "a b", "a|b", "a\n", "é", String(repeating: "a", count: 41)] {
            #expect(ReasonCode(bad) == nil, "\(bad)")
        }
    }
}
