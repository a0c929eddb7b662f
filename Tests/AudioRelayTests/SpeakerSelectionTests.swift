import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Who is heard")
struct SpeakerSelectionTests {
    /// Lets people speak for some packets of 20 ms; the level of `nil` is somebody who sends nothing.
    private func speak(
        _ hall: Hall, _ speakers: [Guest], packets: Range<Int>, level: (Int, Int) -> UInt8?
    ) {
        for number in packets {
            for (who, speaker) in speakers.enumerated() {
                if let level = level(who, number) {
                    hall.say(voice(UInt8(speaker.participant), number), speaker, level: level)
                }
            }
            hall.run(milliseconds: 20)
        }
    }

    private func voices(_ guest: Guest, since: Int = 0) -> [UInt8: Int] {
        guest.heard[since...].reduce(into: [:]) { $0[$1.payload[1], default: 0] += 1 }
    }

    @Test("Two people share a single slot one after the other, and the numbers run on")
    func handOver() throws {
        let hall = try Hall()
        let speakers = try [1, 2].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        speak(hall, speakers, packets: 0..<100) { who, number in who == 0 ? speechLevel(number, base: 25) : 127 }
        hall.run(milliseconds: 1_000)
        let before = listener.heard.count
        speak(hall, speakers, packets: 100..<200) { who, number in who == 1 ? speechLevel(number, base: 25) : nil }
        #expect(voices(listener)[1] == 100)
        // The first syllable is there: the slot was silent, so it changed hands at once.
        #expect(voices(listener, since: before) == [2: 100])
        #expect(listener.heard[before].payload == voice(2, 100))
        let first = try #require(listener.heard.first)
        #expect(listener.heard.map(\.index) == (0..<200).map { first.index + UInt64($0) })
        #expect(Set(listener.heard.map(\.contributors)) == [[1], [2]])
        // Time stamps never go back, and the pause of a second is in them.
        let steps = zip(listener.heard, listener.heard.dropFirst()).map {
            Int32(bitPattern: $1.timestamp &- $0.timestamp)
        }
        #expect(steps.allSatisfy { $0 >= 960 })
        #expect(steps.filter { $0 > 960 }.count == 1)
        #expect((48_000...50_000).contains(steps.max() ?? 0))
    }

    @Test("Two people who speak at once do not flap in one slot; the clearly louder one gets it")
    func hysteresis() throws {
        let hall = try Hall()
        let speakers = try [1, 2].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        speak(hall, speakers, packets: 0..<250) { who, number in speechLevel(number + 3 * who, base: 30) }
        #expect(voices(listener) == [1: 250])
        speak(hall, speakers, packets: 250..<500) { who, number in speechLevel(number, base: who == 0 ? 45 : 27) }
        let owners = listener.heard.map { $0.payload[1] }
        #expect(zip(owners, owners.dropFirst()).filter { $0 != $1 }.count == 1)
        #expect(owners.last == 2)
    }

