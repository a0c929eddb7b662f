internal import AsyncHTTPClient
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A Janus gateway said no, or something else than expected.
public struct JanusFault: Error, Sendable, CustomStringConvertible {
    /// `janus_` and the step that failed.
    public let code: String
    let words: String

    init(code: String, description: String) {
        self.code = code
        words = description
    }

    public var description: String { "Janus did not do its part (\(code)): \(words)." }
}

/// The videoroom of a Janus gateway (janus.conf.meetecho.com/docs/videoroom) over its HTTP interface: voices publish,
/// and every listener subscribes to all of them in one connection, for which Janus makes the offer.
///
/// One session holds everybody's handles, and one long poll brings all events; each event names the transaction that
/// it answers.
final class JanusSignalling: LoadSignalling {
    private struct State {
        var room: UInt64 = 0
        var control: UInt64 = 0
        /// The publishers' ids in the room, by voice.
        var feeds: [Int: UInt64] = [:]
        var waiting: [String: CheckedContinuation<JanusAnswer, any Error>] = [:]
        var poll: Task<Void, Never>?
        var session: UInt64 = 0
    }

    private static let patience = TimeAmount.seconds(20)
    private static let answerLimit = 1 << 20

    private let base: String
    private let http: HTTPClient
    private let state = Mutex(State())

    /// - Parameter base: for example `http://127.0.0.1:8088/janus`.
    init(base: String, http: HTTPClient) {
        self.base = base.hasSuffix("/") ? String(base.dropLast()) : base
        self.http = http
    }

    // MARK: The room

    func prepare() async throws {
        let session = try await ask("create", at: base, JanusRequest(janus: "create")).number("create")
        state.withLock { $0.session = session }
        let room = UInt64.random(in: 1_000_000..<1_000_000_000)
        let control = try await attach()
        var body = JanusRequest.Body(request: "create")
        body.room = room
        body.publishers = 16
        body.audiocodec = "opus"
        _ = try await ask("room", at: "\(base)/\(session)/\(control)", JanusRequest(janus: "message", body: body))
        let poll = Task { await self.poll(session) }
        state.withLock { state in
            state.room = room
            state.control = control
            state.poll = poll
        }
    }

    func join(voice: Int, _ client: LoadClient) async throws {
        let handle = try await attach()
        var body = JanusRequest.Body(request: "joinandconfigure")
        body.ptype = "publisher"
        body.room = state.withLock(\.room)
        let event = try await tell(handle, body, JanusSession(type: "offer", sdp: client.offer))
        guard let answer = event.jsep?.sdp, let feed = event.plugindata?.data?.id else { throw event.fault("publish") }
        state.withLock { $0.feeds[voice] = feed }
        try await client.accept(answer)
    }

    func join(listener: Int, _ client: LoadClient) async throws {
        let handle = try await attach()
        var body = JanusRequest.Body(request: "join")
        body.ptype = "subscriber"
        (body.room, body.streams) = state.withLock { state in
            (state.room, state.feeds.sorted { $0.key < $1.key }.map { .init(feed: $0.value) })
        }
        let event = try await tell(handle, body, nil)
        guard let offer = event.jsep?.sdp else { throw event.fault("subscribe") }
        let answer = try await client.answer(offer)
        _ = try await tell(handle, .init(request: "start"), JanusSession(type: "answer", sdp: answer))
    }

    func finish() async {
        let (session, control, room, poll) = state.withLock { ($0.session, $0.control, $0.room, $0.poll) }
        var body = JanusRequest.Body(request: "destroy")
        body.room = room
        let request = JanusRequest(janus: "message", body: body)
        _ = try? await ask("destroy", at: "\(base)/\(session)/\(control)", request)
        _ = try? await ask("destroy", at: "\(base)/\(session)", JanusRequest(janus: "destroy"))
        poll?.cancel()
    }

    private func attach() async throws -> UInt64 {
        let session = state.withLock(\.session)
        return try await ask(
            "attach", at: "\(base)/\(session)", JanusRequest(janus: "attach", plugin: "janus.plugin.videoroom")
        ).number("attach")
    }

    // MARK: Asking and hearing

