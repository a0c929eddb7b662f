import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("What a packet costs the runtime")
struct AllocationTests {
    /// Objects that the runtime gave while 60 packets of three voices were forwarded, after as many for warming up.
    static func allocations(listeners: Int, pace: Pace) throws -> Int? {
        let hall = try Hall()
        let speakers = try (0..<3).map { try hall.admit(.publish, participant: UInt32(1 + $0)) }
        for listener in 0..<listeners { try hall.admit(.listen(slots: 3), participant: UInt32(100 + listener)) }
        hall.connectAll()
        hall.change(pace)
        var packets: [(bytes: [UInt8], source: SocketAddress)] = []
        for number in 0..<120 {
            for (who, speaker) in speakers.enumerated() {
                _ = speaker.peer.send(
                    voice(UInt8(who), number), sampleCount: 960,
                    level: AudioLevel(decibelsBelowFullScale: speechLevel(number, base: 25), hasVoice: true),
                    into: &hall.outbox)
                hall.outbox.forEach { bytes, _ in packets.append((Array(bytes), speaker.address)) }
                hall.outbox.removeAll()
            }
        }
        var sent = 0
        func forward(_ range: Range<Int>) {
            for position in range {
                if position % 3 == 0 { hall.now = hall.now.advanced(byMilliseconds: 20) }
                packets[position].bytes.withUnsafeBytes {
                    hall.relay.receive($0, from: packets[position].source, at: hall.now, into: &hall.outbox)
                }
                sent += hall.outbox.count
                hall.outbox.removeAll()
                _ = hall.relay.takeEvents()
            }
        }
        forward(0..<180)
        sent = 0
        let counts = RuntimeCounts.during { forward(180..<360) }
        // Merged are three frames a packet; at the end something may still wait.
        #expect(sent >= 180 * listeners / (pace == .merged ? 3 : 1) - 9 * listeners)
        return counts?.allocations
    }

    /// The same for voices that another relay has opened.
    static func allocationsOfTheSecondRelay(listeners: Int, pace: Pace) throws -> Int? {
        let twins = try TwinHalls()
        let speakers = try (0..<3).map { try twins.halls[0].admit(.publish, participant: UInt32(1 + $0)) }
        for listener in 0..<listeners {
            try twins.halls[1].admit(.listen(slots: 3), participant: UInt32(100 + listener))
        }
        twins.spread()
        twins.connectAll()
        // So that no sender reports, every two seconds to each listener, fall into what is counted.
        twins.run(milliseconds: 500)
        let (near, far) = (twins.halls[0], twins.halls[1])
        far.change(pace)
        var sent = 0
        func speak(_ numbers: Range<Int>) -> Int? {
            var allocations: Int? = 0
            for number in numbers {
                for (who, speaker) in speakers.enumerated() {
                    near.say(voice(UInt8(who), number), speaker, level: speechLevel(number, base: 25))
                }
                near.run(milliseconds: 20)
                far.now = near.now
                let counts = RuntimeCounts.during {
                    _ = far.relay.takeVoices(from: twins.rings[0], atMost: 100, at: far.now, into: &far.outbox)
                    sent += far.outbox.count
                    far.outbox.removeAll()
                    _ = far.relay.takeEvents()
                }
                allocations = counts.flatMap { counts in allocations.map { $0 + counts.allocations } }
            }
            return allocations
        }
        _ = speak(0..<60)
        sent = 0
        let allocations = speak(60..<120)
        #expect(sent >= 180 * listeners / (pace == .merged ? 3 : 1) - 9 * listeners)
        return allocations
    }

    @Test("Nor does one that another relay has opened")
    func nothingPerListenerOfTheSecondRelay() async {
        await #expect(processExitsWith: .success) {
            for pace in Pace.allCases {
                guard let few = try AllocationTests.allocationsOfTheSecondRelay(listeners: 4, pace: pace),
                    let many = try AllocationTests.allocationsOfTheSecondRelay(listeners: 24, pace: pace)
                else { return }  // A runtime that can't be watched.
                #expect(few == many, "\(pace)")
            }
        }
    }

    // In a process of its own: the counters lead every thread's calls through themselves.
    @Test("A packet to one more listener allocates nothing, at any pace")
    func nothingPerListener() async {
        await #expect(processExitsWith: .success) {
            for pace in Pace.allCases {
                guard let few = try AllocationTests.allocations(listeners: 4, pace: pace),
                    let many = try AllocationTests.allocations(listeners: 24, pace: pace)
                else { return }  // A runtime that can't be watched.
                #expect(few == many, "\(pace)")
                // What comes in allocates nothing either, but a debug build makes some temporary objects.
                #expect(few < 2 * 180, "\(pace)")
            }
        }
    }
}
