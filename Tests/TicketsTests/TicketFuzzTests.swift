import Foundation
import Simulation
import Testing
import Values

@testable import Tickets

@Suite struct TicketFuzzTests {
    private func isRefused(_ token: [UInt8], by sample: Sample) -> Bool {
        // Bytes that are no UTF-8 become U+FFFD, which is outside the alphabet.
        (try? sample.verifier.verify(String(decoding: token, as: UTF8.self), at: sample.during)) == nil
    }

    @Test func `every change of one bit is refused`() throws {
        let sample = try Sample()
        let token = Array(sample.token.utf8)
        for index in token.indices {
            for bit in 0..<8 {
                var changed = token
                changed[index] ^= 1 << bit
                #expect(isRefused(changed, by: sample), "byte \(index), bit \(bit)")
            }
        }
    }

    @Test(arguments: [UInt64(11)])
    func `a byte that is changed, left out, doubled or cut off is refused`(seed: UInt64) throws {
        let sample = try Sample(seed: seed)
        let token = Array(sample.token.utf8)
        var generator = SeededGenerator(seed: seed)
        for index in token.indices {
            var changed = token
            changed[index] &+= UInt8.random(in: 1...255, using: &generator)
            #expect(isRefused(changed, by: sample), "seed \(seed), changed at \(index)")
            var shorter = token
            let removed = shorter.remove(at: index)
            #expect(isRefused(shorter, by: sample), "seed \(seed), left out at \(index)")
            var longer = token
            longer.insert(removed, at: index)
            #expect(isRefused(longer, by: sample), "seed \(seed), doubled at \(index)")
            #expect(isRefused(Array(token[..<index]), by: sample), "seed \(seed), cut off at \(index)")
        }
    }

    @Test func `random bytes and random parts never get in`() throws {
        let sample = try Sample()
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            let count = Int.random(in: 0...300, using: &generator)
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(isRefused(bytes, by: sample))
            let parts = bytes.split(separator: 0x2E, maxSplits: 2).map { Base64URL.encode($0) }
            #expect(isRefused(Array(parts.joined(separator: ".").utf8), by: sample))
        }
    }

    @Test func `a signed but broken payload is a refusal, never more`() throws {
        let sample = try Sample()
        let json = sample.claims.json
        var generator = SeededGenerator(seed: 4)
        var accepted = 0
        for _ in 0..<500 {
            var changed = json
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let index = Int.random(in: 0..<changed.count, using: &generator)
                changed[index] = UInt8.random(in: 0...255, using: &generator)
            }
            let signed = sample.key.verifyingKey.encodedHeader + [0x2E] + Array(Base64URL.encode(changed).utf8)
            let token = signed + [0x2E] + Array(Base64URL.encode(sample.key.sign(signed)).utf8)
            guard let claims = try? sample.verifier.authenticate(String(decoding: token, as: UTF8.self)) else {
                continue
            }
            // What is accepted can be written and read again.
            accepted += 1
            #expect(try sample.verifier.authenticate(sample.signer.sign(claims)) == claims)
        }
        #expect(accepted > 0)
    }

    @Test func `one verifier serves many tasks at a time`() async throws {
        let sample = try Sample()
        let token = sample.token
        let (verifier, at, ticket) = (sample.verifier, sample.during, sample.claims.ticket)
        let forged = String(token.dropLast(86)) + String(repeating: "A", count: 86)
        let good = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<50).count { index in
                        let claims = try? verifier.verify(index % 2 == 0 ? token : forged, at: at)
                        return claims?.ticket == ticket
                    }
                }
            }
            return await group.reduce(0, +)
        }
        #expect(good == 8 * 25)
    }
}
