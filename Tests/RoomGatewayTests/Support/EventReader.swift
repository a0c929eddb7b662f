import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// One event as it came over the line.
struct ReadEvent: Sendable {
    let id: String
    let name: String
    let data: String

    func member(_ name: String) -> Any? {
        (try? JSONSerialization.jsonObject(with: Data(data.utf8)) as? [String: Any])?[name]
    }
}

/// Reads a live view in a task of its own, as a browser does, until it is broken off.
final class EventReader: Sendable {
    private let read = Mutex<[ReadEvent]>([])
    private let isOver = Mutex(false)
    private let task = Mutex<Task<Void, Never>?>(nil)

    var events: [ReadEvent] { read.withLock { $0 } }
    /// What a reader says when it comes back.
    var last: String { events.last { !$0.id.isEmpty }?.id ?? "" }
    var hasEnded: Bool { isOver.withLock { $0 } }

    init(_ house: TestHouse, token: String, after seen: String? = nil, query: String = "") {
        let started = Task { [self] in
            defer { isOver.withLock { $0 = true } }
            var request = HTTPClientRequest(url: house.url("events") + query)
            request.headers.add(name: "Authorization", value: "Bearer \(token)")
            if let seen { request.headers.add(name: "Last-Event-ID", value: seen) }
            guard let response = try? await house.http.execute(request, timeout: .seconds(60)) else { return }
            var rest = ""
            do {
                for try await piece in response.body {
                    rest += String(buffer: piece)
                    while let end = rest.range(of: "\n\n") {
                        take(String(rest[..<end.lowerBound]))
                        rest = String(rest[end.upperBound...])
                    }
                }
            } catch {}
        }
        task.withLock { $0 = started }
    }

    private func take(_ text: String) {
        var fields: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            fields[String(line[..<colon])] = line[line.index(after: colon)...].drop { $0 == " " }.description
        }
        guard let name = fields["event"] else { return }
        let event = ReadEvent(id: fields["id"] ?? "", name: name, data: fields["data"] ?? "")
        read.withLock { $0.append(event) }
    }

    /// Breaks the line off.
    func cut() { task.withLock { $0 }?.cancel() }

    /// Waits for an event that fits, ten seconds at most.
    func event(_ name: String, where fits: (ReadEvent) -> Bool = { _ in true }) async throws -> ReadEvent? {
        for _ in 0..<1_000 {
            if let found = events.first(where: { $0.name == name && fits($0) }) { return found }
            try await Task.sleep(for: .milliseconds(10))
        }
        return nil
    }
}

extension TestHouse {
    /// A command on the stage.
    func stage(_ name: String, _ token: String, _ body: String = "{}") async throws -> Answer {
        try await send("POST", name, token: token, type: "application/json", body: body)
    }

    /// The people on the stage's view, as its host sees them.
    func people(_ host: Held) async throws -> [[String: Any]] {
        try await send("GET", "stage", token: host.token).member("participants") as? [[String: Any]] ?? []
    }

    /// The admission of the first person who fits, as the stage's view tells it.
    func admission(_ host: Held, where fits: ([String: Any]) -> Bool) async throws -> String? {
        try await people(host).first(where: fits)?["admission"] as? String
    }
}
