public import AsyncHTTPClient
public import AudioRelay
public import MediaWire

/// Publishes Opus packets to a WHIP endpoint (RFC 9725) in real time, untouched.
public struct WHIPPublisher: Sendable {
    private let url: String
    private let exchange: SessionExchange

    /// - Parameters:
    ///   - url: the endpoint, for example `https://host/rooms/room_…/whip`.
    ///   - token: the bearer; `nil` for servers that want none.
    ///   - http: as ``AsyncHTTPClient/HTTPClient/forSessions()`` makes it; the caller shuts it down.
    ///   - proof: of the key to which the token is bound.
    public init(url: String, token: String?, http: HTTPClient, proof: RequestProof? = nil) {
        self.url = url
        exchange = SessionExchange(http: http, token: token, proof: proof)
    }

    /// Sends the packets, over and over if it `loops`, until they are sent, the server ends it or the task is
    /// cancelled.
    ///
    /// - Parameter onConnected: called once, when sound flows.
    /// - Throws: ``RefusedByServer``, ``SignallingFault``, ``MediaFault``.
    public func publish(
        _ packets: [OggOpusFile.Packet], loops: Bool = false, onConnected: @escaping @Sendable () -> Void = {}
    ) async throws -> PublishSummary {
        let connection = try await ClientConnection.open(.publish)
        let session = try await exchange.post(offer: connection.offer, to: url)
        connection.post(.play(Playlist(packets, loops: loops)))
        connection.post(.accept(answer: session.answer))
        var end = SessionEnd.finished
        var quality = ClientQuality()
        var wasConnected = false
        try await withTaskCancellationHandler {
            for await event in connection.events {
                switch event {
                case .connected:
                    wasConnected = true
                    onConnected()
                case .played: connection.post(.close)
                case .quality(let seen): quality = seen
                case .closed(let reason): end = SessionEnd(reason, isCancelled: Task.isCancelled)
                case .stalled(let fragment): exchange.renew(session, fragment, for: connection)
                case .unusable(let fault): throw MediaFault.unusableAnswer(fault.rawValue)
                case .heard: continue
                }
            }
        } onCancel: {
            connection.post(.close)
        }
        await exchange.leave(session)
        guard wasConnected else { throw MediaFault.notConnected(end.rawValue) }
        return PublishSummary(end: end, quality: quality)
    }
}

/// How a published voice ended.
public struct PublishSummary: Hashable, Sendable {
    public let end: SessionEnd
    /// As the transport saw it, with what the server reported of our packets.
    public let quality: ClientQuality
}

/// How a session ended, as a stable word.
public enum SessionEnd: String, Hashable, Sendable, Codable {
    /// Everything was sent, or the time asked for was over.
    case finished
    case cancelled
    case endedByServer = "ended_by_server"
    case unreachable
    case consentLost = "consent_lost"
    case handshakeFailed = "handshake_failed"

    init(_ reason: ClientClosing, isCancelled: Bool) {
        switch reason {
        case .closed: self = isCancelled ? .cancelled : .finished
        case .endedByServer: self = .endedByServer
        case .unreachable: self = .unreachable
        case .consentLost: self = .consentLost
        case .handshakeFailed: self = .handshakeFailed
        }
    }
}

/// Signalling went well and media did not.
public enum MediaFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// The answer's code.
    case unusableAnswer(String)
    /// The code of how it ended before sound could flow.
    case notConnected(String)

    public var description: String {
        switch self {
        case .unusableAnswer(let code): "The server's answer can't be used (\(code))."
        case .notConnected(let code): "No media connection came about (\(code))."
        }
    }
}

extension SessionExchange {
    /// Tells the server that we are gone; it may have forgotten us already, and nothing depends on it.
    func leave(_ session: Session) async {
        // A cancelled task could not send the DELETE any more.
        await Task.detached { try? await delete(session) }.value
    }
}
