internal import AsyncHTTPClient

/// A client of a load thread, as signalling sees it.
struct LoadClient: Sendable {
    let thread: LoadThread
    let number: Int
    /// What a WHIP or WHEP client posts.
    let offer: String

    func accept(_ answer: String) async throws { try await thread.accept(answer, for: number) }
    func answer(_ offer: String) async throws -> String { try await thread.answer(offer, for: number) }
}

/// How clients come into the room: WHIP and WHEP, or Janus's videoroom.
protocol LoadSignalling: Sendable {
    /// Before anybody comes.
    func prepare() async throws
    /// Lets a voice in; returns when its client has the server's answer.
    func join(voice: Int, _ client: LoadClient) async throws
    func join(listener: Int, _ client: LoadClient) async throws
    /// After everybody has gone.
    func finish() async
}

/// WHIP for voices and WHEP for listeners, with a ticket each.
struct TicketSignalling: LoadSignalling {
    /// The room's address, for example `http://127.0.0.1:8080/rooms/room_…`.
    let room: String
    let voices, listeners: [String]
    let http: HTTPClient

    func prepare() {}

    func join(voice: Int, _ client: LoadClient) async throws {
        let exchange = SessionExchange(http: http, token: voices[voice])
        try await client.accept(try await exchange.post(offer: client.offer, to: room + "/whip").answer)
    }

    func join(listener: Int, _ client: LoadClient) async throws {
        let exchange = SessionExchange(http: http, token: listeners[listener])
        try await client.accept(try await exchange.post(offer: client.offer, to: room + "/whep").answer)
    }

    /// Goodbyes over DTLS end the admissions.
    func finish() {}
}
