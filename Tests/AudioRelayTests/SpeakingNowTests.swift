import Testing

@testable import AudioRelay

@Suite struct SpeakingNowTests {
    private func speaking(_ voices: (UInt32, Int32)...) -> SpeakingNow {
        var now = SpeakingNow()
        for (participant, score) in voices { now.insert(participant, score: score) }
        return now
    }

    @Test func `the loudest come first, and who came first stays first among equals`() {
        #expect(speaking().participants == [])
        #expect(speaking((1, 10), (2, 30), (3, 20)).participants == [2, 3, 1])
        #expect(speaking((1, 10), (2, 10), (3, 10)).participants == [1, 2, 3])
    }

    @Test func `the same people in another order are no news`() {
        #expect(speaking((1, 10), (2, 30)).isSame(as: speaking((1, 30), (2, 10))))
        #expect(!speaking((1, 10), (2, 30)).isSame(as: speaking((1, 10), (3, 30))))
        #expect(!speaking((1, 10)).isSame(as: speaking((1, 10), (2, 5))))
        #expect(!speaking((1, 10)).isSame(as: speaking()))
    }
}
