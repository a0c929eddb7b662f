import Foundation
import HTTPTypes
import Testing

@testable import LedgerService
@testable import Values

@Suite struct TicketCopyTests {
    @Test func `the holder gets a QR code, others who may see the ticket do not`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let wallet = try await api.wallet()
            let ticket = try await api.buy(room, key: wallet.key).text("ticket")
            let path = "/v1/tickets/\(ticket)/qr.svg"
            let answer = try await api.get(path, key: wallet.key)
            #expect(answer.status == 200)
            #expect(answer.headers[.contentType] == "image/svg+xml")
            #expect(String(decoding: answer.bytes, as: UTF8.self).hasPrefix("<svg "))
            #expect(try await api.get(path, key: host.key).code == "key_scope")
            #expect(try await api.get(path, key: try await api.wallet(0).key).code == "ticket_unknown")
            #expect(try await api.get(path).code == "key_missing")
        }
    }

    @Test func `a calendar entry keeps its name, says the times in UTC and never holds the ticket`() async throws {
        let house = try await House()
        try await house.api { api in
            let host = try await api.host()
            let room = try await api.room(host.key)
            let wallet = try await api.wallet()
            let sold = try await api.buy(room, key: wallet.key)
            let path = "/v1/tickets/\(sold.text("ticket"))/calendar.ics"
            let answer = try await api.get(path, key: wallet.key)
            #expect(answer.headers[.contentType] == "text/calendar; charset=utf-8")
            let text = String(decoding: answer.bytes, as: UTF8.self)
            for line in [
                "UID:\(sold.text("ticket"))@guichet", "DTSTART:20260302T190000Z", "DTEND:20260302T200000Z",
                "DTSTAMP:20260302T120000Z", "SUMMARY:Soirée", "STATUS:CONFIRMED",
            ] {
                #expect(text.contains("\r\n\(line)\r\n"), "\(line)")
            }
            #expect(!text.contains(sold.text("token")))
            _ = try await api.post("/v1/tickets/\(sold.text("ticket"))/refund", key: wallet.key, once: "r")
            let over = String(decoding: try await api.get(path, key: wallet.key).bytes, as: UTF8.self)
            #expect(over.contains("\r\nSTATUS:CANCELLED\r\n"))
        }
    }

    @Test func `long and hostile texts are escaped, and folded between characters`() throws {
        let start = Instant(seconds: 1_772_000_000)
        let title = String(repeating: "é", count: 60) + "; a, b\\c\r\nEND:VCALENDAR"
        let text = CalendarFile(
            uid: "x", stamp: start, start: start, end: start, summary: title, description: "", url: "https://a.test",
            isCancelled: false
        ).text
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.last == "")
        #expect(lines.allSatisfy { $0.utf8.count <= 75 && !$0.contains("\n") && !$0.contains("\r") })
        #expect(lines.count { $0 == "END:VCALENDAR" } == 1)
        let unfolded = text.replacingOccurrences(of: "\r\n ", with: "")
        #expect(
            unfolded.contains(
                "SUMMARY:\(String(repeating: "é", count: 60))\\; a\\, b\\\\c\\nEND:VCALENDAR\r\n"))
    }
}
