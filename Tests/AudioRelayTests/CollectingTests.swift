import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Collecting packets for a tick")
struct CollectingTests {
    @Test(
        "Whatever the pace does meanwhile, every listener hears all that was said, once and in order",
        arguments: 1...12)
    func nothingLostOrDoubled(seed: UInt64) throws {
        let hall = try Hall(seed: seed &* 7)
        var generator = SeededGenerator(seed: seed)
        let speakers = try (0..<3).map { try hall.admit(.publish, participant: UInt32(1 + $0)) }
        let listeners = try (0..<4).map {
            try hall.admit(.listen(slots: 3), participant: UInt32(100 + $0))
        }
        // Speaks and listens: never hears themself.
        let both = try hall.admit(.listen(slots: 3), participant: 1)
        hall.connectAll()
        var said: [[[UInt8]]] = [[], [], []]
        for number in 0..<300 {
            if number % 17 == 3 {
                hall.change(
                    Pace.allCases.filter { $0 != .merged }.randomElement(using: &generator) ?? .atOnce)
            }
            for (who, speaker) in speakers.enumerated() {
                // Sizes of a variable rate, silence among them.
                let size = [1, 20, 60, 100, 101, 160].randomElement(using: &generator) ?? 1
                let payload =
                    [0x78, UInt8(who), UInt8(number >> 8), UInt8(number & 0xFF)]
                    + [UInt8](repeating: UInt8(who), count: size)
                said[who].append(payload)
                hall.say(payload, speaker, level: speechLevel(number, base: 25))
                hall.run(milliseconds: UInt64.random(in: 3...10, using: &generator))
            }
        }
        hall.change(.atOnce)
        hall.run(milliseconds: 100)
        for listener in listeners {
            for who in 0..<3 {
                let heard = listener.heard.filter { $0.contributors == [UInt32(1 + who)] }.map(\.payload)
                // Compared outside of `expect`: a failure would print all bytes.
                let isSame = heard == said[who]
                #expect(isSame, "voice \(who), seed \(seed)")
            }
            for slot in 0..<3 {
                let indices = listener.indices(slot: slot)
                let isWhole = indices == (0..<indices.count).map { indices[0] + UInt64($0) }
                #expect(isWhole, "slot \(slot), seed \(seed)")
            }
        }
        let isRest = Set(both.payloads) == Set(said[1] + said[2])
        #expect(isRest)
        #expect(both.heard.count == said[1].count + said[2].count)
        #expect(hall.relay.drops.total == 0)
    }

    @Test(
        "With a tick of 20 ms the packets of three voices travel as one message, and none waits longer than that"
    )
    func oneMessage() throws {
        let hall = try Hall()
        let speakers = try (0..<3).map { try hall.admit(.publish, participant: UInt32(1 + $0)) }
        let listener = try hall.admit(.listen(slots: 3), participant: 9)
        hall.connectAll()
        hall.change(.tick20)
        hall.messages = 0
        var saidAt: [MonotonicInstant] = []
        for number in 0..<50 {
            for (who, speaker) in speakers.enumerated() {
                saidAt.append(hall.now)
                hall.say(
                    voice(UInt8(who), number) + [UInt8](repeating: 1, count: who * 20), speaker, level: 30)
                hall.run(milliseconds: who == 2 ? 18 : 1)
            }
        }
        hall.run(milliseconds: 50)
        #expect(listener.heard.count == 150)
        // One message for three packets of different sizes; the reports are some more.
        #expect(hall.messages <= 65)
        let rtp = listener.arrivals.filter { arrival in
            PacketKind.classify(firstByte: arrival.bytes[0]) == .rtp
                && !arrival.bytes.withUnsafeBytes { PacketKind.isRTCP($0) }
        }
        try #require(rtp.count == 150)
        // A message carries them by size; compare the moments only. The link takes a millisecond each way.
        for (said, heard) in zip(saidAt, rtp.map(\.at)) {
            #expect(heard.nanoseconds(since: said) <= 22_000_000)
        }
    }

