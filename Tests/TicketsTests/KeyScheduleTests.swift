import Foundation
import Simulation
import Testing
import Tickets
import Values

@Suite struct KeyScheduleTests {
    private let start = Instant(seconds: 1_772_000_000)
    private let keys: [VerifyingKey] = (1...4).compactMap {
        SigningKey(seed: [UInt8](repeating: UInt8($0), count: 32))?.verifyingKey
    }

    private func at(_ seconds: Int64) -> Instant { start.advanced(bySeconds: seconds) }

    /// The first key from the beginning on, the second from 100 s, announced at 40 s.
    private func two() throws -> KeySchedule {
        let first = KeySchedule([.init(key: keys[0], announcedAt: start, signsFrom: start)])
        return KeySchedule(first.entries + [try first.rotation(to: keys[1], signsInSeconds: 60, at: at(40))])
    }

    @Test func `a key is published before it signs, and signs what is issued from its moment on`() throws {
        let ring = try two()
        #expect(ring.published.keys == Array(keys[0..<2]))
        #expect(ring.signer(issuedAt: at(99)) == keys[0])
        #expect(ring.signer(issuedAt: at(100)) == keys[1])
        // Before any key's moment the first one signs: a clock that went back must not stop sales.
        #expect(ring.signer(issuedAt: at(-5)) == keys[0])
        #expect(ring.entries.map { ring.state(of: $0, at: at(50)) } == [.signing, .announced])
        #expect(ring.entries.map { ring.state(of: $0, at: at(100)) } == [.verifying, .signing])
    }

    @Test func `one key at a time is on its way, within a day, and never more than a set holds`() throws {
        let ring = try two()
        #expect(throws: KeyRotationRefusal.pending(from: at(100))) {
            try ring.rotation(to: keys[2], signsInSeconds: 0, at: at(99))
        }
        #expect(throws: KeyRotationRefusal.lead) { try ring.rotation(to: keys[2], signsInSeconds: -1, at: at(200)) }
        #expect(throws: KeyRotationRefusal.lead) {
            try ring.rotation(to: keys[2], signsInSeconds: 86_401, at: at(200))
        }
        // The clock went back behind the last key's moment: the next one still comes after it.
        #expect(try ring.rotation(to: keys[2], signsInSeconds: 0, at: at(100)).signsFrom > at(100))
        let full = KeySchedule(
            (0..<32).map { KeySchedule.Entry(key: keys[0], announcedAt: start, signsFrom: at(Int64($0))) })
        #expect(throws: KeyRotationRefusal.limit) { try full.rotation(to: keys[1], signsInSeconds: 0, at: at(99)) }
    }

    @Test func `a key leaves when its tickets have ended, or at once if it was stolen`() throws {
        let ring = try two()
        func check(_ id: String, _ lastEnd: Instant?, stolen: Bool = false, at now: Instant) throws -> Bool {
            try ring.checkRetirement(of: id, lastEnd: lastEnd, compromised: stolen, at: now)
        }
        #expect(throws: KeyRotationRefusal.unknown) { try check("x", nil, at: at(0)) }
        #expect(throws: KeyRotationRefusal.signs) { try check(keys[0].id, nil, stolen: true, at: at(99)) }
        #expect(throws: KeyRotationRefusal.inUse(until: at(500))) { try check(keys[0].id, at(500), at: at(499)) }
        #expect(try check(keys[0].id, at(500), at: at(500)))
        #expect(try check(keys[0].id, nil, at: at(100)))
        #expect(try check(keys[0].id, at(500), stolen: true, at: at(100)))
        // Announced and never used: it may be taken back.
        #expect(try check(keys[1].id, nil, at: at(50)))
    }

    @Test func `tickets of a stolen key are signed with the next one that is left`() throws {
        let ring = try two()
        let left = KeySchedule([
            .init(
                key: keys[0], announcedAt: start, signsFrom: start,
                retired: .init(at: at(150), reason: "compromised")), ring.entries[1],
        ])
        #expect(left.signer(issuedAt: at(10)) == keys[1])
        #expect(left.published.keys == [keys[1]])
        #expect(
            try left.checkRetirement(of: keys[0].id, lastEnd: nil, compromised: false, at: at(200)) == false)
    }

    @Test func `a private key that others can read is refused, wherever in the folder it lies`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "ring-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let folder = KeyFolder(path)
        let first = try folder.first()
        let second = SigningKey.generate()
        try folder.save(second)
        #expect(try folder.load(first.verifyingKey).id == first.id)
        #expect(try folder.load(second.verifyingKey).id == second.id)
        let file = "\(path)/ticket-keys/\(second.id).pem"
        #expect(try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int == 0o600)
        #expect(throws: KeyRefusal.fileNotWritten(path: file)) { try folder.save(second) }
        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file)
        #expect(throws: KeyRefusal.fileExposed(path: file, mode: "640")) { try folder.load(second.verifyingKey) }
        // Another key under this name, or none at all.
        try FileManager.default.removeItem(atPath: file)
        #expect(throws: KeyRefusal.fileUnreadable(path: file)) { try folder.load(second.verifyingKey) }
    }

    @Test func `a signed statement opens with its key, as its kind, unchanged, and no other way`() throws {
        let key = try #require(SigningKey(seed: [UInt8](repeating: 9, count: 32)))
        let ring = KeyRing([key.verifyingKey])
        let payload = Array(#"{"a":1}"#.utf8)
        let text = key.sign(payload: payload, type: "x")
        #expect(SignedStatement.open(text, type: "x", with: ring) == payload)
        #expect(SignedStatement.open(text, type: "ticket+jwt", with: ring) == nil)
        #expect(SignedStatement.open(text, type: "x", with: KeyRing()) == nil)
        #expect(SignedStatement.open(text + ".", type: "x", with: ring) == nil)
        #expect(SignedStatement.open(text, type: "x", with: ring, limit: text.utf8.count - 1) == nil)
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<200 {
            var characters = Array(text)
            let place = Int.random(in: 0..<characters.count, using: &generator)
            characters[place] = characters[place] == "A" ? "B" : "A"
            #expect(SignedStatement.open(String(characters), type: "x", with: ring) == nil, "seed 11, place \(place)")
        }
    }
}
