import Foundation
import Fuzzing
import HTTPEdge
import MediaWire
import Simulation
import Stage
import Testing

/// The bodies of `Scripts/fuzz` without libFuzzer: over the committed corpora, and over mutations of them.
@Suite struct CorpusTests {
    /// The inputs of a body, each with its file's name, in the order of the names.
    static func corpus(_ body: FuzzBody) throws -> [(name: String, bytes: [UInt8])] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Fuzzing/Corpora/\(body.rawValue)")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            (name, Array(try Data(contentsOf: folder.appending(path: name))))
        }
    }

    /// Hands the input over in memory of exactly its size, where the address sanitizer sees one byte too far.
    private func violation(_ body: FuzzBody, _ input: [UInt8]) -> String? {
        let exact = UnsafeMutableRawBufferPointer.allocate(byteCount: input.count, alignment: 1)
        defer { exact.deallocate() }
        exact.copyBytes(from: input)
        do throws(Violation) {
            try body.check(UnsafeRawBufferPointer(exact))
            return nil
        } catch { return error.description }
    }

    /// Two bodies sign and verify, which costs a hundred times what reading does; one connects four people.
    private static func rounds(of body: FuzzBody) -> Int {
        switch body {
        case .jws, .proof: 300
        case .relay: 100
        case .stun, .rtp, .rtcp, .sdp, .json, .opus, .ogg, .frames: 2_000
        }
    }

    @Test(arguments: FuzzBody.allCases)
    func `every committed input holds, and is small`(body: FuzzBody) throws {
        let corpus = try Self.corpus(body)
        #expect(corpus.count >= 9)
        for (name, bytes) in corpus {
            #expect(bytes.count <= 1_024, "\(name)")
            #expect(violation(body, bytes) == nil, "\(name)")
        }
    }

    @Test(arguments: FuzzBody.allCases, [UInt64(1), 2])
    func `mutations of the corpus hold`(body: FuzzBody, seed: UInt64) throws {
        let corpus = try Self.corpus(body)
        var generator = SeededGenerator(seed: seed)
        for round in 0..<Self.rounds(of: body) {
            let (name, bytes) = corpus[round % corpus.count]
            var input = mutation(of: bytes, using: &generator)
            // Two inputs glued together meet what one alone does not: a second packet, a second page, a second part.
            if round % 7 == 0 { input += corpus[Int.random(in: corpus.indices, using: &generator)].bytes }
            input = Array(input.prefix(body.maximumBytes))
            let found = violation(body, input)
            #expect(found == nil, "seed \(seed), round \(round), from \(name): \(input)")
            if found != nil { return }
        }
    }

    @Test func `the seeds reach what lies behind the first checks`() throws {
        // A corpus of refusals alone would find nothing.
        let batches = try Self.corpus(.json).filter {
            (try? RequestBody.decode(ReceiptBatch.self, from: $0.bytes)) != nil
        }
        let pages = try Self.corpus(.json).filter { (try? RequestBody.decode(FeedPage.self, from: $0.bytes)) != nil }
        #expect(batches.count >= 5 && pages.count >= 3)
        let files = try Self.corpus(.ogg).filter { (try? OggOpusFile($0.bytes)) != nil }
        #expect(files.count >= 6)
        let offers = try Self.corpus(.sdp).filter {
            (try? SessionDescription(parsing: String(decoding: $0.bytes, as: UTF8.self))) != nil
        }
        #expect(offers.count >= 9)
    }
}
