internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1

/// What a Guichet server tells a listener beside the sound.
public enum RoomNotice: Hashable, Sendable {
    /// So many seconds are left of the ticket; `endsAt` is RFC 3339.
    case warning(secondsLeft: Int, endsAt: String)
    /// The ticket ends at another time than it says.
    case end(at: String)
    /// The admission is over: the reason's code, and what it is in words.
    case ended(code: String, title: String, next: String)
}

/// Follows the room events of one admission (text/event-stream, WHATWG HTML section 9.2), for as long as its task lives.
struct RoomNotices: Sendable {
    /// An event of a room has a few thousand bytes; a line that is longer is no event.
    private static let maximumLineBytes = 256 * 1024

    let http: HTTPClient
    let token: String?
    var proof: RequestProof?

    /// - Parameter session: where the server says that the session is; not followed unless it is of the form that a
    ///   Guichet server has.
    func follow(_ session: URL, _ onNotice: @Sendable (RoomNotice) -> Void) async {
        guard let url = Self.events(of: session) else { return }
        while !Task.isCancelled {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "Accept", value: "text/event-stream")
            if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
            if let proof { request.headers.add(name: proofHeader, value: proof("GET", url)) }
            // A stream ends when the room does; a line that is dead ends with the connection that it is about.
            if let response = try? await http.execute(request, timeout: .hours(25)) {
                guard response.status == .ok else { return }
                // What has ended once has ended; asked again, the server would only say so again.
                if (try? await read(response.body, onNotice)) == true { return }
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    /// - Returns: whether the admission is over.
    private func read(_ body: HTTPClientResponse.Body, _ onNotice: (RoomNotice) -> Void) async throws -> Bool {
        var line: [UInt8] = []
        var name = ""
        var data = ""
        for try await chunk in body {
            for byte in chunk.readableBytesView {
                guard byte == UInt8(ascii: "\n") else {
                    line.append(byte)
                    guard line.count <= Self.maximumLineBytes else { return false }
                    continue
                }
                let text = String(decoding: line, as: UTF8.self)
                line.removeAll(keepingCapacity: true)
                if text.isEmpty {
                    let notice = Self.notice(name, data)
                    (name, data) = ("", "")
                    if let notice { onNotice(notice) }
                    if case .ended = notice { return true }
                } else if text.hasPrefix("event:") {
                    name = text.dropFirst(6).trimmingCharacters(in: .whitespaces)
                } else if text.hasPrefix("data:") {
                    data += text.dropFirst(5)
                }
            }
        }
        return false
    }

    static func notice(_ name: String, _ data: String) -> RoomNotice? {
        struct Members: Decodable {
            let secondsLeft: Int?
            let endsAt, code, title, next: String?
        }
        guard let members = try? JSONDecoder().decode(Members.self, from: Data(data.utf8)) else { return nil }
        switch name {
        case "warning":
            guard let seconds = members.secondsLeft, let end = members.endsAt else { return nil }
            return .warning(secondsLeft: seconds, endsAt: end)
        case "end": return members.endsAt.map { .end(at: $0) }
        case "ended":
            guard let code = members.code, let title = members.title else { return nil }
            return .ended(code: code, title: title, next: members.next ?? "")
        default: return nil
        }
    }

    /// `…/rooms/ROOM/events?admission=ADMISSION` for `…/rooms/ROOM/sessions/ADMISSION`.
    static func events(of session: URL) -> String? {
        let parts = session.path.split(separator: "/")
        guard parts.count >= 4, parts[parts.count - 4] == "rooms", parts[parts.count - 2] == "sessions",
            var address = URLComponents(url: session, resolvingAgainstBaseURL: true), let admission = parts.last
        else { return nil }
        address.path = "/" + parts.dropLast(2).joined(separator: "/") + "/events"
        address.queryItems = [URLQueryItem(name: "admission", value: String(admission))]
        return address.string
    }
}
