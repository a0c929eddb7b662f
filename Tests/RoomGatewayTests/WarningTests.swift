import AsyncHTTPClient
import Datagrams
import Foundation
import NIOCore
import NIOHTTP1
import RoomClient
import RoomGateway
import Stage
import Synchronization
import Testing
import Values

@Suite("Warnings before the end", .serialized, .timeLimit(.minutes(2)))
struct WarningTests {
    /// What one view was told, by the name of the event.
    private final class Told: Sendable {
        let events = Mutex<[(name: String, data: String)]>([])
        func of(_ name: String) -> [String] { events.withLock { $0.filter { $0.name == name }.map(\.data) } }
    }

    private func follow(_ ticket: TestHouse.Held, in house: TestHouse) -> (told: Told, task: Task<Void, any Error>) {
        let told = Told()
        let task = Task {
            var request = HTTPClientRequest(url: house.url("events"))
            request.headers.add(name: "Authorization", value: "Bearer \(ticket.token)")
            let response = try await house.http.execute(request, timeout: .seconds(100))
            var text = ""
            for try await chunk in response.body {
                text += String(buffer: chunk)
                while let end = text.range(of: "\n\n") {
                    let lines = text[..<end.lowerBound].split(separator: "\n")
                    let name = lines.first { $0.hasPrefix("event: ") }.map { String($0.dropFirst(7)) }
                    let data = lines.first { $0.hasPrefix("data: ") }.map { String($0.dropFirst(6)) }
                    if let name, let data { told.events.withLock { $0.append((name, data)) } }
                    text.removeSubrange(..<end.upperBound)
                }
            }
        }
        return (told, task)
    }

    private func hears(_ count: Int, _ told: Told) async throws {
        let isTold = try await holds { told.of("warning").count == count }
        #expect(isTold, "\(told.of("warning"))")
    }

    @Test("come to the person whose ticket ends, at their time, and move with an end that moves")
    func moved() async throws {
        try await TestHouse.open { house in
            let (ticket, other) = (house.ticket(.listener, seconds: 64), house.ticket(.listener))
            let (mine, theirs) = (follow(ticket, in: house), follow(other, in: house))
            // Four minutes are over already, so the first comes at once; the second four seconds later.
            try await hears(1, mine.told)
            #expect(mine.told.of("warning").first?.contains(#""secondsLeft":300"#) == true)
            try await hears(2, mine.told)
            #expect(mine.told.of("warning").last?.contains(#""secondsLeft":60"#) == true)
            // Bought more: what was said is void, and the minute's warning comes at its new time.
            let end = wallNow().advanced(bySeconds: 63)
            await house.ledger.say(
                .extended(TicketEnd(ticket: ticket.id, room: house.room.room, endsAt: end, at: wallNow())))
            try await hears(4, mine.told)
            let said = mine.told.of("warning").suffix(2)
            #expect(said.allSatisfy { $0.contains("\(end)") }, "\(said) \(end)")
            #expect(said.first?.contains(#""secondsLeft":300"#) == true)
            #expect(said.last?.contains(#""secondsLeft":60"#) == true)
            #expect(theirs.told.of("warning").isEmpty)
            mine.task.cancel()
            theirs.task.cancel()
        }
    }

    @Test("reach a listener at the terminal, who hears at the end why the sound is over")
    func terminal() async throws {
        try await TestHouse.open { house in
            let ticket = house.ticket(.listener, seconds: 8)
            let end = monotonicNanoseconds() + 8_000_000_000
            let publishing = house.publish(house.ticket(.host).token, packets(200))
            let told = Mutex<[RoomNotice]>([])
            let last = Mutex<UInt64>(0)
            let summary = try await WHEPListener(url: house.url("whep"), token: ticket.token, http: house.http)
                .listen(
                    rebuilds: 3, onNotice: { notice in told.withLock { $0.append(notice) } },
                    onPacket: { _, at in last.withLock { $0 = at } })
            #expect(summary.end == .endedByServer && summary.rebuilds == 0)
            // Nothing passes after the end of paid time, by less than a second of two clocks and a queue.
            #expect(last.withLock { $0 } < end + 1_000_000_000)
            #expect(monotonicNanoseconds() < end + 2_500_000_000)
            let notices = told.withLock { $0 }
            guard case .warning(let seconds, _)? = notices.first, case .ended(let code, _, _)? = notices.last else {
                Issue.record("\(notices)")
                return
            }
            #expect(seconds == 60 && code == "ticket_expired")
            publishing.cancel()
        }
    }
}
