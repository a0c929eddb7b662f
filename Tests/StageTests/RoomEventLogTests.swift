import Simulation
import Stage
import Testing

@Suite struct RoomEventLogTests {
    @Test func `an event has a name that is read back, and nothing else is one`() {
        let id = RoomEventID(epoch: "l8x2k1r3", number: 17)
        #expect(id.description == "l8x2k1r3-17")
        #expect(RoomEventID(id.description) == id)
        for text in ["", "-", "x", "x-", "-1", "x-1-2", "X-1", "x--1", "x-+1", "x-1234567890123456789", "x- 1", "é-1"] {
            #expect(RoomEventID(text) == nil, "\(text)")
        }
        #expect(RoomEventID(String(repeating: "a", count: 33) + "-1") == nil)
    }

    @Test func `a reader gets what came after the event that it saw last`() throws {
        var log = RoomEventLog<String>(epoch: "a", capacity: 3)
        let start = log.position
        let ids = ["one", "two", "three"].map { log.append($0, bytes: 1) }
        #expect(log.events(after: start)?.map(\.event) == ["one", "two", "three"])
        #expect(log.events(after: ids[1])?.map(\.event) == ["three"])
        #expect(log.events(after: ids[2])?.isEmpty == true)
        log.append("four", bytes: 1)
        // What came first is forgotten: whoever has seen it gets the rest, whoever has not starts anew.
        #expect(log.events(after: start) == nil)
        #expect(log.events(after: ids[0])?.map(\.event) == ["two", "three", "four"])
    }

    @Test func `another run, and a number that was never given, are not resumed`() {
        var log = RoomEventLog<Int>(epoch: "a")
        log.append(1, bytes: 1)
        #expect(log.events(after: RoomEventID(epoch: "b", number: 1)) == nil)
        #expect(log.events(after: RoomEventID(epoch: "a", number: 2)) == nil)
        #expect(log.events(after: RoomEventID(epoch: "a", number: 1))?.isEmpty == true)
    }

    @Test func `what is kept stays within its bytes`() {
        var log = RoomEventLog<Int>(epoch: "a", capacity: 100, byteCapacity: 10)
        for number in 1...20 { log.append(number, bytes: 3) }
        #expect(log.events(after: RoomEventID(epoch: "a", number: 17))?.map(\.event) == [18, 19, 20])
        #expect(log.events(after: RoomEventID(epoch: "a", number: 16)) == nil)
        // One that is larger than all is kept alone: its readers must hear of it.
        log.append(21, bytes: 99)
        #expect(log.events(after: RoomEventID(epoch: "a", number: 20))?.map(\.event) == [21])
        log.append(22, bytes: 1)
        #expect(log.events(after: RoomEventID(epoch: "a", number: 21))?.map(\.event) == [22])
    }

    /// Readers whose lines break at any moment, some of them for long, against everything that ever happened.
    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6, 7, 8])
    func `whoever comes back misses nothing and gets nothing twice, or is told to start anew`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var log = RoomEventLog<Int>(
            epoch: "run", capacity: Int.random(in: 1...40, using: &generator),
            byteCapacity: Int.random(in: 20...400, using: &generator))
        var all: [Int] = []
        /// What a reader has, and from where on it has everything.
        struct Reader {
            var seen: RoomEventID
            var from: Int
            var heard: [Int] = []
            var isConnected = true
        }
        var readers = (0..<5).map { _ in Reader(seen: log.position, from: 0) }
        var resets = 0
        for step in 0..<3_000 {
            let note: Comment = "seed \(seed), step \(step)"
            if Int.random(in: 0..<10, using: &generator) < 6 {
                let id = log.append(step, bytes: Int.random(in: 1...20, using: &generator))
                all.append(step)
                for index in readers.indices where readers[index].isConnected {
                    readers[index].heard.append(step)
                    readers[index].seen = id
                }
                continue
            }
            let index = Int.random(in: 0..<readers.count, using: &generator)
            guard !readers[index].isConnected else {
                readers[index].isConnected = false
                continue
            }
            readers[index].isConnected = true
            // As it goes over the line.
            let said = try #require(RoomEventID(readers[index].seen.description), note)
            if let missed = log.events(after: said) {
                readers[index].heard += missed.map(\.event)
                readers[index].seen = missed.last?.id ?? said
            } else {
                resets += 1
                readers[index] = Reader(seen: log.position, from: all.count)
            }
            #expect(readers[index].heard == Array(all[readers[index].from...]), note)
        }
        #expect(resets > 0, "seed \(seed)")
    }
}
