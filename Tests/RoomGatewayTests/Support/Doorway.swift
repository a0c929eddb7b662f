import AudioRelay
import Foundation
import MediaWire
import Stage
import Testing
import Values

@testable import RoomGateway

/// What tests of the door need beside requests: offers that nobody connects, lost connections, the seats as they are.
extension TestHouse {
    /// A complete offer, as our own client makes it. One text does for any number of entries: nobody connects.
    static func deadOffer(_ purpose: ClientPurpose = .listen(slots: 1)) throws -> String {
        var generator = SystemRandomNumberGenerator()
        return try ClientPeer(
            purpose, certificate: RelayCertificate(), candidates: [SocketAddress(ipv4: 0x7F00_0001, port: 9)],
            using: &generator
        ).offer
    }

    /// One way in: the answer's status, its code if refused, and what it gave.
    struct Entry: Sendable {
        let status: UInt
        let code: String?
        let admission: AdmissionID?
        let secret: String?
    }

    func enter(
        _ ticket: Held, _ offer: String, verb: String = "whep", secret: String? = nil, from address: String? = nil
    ) async throws -> Entry {
        var headers: [(String, String)] = []
        if let secret { headers.append(("Guichet-Resume", secret)) }
        if let address { headers.append(("X-Forwarded-For", address)) }
        let answer = try await send(
            "POST", verb, token: ticket.token, type: "application/sdp", body: offer, headers: headers)
        let name = answer.header("Location")?.split(separator: "/").last.map(String.init)
        return Entry(
            status: answer.status, code: answer.status == 201 ? nil : answer.code,
            admission: name.flatMap { AdmissionID($0) }, secret: answer.header("Guichet-Resume"))
    }

    func leave(_ entry: Entry, _ ticket: Held) async throws -> Answer {
        try await send("DELETE", "sessions/\(try #require(entry.admission))", token: ticket.token)
    }

    /// The relay says that a peer went silent, without the half minute that it takes to find out.
    func lose(_ entry: Entry) async throws {
        let id = try #require(entry.admission)
        let peer = try #require(await gateway.rooms.admissions[id]?.peer)
        await gateway.rooms.note(.closed(peer, .consentLost, MediaFlow()))
    }

    var seats: [Seat] {
        get async { await gateway.rooms.rooms[room.room]?.roster.seats ?? [] }
    }
}
