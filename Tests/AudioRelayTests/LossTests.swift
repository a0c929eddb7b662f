import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("A bad network")
struct LossTests {
    @Test(
        "Through loss, disorder and repetition everybody connects, and nothing is heard twice or changed",
        arguments: 1...6)
    func badNetwork(seed: UInt64) throws {
        let hall = try Hall(
            .init(lostPerMille: 100, repeatedPerMille: 50, delayMilliseconds: 5...40), seed: seed &* 101)
        let speaker = try hall.admit(.publish, participant: 7)
        let listeners = try [1, 2, 3].map { try hall.admit(.listen(slots: $0), participant: 100 + UInt32($0)) }
        hall.connectAll(milliseconds: 12_000)
        let said = (0..<500).map { voice(7, $0) }
        for (number, payload) in said.enumerated() {
            hall.say(payload, speaker, level: speechLevel(number, base: 25))
            hall.run(milliseconds: 20)
        }
        hall.run(milliseconds: 200)
        for listener in listeners {
            #expect(Set(listener.payloads).isSubset(of: Set(said)))
            #expect(Set(listener.payloads).count == listener.payloads.count)
            // A tenth is lost on the way in for good; what is lost on the way out comes again.
            #expect(listener.heard.count > 420)
            // Order of numbers is order of speech.
            let sorted = listener.heard.sorted { $0.index < $1.index }.map {
                Int($0.payload[2]) << 8 | Int($0.payload[3])
            }
            #expect(sorted == sorted.sorted())
        }
    }