    /// Asks what is answered at once.
    private func ask(_ step: String, at url: String, _ body: JanusRequest) async throws -> JanusAnswer {
        let answer = try await send(url, body)
        guard answer.error == nil, answer.plugindata?.data?.error == nil else { throw answer.fault(step) }
        return answer
    }

    /// Tells a handle something; the answer comes as an event.
    private func tell(
        _ handle: UInt64, _ body: JanusRequest.Body, _ session: JanusSession?
    ) async throws -> JanusAnswer {
        let request = JanusRequest(janus: "message", body: body, jsep: session)
        let url = "\(base)/\(state.withLock(\.session))/\(handle)"
        let alarm = Task {
            try await Task.sleep(for: .seconds(20))
            self.resume(request.transaction, .failure(JanusFault(code: "janus_silent", description: "no event came")))
        }
        defer { alarm.cancel() }
        let event = try await withCheckedThrowingContinuation { continuation in
            state.withLock { $0.waiting[request.transaction] = continuation }
            Task {
                do { _ = try await self.ask(body.request, at: url, request) } catch {
                    self.resume(request.transaction, .failure(error))
                }
            }
        }
        guard event.plugindata?.data?.error == nil else { throw event.fault(body.request) }
        return event
    }

    private func resume(_ transaction: String, _ result: Result<JanusAnswer, any Error>) {
        state.withLock { $0.waiting.removeValue(forKey: transaction) }?.resume(with: result)
    }

    private func poll(_ session: UInt64) async {
        while !Task.isCancelled {
            let request = HTTPClientRequest(url: "\(base)/\(session)?maxev=20")
            guard let response = try? await http.execute(request, timeout: .seconds(40)), response.status == .ok,
                let body = try? await response.body.collect(upTo: 16 * Self.answerLimit)
            else {
                // The session has ended, or Janus has; whoever waits for an event is told by the alarm.
                try? await Task.sleep(for: .milliseconds(200))
                continue
            }
            let data = Data(body.readableBytesView)
            let events =
                (try? JSONDecoder().decode([JanusAnswer].self, from: data))
                ?? (try? JSONDecoder().decode(JanusAnswer.self, from: data)).map { [$0] } ?? []
            for event in events where event.janus == "event" {
                if let transaction = event.transaction { resume(transaction, .success(event)) }
            }
        }
    }

    private func send(_ url: String, _ body: JanusRequest) async throws -> JanusAnswer {
        var request = HTTPClientRequest(url: url)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/json")
        request.body = .bytes(ByteBuffer(bytes: try JSONEncoder().encode(body)))
        let response = try await http.execute(request, timeout: Self.patience)
        let answer = try await response.body.collect(upTo: Self.answerLimit)
        return try JSONDecoder().decode(JanusAnswer.self, from: Data(answer.readableBytesView))
    }
}

/// A description as Janus carries it.
private struct JanusSession: Codable, Sendable {
    let type: String
    let sdp: String
}

private struct JanusRequest: Encodable, Sendable {
    struct Body: Encodable, Sendable {
        struct Stream: Encodable, Sendable {
            let feed: UInt64
        }

        let request: String
        var ptype: String?
        var room: UInt64?
        var publishers: Int?
        var audiocodec: String?
        var streams: [Stream]?

        init(request: String) { self.request = request }
    }

    let janus: String
    let transaction = UUID().uuidString
    var plugin: String?
    var body: Body?
    var jsep: JanusSession?

    private enum CodingKeys: String, CodingKey { case janus, transaction, plugin, body, jsep }
}

private struct JanusAnswer: Decodable, Sendable {
    struct Number: Decodable, Sendable {
        let id: UInt64
    }

    struct Problem: Decodable, Sendable {
        let code: Int
        let reason: String
    }

    struct PluginAnswer: Decodable, Sendable {
        struct Content: Decodable, Sendable {
            let id: UInt64?
            let error: String?
        }

        let data: Content?
    }

    let janus: String
    let transaction: String?
    let data: Number?
    let error: Problem?
    let plugindata: PluginAnswer?
    let jsep: JanusSession?

    func number(_ step: String) throws -> UInt64 {
        guard let data else { throw fault(step) }
        return data.id
    }

    func fault(_ step: String) -> JanusFault {
        JanusFault(
            code: "janus_\(step)", description: error?.reason ?? plugindata?.data?.error ?? "an answer of another form")
    }
}
