import AsyncHTTPClient
import Foundation
import MediaWire
import RoomClient
import Values

/// After the story: a room that stays open with the talk playing over and over, and the links to it.
struct LiveRoom: Sendable {
    private static let seconds: Int64 = 6 * 3600

    let story: DemoStory
    let day: LocalDay

    func play() async throws {
        let people = story.people
        let host = try await people.addHost("Ana")
        let room = try await people.openRoom(
            "The ticket window, live", host: host, seconds: Self.seconds, capacity: 200, price: Money(500, .eur))
        let speaker: Views.Pass = try APIClient.decode(
            try await people.client(host.key).post("/v1/rooms/\(room.room)/passes", ["role": "speaker"]))
        let pass = try await people.hostPass(room.room, host: host)
        struct Link: Decodable {
            let url: String
        }
        let report: Link = try APIClient.decode(
            try await people.client(people.operatorKey).post("/v1/report-links", ["day": day.description]))
        let teller = StoryTeller()
        teller.title("Open these in a browser; Ctrl-C ends it")
        teller.note("the room, as a listener   \(people.address)/r/\(room.room)")
        teller.note("the room, as its host     \(people.address)/h/\(room.room)#pass=\(pass.token)")
        teller.note("the night's report        \(people.address)\(report.url)")
        teller.note("                          (this link lasts an hour; the files are in \(story.reports.path))")
        let http = HTTPClient.forSessions()
        let voice = people.whip(room.room, speaker.token, http)
        // Ends with the room, or when the server goes.
        _ = try? await voice.publish(story.talk.packets, loops: true)
        try? await http.shutdown()
    }
}