    @Test(
        "A packet that waits is not sent on request, and one that was padded comes again with the same bytes"
    )
    func retransmission() throws {
        let hall = try Hall()
        let speakers = try (0..<3).map { try hall.admit(.publish, participant: UInt32(1 + $0)) }
        let listener = try hall.admit(.listen(slots: 3), participant: 9)
        hall.connectAll()
        hall.change(.tick20)
        hall.sent.removeAll()
        for number in 0..<3 {
            for (who, speaker) in speakers.enumerated() {
                hall.say(
                    voice(UInt8(who), number) + [UInt8](repeating: 1, count: who * 7), speaker, level: 30)
            }
            hall.run(milliseconds: 20)
        }
        hall.run(milliseconds: 20)
        #expect(listener.heard.count == 9)
        let peer = try #require(hall.relay.peerByID[listener.id])
        let room = try #require(hall.relay.roomByKey[RoomKey(1)])
        let packets = hall.sent.filter {
            $0.destination == listener.address && $0.bytes[1] & 0x7F == 111
        }
        #expect(packets.contains { $0.bytes[0] & 0x20 != 0 })
        let slotClass = try #require(hall.relay.peers[peer]?.slotClass)
        let place = hall.relay.place(of: peer)
        let position = try #require(place).position
        func resend(_ bytes: [UInt8], ahead: UInt16 = 0) -> DropReason? {
            hall.outbox.removeAll()
            let ssrc = bytes[8..<12].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            return hall.relay.rooms[room]?.pointee.classes[slotClass].resend(
                (UInt16(bytes[2]) << 8 | UInt16(bytes[3])) &+ ahead, ofSSRC: ssrc, to: position,
                into: &hall.outbox)
        }
        for packet in packets {
            #expect(resend(packet.bytes) == nil)
            var again: [UInt8] = []
            hall.outbox.forEach { bytes, _ in again = Array(bytes) }
            #expect(again == packet.bytes)
        }
        // The next one is in the ring and on no way yet.
        hall.say(voice(0, 3), speakers[0], level: 30)
        hall.run(milliseconds: 2)
        let last = try #require(packets.last { $0.bytes[8..<12] == packets[0].bytes[8..<12] })
        #expect(resend(last.bytes, ahead: 1) == .retransmissionGone)
        hall.outbox.removeAll()
    }

    @Test(
        "More than a tick usually holds leaves early, and a room that closes takes what waits with it")
    func bounds() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 1)
        let listener = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        hall.change(.tick20)
        for number in 0..<100 { hall.say(voice(1, number), speaker, level: 30) }
        hall.run(milliseconds: 3)
        // 16 at a time went at once.
        #expect(listener.heard.count >= 96)
        hall.run(milliseconds: 20)
        #expect(listener.payloads == (0..<100).map { voice(1, $0) })
        hall.say(voice(1, 100), speaker, level: 30)
        hall.run(milliseconds: 2)
        hall.perform(.closeRoom(RoomKey(1), code: "over"))
        hall.run(milliseconds: 50)
        #expect(listener.heard.count == 100)
        #expect(hall.relay.collecting.isEmpty)
    }

    @Test(
        "Messages hold datagrams of one size, the last one shorter, for one destination, within 64 and 64 KiB"
    )
    func messages() {
        var outbox = Outbox()
        let here = SocketAddress(ipv4: 1, port: 1)
        let there = SocketAddress(ipv4: 1, port: 2)
        func add(_ bytes: Int, to destination: SocketAddress, joins: Bool = true) {
            guard let room = outbox.reserve(bytes) else { return }
            for offset in 0..<bytes { room[offset] = UInt8(truncatingIfNeeded: outbox.count) }
            outbox.commit(bytes, to: destination, joins: joins)
        }
        for bytes in [100, 100, 60, 60, 70] { add(bytes, to: here) }
        add(70, to: there)
        add(70, to: there, joins: false)
        #expect(outbox.messages.map(\.length) == [260, 60, 70, 70, 70])
        #expect(outbox.messages.map(\.datagramCount) == [3, 1, 1, 1, 1])
        #expect(outbox.count == 7)
        var lengths: [Int] = []
        outbox.forEach { bytes, _ in
            #expect(bytes.allSatisfy { $0 == UInt8(lengths.count) })
            lengths.append(bytes.count)
        }
        #expect(lengths == [100, 100, 60, 60, 70, 70, 70])
        outbox.removeAll()
        for _ in 0..<65 { add(20, to: here) }
        #expect(outbox.messages.map(\.datagramCount) == [64, 1])
        outbox.removeAll()
        for _ in 0..<60 { add(1_200, to: here) }
        #expect(outbox.messages.map(\.datagramCount) == [54, 6])
    }
}