    @Test("Four people, three slots: three are heard, a newcomer takes a silent slot within one packet")
    func threeSlots() throws {
        let hall = try Hall()
        let speakers = try [1, 2, 3, 4].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 3), participant: 9)
        hall.connectAll()
        speak(hall, speakers, packets: 0..<100) { who, number in who < 3 ? speechLevel(number, base: 30) : 127 }
        #expect(voices(listener) == [1: 100, 2: 100, 3: 100])
        #expect(Set(listener.heard.map(\.slot)) == [0, 1, 2])
        speak(hall, speakers, packets: 100..<150) { who, number in who < 2 ? speechLevel(number, base: 30) : nil }
        let before = listener.heard.count
        speak(hall, speakers, packets: 150..<151) { who, number in who == 3 ? 30 : nil }
        #expect(listener.heard[before...].map(\.payload) == [voice(4, 150)])
        #expect(
            hall.events.contains(.speaking(RoomKey(1), participants: [1, 2, 3]))
                || hall.events.contains { event in
                    if case .speaking(_, let who) = event { Set(who) == [1, 2, 3] } else { false }
                })
    }

    @Test("Who comes and goes while people speak makes nobody be told to have stopped")
    func comingAndGoing() throws {
        let hall = try Hall()
        let speakers = try [1, 2].map { try hall.admit(.publish, participant: $0) }
        hall.connectAll()
        speak(hall, speakers, packets: 0..<100) { who, number in speechLevel(number, base: 25) }
        let told = hall.events.filter { if case .speaking = $0 { true } else { false } }
        #expect(told.last.map { if case .speaking(_, let who) = $0 { Set(who) == [1, 2] } else { false } } == true)
        // The first listener with three slots has a class of their own, which has chosen nobody yet.
        let listener = try hall.admit(.listen(slots: 3), participant: 9)
        speak(hall, speakers, packets: 100..<200) { who, number in speechLevel(number, base: 25) }
        #expect(voices(listener).count == 2 && voices(listener).values.allSatisfy { $0 > 50 })
        hall.relay.perform(.removePeer(listener.id, code: "removed"), at: hall.now, into: &hall.outbox)
        speak(hall, speakers, packets: 200..<300) { who, number in speechLevel(number, base: 25) }
        #expect(hall.events.filter { if case .speaking = $0 { true } else { false } } == told)
    }

    @Test("Who claims full scale all the time gets no slot from three who speak")
    func liar() throws {
        let hall = try Hall()
        let speakers = try [1, 2, 3, 4].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 3), participant: 9)
        hall.connectAll()
        speak(hall, speakers, packets: 0..<300) { who, number in
            who < 3 ? speechLevel(number + who, base: 25) : (number < 50 ? nil : 0)
        }
        #expect(voices(listener) == [1: 300, 2: 300, 3: 300])
    }

    @Test("A liar who was first gives way to people who speak")
    func liarFirst() throws {
        let hall = try Hall()
        let speakers = try [1, 2].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        speak(hall, speakers, packets: 0..<100) { who, _ in who == 0 ? 0 : nil }
        #expect(voices(listener) == [1: 100])
        speak(hall, speakers, packets: 100..<200) { who, number in who == 0 ? 0 : speechLevel(number, base: 25) }
        #expect(voices(listener, since: 100)[2] ?? 0 >= 95)
    }

    @Test("The host is heard at once and keeps the slot while speaking, however loud others are")
    func host() throws {
        let hall = try Hall()
        let host = try hall.admit(.publish, participant: 1, isHost: true)
        let others = try [2, 3, 4, 5].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 3), participant: 9)
        hall.connectAll()
        speak(hall, [host] + others, packets: 0..<100) { who, number in who == 0 ? nil : speechLevel(number, base: 20) }
        let before = listener.heard.count
        speak(hall, [host] + others, packets: 100..<300) { who, number in speechLevel(number, base: who == 0 ? 40 : 20)
        }
        #expect(voices(listener, since: before)[1] == 200)
    }

    @Test("Nobody hears themself, and for them the numbers of the slot run on without a hole")
    func noEcho() throws {
        let hall = try Hall()
        let speakers = try [1, 2].map { try hall.admit(.publish, participant: $0) }
        let ears = try [1, 2, 3].map { try hall.admit(.listen(slots: 1), participant: $0) }
        hall.connectAll()
        for turn in 0..<6 {
            speak(hall, speakers, packets: turn * 30..<turn * 30 + 30) { who, number in
                who == turn % 2 ? speechLevel(number, base: 25) : nil
            }
            hall.run(milliseconds: 1_000)
        }
        #expect(voices(ears[0]) == [2: 90])
        #expect(voices(ears[1]) == [1: 90])
        #expect(voices(ears[2]) == [1: 90, 2: 90])
        for ear in ears {
            let first = try #require(ear.heard.first)
            #expect(first.index < 0x8000)
            #expect(ear.heard.map(\.index) == (0..<ear.heard.count).map { first.index + UInt64($0) })
        }
    }

    @Test("Without levels everybody counts the same, and silence frames are no voice")
    func noLevels() throws {
        let hall = try Hall()
        let speakers = try [1, 2].map { try hall.admit(.publish, participant: $0) }
        let listener = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        for number in 0..<100 {
            hall.say(number < 50 ? voice(1, number) : [0x78, 0], speakers[0])
            hall.say(number < 60 ? [0x78, 0] : voice(2, number), speakers[1])
            hall.run(milliseconds: 20)
        }
        #expect(listener.heard.contains { $0.payload == voice(1, 0) })
        #expect(listener.payloads.last == voice(2, 99))
        #expect(hall.events.contains(.speaking(RoomKey(1), participants: [1])))
    }

    @Test("Thirteen publishers and eight listeners: every packet that is heard is one that was said, once")
    func thirteen() throws {
        let hall = try Hall(.init(delayMilliseconds: 1...8), seed: 13)
        let speakers = try (1...13).map { try hall.admit(.publish, participant: $0, isHost: $0 == 1) }
        let listeners = try (0..<8).map { try hall.admit(.listen(slots: $0 % 3 + 1), participant: 100 + UInt32($0)) }
        hall.connectAll(milliseconds: 3_000)
        var generator = SeededGenerator(seed: 13)
        var base = (0..<13).map { _ in UInt8.random(in: 20...90, using: &generator) }
        for number in 0..<400 {
            if number % 40 == 0 {
                base[Int.random(in: 0..<13, using: &generator)] = UInt8.random(in: 20...90, using: &generator)
            }
            for (who, speaker) in speakers.enumerated() {
                hall.say(voice(UInt8(who + 1), number), speaker, level: speechLevel(number + who, base: base[who]))
            }
            hall.run(milliseconds: 20)
        }
        for (number, listener) in listeners.enumerated() {
            #expect(listener.heard.count >= 300)
            #expect(Set(listener.payloads).count == listener.payloads.count)
            for slot in 0...number % 3 {
                let indices = listener.indices(slot: slot)
                #expect(Set(indices).count == indices.count)
                // Disorder is allowed to cost what came too late, but the numbers have no other holes.
                if let low = indices.min(), let high = indices.max() {
                    #expect(Int(high - low) + 1 - indices.count < 12)
                }
            }
            for packet in listener.heard { #expect(packet.contributors == [UInt32(packet.payload[1])]) }
        }
    }
}
