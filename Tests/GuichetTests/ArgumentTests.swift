import Testing
import Values

@testable import guichet

@Suite struct ArgumentTests {
    private let now = Instant(seconds: 1_790_000_000)

    @Test(arguments: [("now", 0), ("+10s", 10), ("+30m", 1_800), ("+2h", 7_200), ("+1d", 86_400)])
    func `distances from now are read`(text: String, seconds: Int64) throws {
        #expect(try WallTime.read(text, now) == now.advanced(bySeconds: seconds))
    }

    @Test func `a time with an offset is the same moment in UTC`() throws {
        #expect(try WallTime.read("2026-12-01T20:00:00+01:00", now).description == "2026-12-01T19:00:00Z")
    }

    @Test(arguments: ["", "tomorrow", "+", "+5", "+-5m", "5m", "+99999999999s", "2026-12-01"])
    func `what is no time is refused as usage`(text: String) {
        #expect {
            _ = try WallTime.read(text, now)
        } throws: { ($0 as? CommandFailure)?.exitCode == .usage }
    }

    @Test(arguments: ["5", "5,00 EUR", "5.001 EUR", "EUR 5", "5.00 XYZ"])
    func `what is no amount is refused as usage`(text: String) {
        #expect {
            _ = try MoneyArgument.read(text)
        } throws: { ($0 as? CommandFailure)?.exitCode == .usage }
    }

    @Test func `a forged ticket differs in its signature alone`() {
        let token = "aaa.bbb." + String(repeating: "A", count: 86)
        let forged = ForgedTicket.flippingSignature(of: token)
        #expect(forged != token && forged.count == token.count)
        #expect(forged.hasPrefix("aaa.bbb."))
    }

    @Test func `the room is read from a ticket's payload, and only from a ticket`() {
        // {"room":"room_01h455vb4pex5vsknk084sn02q"}
        let payload = "eyJyb29tIjoicm9vbV8wMWg0NTV2YjRwZXg1dnNrbmswODRzbjAycSJ9"
        #expect(TicketText.room(of: "h.\(payload).s") == "room_01h455vb4pex5vsknk084sn02q")
        for text in ["", "a.b", "a.b.c", "h.e30.s"] { #expect(TicketText.room(of: text) == nil) }
    }
}

@Suite struct HeardAgainstSentTests {
    private let sent: [[UInt8]] = (0..<100).map { [UInt8($0), 7] }

    @Test func `all of it heard is all identical`() {
        let match = HeardAgainstSent(heard: sent, sent: sent)
        #expect((match.identical, match.missing, match.foreign) == (100, 0, 0))
    }

    @Test func `coming late and leaving early is no loss`() {
        let match = HeardAgainstSent(heard: Array(sent[20..<60]), sent: sent)
        #expect((match.identical, match.missing, match.foreign) == (40, 0, 0))
    }

    @Test func `a hole is counted and a frame that was never sent is named`() {
        var heard = Array(sent[0..<50] + sent[53..<100])
        heard.insert([99, 99, 99], at: 10)
        let match = HeardAgainstSent(heard: heard, sent: sent)
        #expect((match.identical, match.missing, match.foreign) == (97, 3, 1))
    }

    @Test func `one changed byte is found`() {
        var heard = sent
        heard[30][1] = 8
        let match = HeardAgainstSent(heard: heard, sent: sent)
        #expect((match.identical, match.missing, match.foreign) == (99, 1, 1))
    }
}