    @Test("Packets lost on the way to a listener come again")
    func retransmission() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 3), participant: 8)
        hall.connectAll()
        let said = (0..<60).map { voice(7, $0) }
        for (number, payload) in said.enumerated() {
            hall.say(payload, speaker, level: 30)
            // The speaker's packet is on its way; what the relay makes of it may be lost.
            hall.link.conditions.lostPerMille = number % 10 == 4 ? 1_000 : 0
            hall.run(milliseconds: 10)
            hall.link.conditions.lostPerMille = 0
            hall.run(milliseconds: 10)
        }
        #expect(hall.link.lost >= 6)
        #expect(Set(listener.payloads) == Set(said))
        #expect(listener.heard.count == said.count)
    }

    @Test("A NACK gets the same datagram again; what was never sent, is too old or too much is refused")
    func sameBytes() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        for number in 0..<10 {
            hall.say(voice(7, number), speaker, level: 30)
            hall.run(milliseconds: 20)
        }
        let packets = hall.sent.filter { sent in
            sent.destination == listener.address && PacketKind.classify(firstByte: sent.bytes[0]) == .rtp
                && !sent.bytes.withUnsafeBytes { PacketKind.isRTCP($0) }
        }
        try #require(packets.count == 10)
        let ssrc = RoomKey(1).ssrc(slot: 0, of: 1)
        let last = try #require(packets.last)
        let sequence = UInt16(last.bytes[2]) << 8 | UInt16(last.bytes[3])
        let peer = try #require(hall.relay.peerByID[listener.id])
        let room = try #require(hall.relay.roomByKey[RoomKey(1)])
        let slotClass = try #require(hall.relay.peers[peer]?.slotClass)
        let found = hall.relay.place(of: peer)
        let position = try #require(found).position
        func resend(_ sequence: UInt16, ssrc: UInt32) -> DropReason? {
            hall.outbox.removeAll()
            return hall.relay.rooms[room]?.pointee.classes[slotClass].resend(
                sequence, ofSSRC: ssrc, to: position, into: &hall.outbox)
        }
        for back in 0..<10 {
            #expect(resend(sequence &- UInt16(back), ssrc: ssrc) == nil)
            var again: [UInt8] = []
            hall.outbox.forEach { bytes, _ in again = Array(bytes) }
            #expect(again == packets[packets.count - 1 - back].bytes)
        }
        #expect(resend(sequence &+ 1, ssrc: ssrc) == .retransmissionGone)
        #expect(resend(sequence &- 10, ssrc: ssrc) == .retransmissionGone)
        #expect(resend(sequence, ssrc: ssrc &+ 1) == .malformedRTCP)
        for _ in 0..<Int(Listener.retransmissionsPerReport) { _ = resend(sequence, ssrc: ssrc) }
        #expect(resend(sequence, ssrc: ssrc) == .retransmissionBudget)
        hall.outbox.removeAll()
        // Beyond the budget nothing else is asked: not which slot, not whether it is there.
        #expect(resend(sequence, ssrc: ssrc &+ 1) == .retransmissionBudget)
        #expect(resend(sequence &+ 1, ssrc: ssrc) == .retransmissionBudget)
        // A NACK for a whole ring is one refusal then, and none of its numbers is looked at.
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = bytes.withUnsafeMutableBytes { buffer -> Int? in
            var writer = RTCPWriter(buffer)
            writer.appendGenericNACK(senderSSRC: 1, mediaSSRC: ssrc)
            for back in 0..<128 { writer.append(lost: sequence &- 127 &+ UInt16(back)) }
            return writer.finish()
        }
        let place = try #require(found)
        let size = try #require(count)
        let before = hall.relay.drops[.retransmissionBudget]
        try bytes.withUnsafeBytes { buffer in
            let whole = UnsafeRawBufferPointer(rebasing: buffer[..<size])
            for part in try #require(RTCPCompound(whole)) {
                if case .genericNACK(let nack) = part { hall.relay.resend(nack, to: place, into: &hall.outbox) }
            }
        }
        #expect(hall.relay.drops[.retransmissionBudget] == before + 1 && hall.outbox.count == 0)
    }

    @Test("What a listener reports slot by slot is added up, however the reports are cut")
    func reports() throws {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 3), participant: 8)
        let speaker = try hall.admit(.publish, participant: 7)
        hall.connectAll()
        let key = RoomKey(1)
        func report(_ slots: [(slot: Int, lost: Int32, jitter: UInt32)], of peer: PeerID, ssrc: UInt32? = nil) throws {
            let index = try #require(hall.relay.peerByID[peer])
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = bytes.withUnsafeMutableBytes { buffer -> Int? in
                var writer = RTCPWriter(buffer)
                writer.appendReceiverReport(ssrc: 1)
                for (slot, lost, jitter) in slots {
                    writer.appendReportBlock(
                        RTCPReportBlock(
                            ssrc: ssrc ?? key.ssrc(slot: slot, of: 3), fractionLost: 0, cumulativeLost: lost,
                            extendedHighestSequenceNumber: 0, jitter: jitter, lastSenderReport: 0,
                            delaySinceLastSenderReport: 0))
                }
                return writer.finish()
            }
            let size = try #require(count)
            try bytes.withUnsafeBytes { buffer in
                for part in try #require(RTCPCompound(UnsafeRawBufferPointer(rebasing: buffer[..<size]))) {
                    if case .receiverReport(let report) = part { hall.relay.note(report.blocks, of: index) }
                }
            }
        }
        func flow(_ peer: PeerID) throws -> [UInt64] {
            let flow = hall.relay.media[try #require(hall.relay.peerByID[peer])].flow
            return [flow.lost, UInt64(flow.jitter)]
        }
        try report([(0, 5, 10), (1, 7, 30), (2, 1, 20)], of: guest.id)
        #expect(try flow(guest.id) == [13, 30])
        // Browsers may send a report for each slot; the others stay as they were told.
        try report([(0, 6, 11)], of: guest.id)
        #expect(try flow(guest.id) == [14, 30])
        try report([(1, 9, 12)], of: guest.id)
        #expect(try flow(guest.id) == [16, 20])
        // Packets that came twice count as negative loss; nothing is made good by that but the slot's own.
        try report([(2, -3, 1)], of: guest.id)
        #expect(try flow(guest.id) == [15, 12])
        // About what is no slot of the room, nothing is learnt; nor from a speaker about slots.
        try report([(0, 900, 900)], of: guest.id, ssrc: 0xDEAD_BEE0)
        #expect(try flow(guest.id) == [15, 12])
        let before = try flow(speaker.id)
        try report([(0, 900, 900)], of: speaker.id)
        #expect(try flow(speaker.id) == before)
    }

    @Test("Who comes after hours of talk starts with a low number and hears everything")
    func lateComer() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let early = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        // The slot's number passes 2^16 (22 minutes of talk); one packet of ninety arrives, the others are lost.
        var arrived = 0
        for number in 0..<70_200 {
            _ = speaker.peer.send(voice(7, number), sampleCount: 960, level: nil, into: &hall.outbox)
            if number % 90 == 0 {
                var last: [UInt8] = []
                hall.outbox.forEach { bytes, _ in last = Array(bytes) }
                hall.inject(last, from: speaker.address)
                hall.run(milliseconds: 2)
                arrived += 1
            }
            hall.outbox.removeAll()
        }
        #expect(early.heard.count == arrived)
        #expect(early.heard.last.map { $0.index > 65_536 } == true)
        early.heard.removeAll()
        let late = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        for number in 0..<10 {
            hall.say(voice(7, number), speaker)
            hall.run(milliseconds: 20)
        }
        #expect(late.heard.count == 10 && late.heard.last?.payload == voice(7, 9))
        #expect(late.heard.first.map { $0.index < 0x8000 } == true)
    }
}
