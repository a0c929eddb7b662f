import Foundation
import Schemas
import Simulation
import Testing
import Values

@testable import Tickets

/// Our tickets in the hands of PyJWT and joserfc.
@Suite struct PeerTests {
    /// Runs Tests/Peers/verify_ticket.py with the Python that `GUICHET_PYTHON` names; its absence is a failure.
    private func runPeer(_ arguments: [String], input: Data) throws -> (status: Int32, output: [String: Any]) {
        let python = try #require(
            ProcessInfo.processInfo.environment["GUICHET_PYTHON"],
            "Set GUICHET_PYTHON to a Python that has PyJWT and joserfc; Scripts/test does so.")
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Peers/verify_ticket.py")
        let answer = try ChildCommand(python, ["-W", "ignore", script.path] + arguments).run(input: Array(input))
        let object = try JSONSerialization.jsonObject(with: Data(answer.output)) as? [String: Any]
        return (answer.status, object ?? [:])
    }

    private func question(_ sample: Sample, token: String) throws -> Data {
        let jwks = try JSONSerialization.jsonObject(with: Data(sample.verifier.keyRing.jwks.utf8))
        return try JSONSerialization.data(withJSONObject: [
            "token": token, "jwks": jwks, "issuer": sample.claims.issuer, "audience": sample.claims.audience,
            "at": sample.during.seconds,
        ])
    }

    @Test func `PyJWT and joserfc accept our ticket with our published keys and read the same claims`() throws {
        let sample = try Sample(role: .cohost, confirmationThumbprint: String(repeating: "A", count: 43))
        let (status, answers) = try runPeer([], input: try question(sample, token: sample.token))
        #expect(status == 0, "\(answers)")
        let ours = try #require(try JSONSerialization.jsonObject(with: Data(sample.claims.json)) as? NSDictionary)
        for library in ["pyjwt", "joserfc"] {
            let answer = try #require(answers[library] as? [String: Any], "\(library)")
            #expect(answer["claims"] as? NSDictionary == ours, "\(library)")
        }
    }

    @Test func `both refuse our ticket after one letter was changed`() throws {
        let sample = try Sample()
        let token = sample.token
        let index = token.index(token.startIndex, offsetBy: token.count - 20)
        let changed = token.replacingCharacters(in: index...index, with: token[index] == "A" ? "B" : "A")
        let (status, answers) = try runPeer([], input: try question(sample, token: changed))
        #expect(status == 1)
        #expect(answers["refused"] != nil)
    }

    @Test func `both agree with the published vectors`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("vectors-\(UUID().uuidString).json")
        try Data(TicketSchemas.vectors).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let (status, answers) = try runPeer(["vectors", file.path], input: Data())
        #expect(status == 0)
        #expect(answers["accepted"] as? Int == 14)
        #expect((answers["refused"] as? Int ?? 0) >= 40)
    }
}
