import Foundation
import Simulation
import Testing
import Values

@testable import Stage

@Suite struct MediaRecordTests {
    private let start = Cast().start
    private func at(_ seconds: Int64) -> Instant { start.advanced(bySeconds: seconds) }
    private func stretch(_ from: Int64, _ to: Int64) -> AttendanceInterval {
        AttendanceInterval(from: at(from), to: at(to))
    }

    @Test func `only time in which packets came counts, and what touches is one stretch`() {
        var meter = FlowMeter()
        meter.read(packets: 5, lost: 0, jitterMicroseconds: 0, at: at(1))
        #expect(meter.record.stretches.isEmpty, "Nothing counts before it began.")
        meter = FlowMeter()
        meter.begin(at: at(0))
        for (second, packets) in [(10, 500), (20, 1_000), (30, 1_000), (40, 1_500)] as [(Int64, Int64)] {
            meter.read(packets: packets, lost: packets / 100, jitterMicroseconds: packets, at: at(second))
        }
        #expect(meter.record.stretches == [stretch(0, 20), stretch(30, 40)])
        #expect((meter.packets, meter.record.seconds, meter.record.lost) == (1_500, 30, 15))
        #expect(meter.record.jitterMicroseconds == 1_500)
        meter.lostContact(at: at(35))
        #expect(meter.record.stretches == [stretch(0, 20), stretch(30, 35)])
        meter.lostContact(at: at(30))
        #expect(meter.record.stretches == [stretch(0, 20)])
    }

    @Test func `a clock that is set back counts nothing, and no record is ever out of order`() {
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var meter = FlowMeter()
            var now = start
            meter.begin(at: now)
            var packets: Int64 = 0
            for _ in 0..<300 {
                now = now.advanced(bySeconds: Int64.random(in: -5...30, using: &generator))
                packets += Int64.random(in: 0...2, using: &generator)
                meter.read(packets: packets, lost: 0, jitterMicroseconds: 0, at: now)
            }
            let record = meter.record
            #expect(record.stretches.count <= MediaRecord.maximumStretches)
            #expect(
                MediaRecord(stretches: record.stretches, lost: 0, jitterMicroseconds: 0) != nil, "\(record.stretches)")
        }
    }

    @Test func `of too many stretches those with the shortest break between them become one`() {
        var record = MediaRecord()
        for number in 0..<60 as Range<Int64> {
            record.append(stretch(number * 100, number * 100 + (number % 5 == 3 ? 99 : 10)))
        }
        #expect(record.stretches.count == MediaRecord.maximumStretches)
        #expect(record.stretches.first == stretch(0, 10))
        #expect(record.stretches.last == stretch(5_800, 5_910))
        // Twelve breaks of a second are gone, and no other.
        #expect(record.seconds == 48 * 10 + 12 * 99 + 12)
    }

    @Test func `a clock that jumps forward counts no more than a piece`() {
        var meter = FlowMeter()
        meter.begin(at: at(0))
        meter.read(packets: 10, lost: 0, jitterMicroseconds: 0, at: at(3_600))
        #expect(meter.record.stretches == [stretch(3_570, 3_600)])
    }

    @Test func `a record goes through JSON, and one that makes no sense is refused`() throws {
        let record = try #require(
            MediaRecord(stretches: [stretch(0, 20), stretch(30, 40)], lost: 3, jitterMicroseconds: 900))
        let json = try JSONEncoder().encode(record)
        #expect(try JSONDecoder().decode(MediaRecord.self, from: json) == record)
        #expect(String(decoding: json, as: UTF8.self).contains(#""lost":3"#))
        for text in [
            #"{"heard":["x"],"lost":0,"jitterMicroseconds":0}"#,
            #"{"heard":["2026-01-01T00:00:01Z/2026-01-01T00:00:00Z"],"lost":0,"jitterMicroseconds":0}"#,
            #"{"heard":[],"lost":-1,"jitterMicroseconds":0}"#,
        ] {
            #expect(throws: DecodingError.self) { try JSONDecoder().decode(MediaRecord.self, from: Data(text.utf8)) }
        }
        #expect(MediaRecord(stretches: [stretch(0, 20), stretch(20, 40)], lost: 0, jitterMicroseconds: 0) == nil)
        let many = (0..<49 as Range<Int64>).map { stretch($0 * 10, $0 * 10 + 1) }
        #expect(MediaRecord(stretches: many, lost: 0, jitterMicroseconds: 0) == nil)
    }

    @Test func `the chain of receipts binds what flowed`() throws {
        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let seat = cast.seat()
        let record = try #require(MediaRecord(stretches: [stretch(0, 20)], lost: 3, jitterMicroseconds: 900))
        let left = chain.append(
            .left(reason: .left, secondsConnected: 25, packets: 1_000, media: record), of: seat, room: cast.room,
            at: at(25))
        var reader = ReceiptChain(gateway: cast.gateway)
        let again = try JSONDecoder().decode(Receipt.self, from: try JSONEncoder().encode(left))
        try reader.verify([again])
        let longer = try #require(MediaRecord(stretches: [stretch(0, 21)], lost: 3, jitterMicroseconds: 900))
        let unlost = try #require(MediaRecord(stretches: [stretch(0, 20)], lost: 2, jitterMicroseconds: 900))
        for other in [longer, unlost, nil] {
            let forged = Receipt(
                gateway: left.gateway, sequence: 1, admission: left.admission, ticket: left.ticket, room: left.room,
                holder: left.holder, role: left.role,
                kind: .left(reason: .left, secondsConnected: 25, packets: 1_000, media: other),
                occurredAt: left.occurredAt, previousHash: left.previousHash, hash: left.hash)
            var reader = ReceiptChain(gateway: cast.gateway)
            #expect(throws: ReceiptChain.Break.hash(sequence: 1)) { try reader.verify([forged]) }
        }
    }

    @Test func `stage time is the union of who may speak, clipped, and in doubt for the host`() throws {
        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let (host, cohost, old, listener) = (cast.seat(.host), cast.seat(.cohost), cast.seat(.host), cast.seat())
        func record(_ from: Int64, _ to: Int64) -> MediaRecord? {
            MediaRecord(stretches: [stretch(from, to)], lost: 0, jitterMicroseconds: 0)
        }
        let room = cast.room
        let receipts = [
            chain.append(.entered, of: host, room: room, at: at(-60)),
            chain.append(
                .left(reason: .left, secondsConnected: 660, packets: 1, media: record(-50, 500)), of: host, room: room,
                at: at(600)),
            chain.append(
                .left(reason: .left, secondsConnected: 300, packets: 1, media: record(400, 700)), of: cohost,
                room: room, at: at(700)),
            // From a gateway that does not tell when sound came.
            chain.append(.left(reason: .left, secondsConnected: 100, packets: 1), of: old, room: room, at: at(1_000)),
            chain.append(
                .left(reason: .left, secondsConnected: 3_600, packets: 1, media: record(0, 3_600)), of: listener,
                room: room, at: at(3_600)),
        ]
        let stage = StageTime(receipts.shuffled() + receipts, now: at(3_600))
        #expect(stage.stretches == [stretch(-50, 700), stretch(900, 1_000)])
        #expect((stage.open, stage.seconds(in: stretch(0, 3_600))) == (0, 800))
        // A host who listens is not on stage, and somebody of the audience who was invited is.
        let other = [
            chain.append(
                .left(reason: .left, secondsConnected: 9, packets: 1, media: record(2_000, 2_010)),
                of: cast.seat(.host, direction: .listening), room: room, at: at(2_010)),
            chain.append(
                .left(reason: .left, secondsConnected: 9, packets: 1, media: record(2_010, 2_030)),
                of: cast.seat(.listener, direction: .speaking), room: room, at: at(2_030)),
        ]
        let json = try JSONEncoder().encode(ReceiptBatch(gateway: cast.gateway, receipts: other))
        let read = try JSONDecoder().decode(ReceiptBatch.self, from: json).receipts
        #expect(read == other && StageTime(read, now: at(0)).stretches == [stretch(2_010, 2_030)])
        #expect(RoomReport(read, now: at(0)).lines.isEmpty)
        // A gateway that is wrong by centuries harms nobody else.
        let absurd = chain.append(
            .left(reason: .left, secondsConnected: .max, packets: .max), of: cast.seat(.host), room: room, at: at(9))
        #expect(StageTime([absurd], now: at(0)).seconds(in: stretch(0, 3_600)) == 9)
        let going = StageTime([receipts[0]], now: at(3_600))
        #expect((going.open, going.seconds(in: stretch(0, 3_600))) == (1, 3_600))
        #expect(StageTime([Receipt](), now: at(0)).seconds(in: stretch(0, 3_600)) == 0)
    }

    @Test func `a report has a line for each ticket, and its digest follows from the lines`() throws {
        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let (phone, turnedAway) = (cast.seat(), cast.seat())
        let laptop = cast.seat(ticket: phone.ticket, holder: phone.holder)
        func record(_ from: Int64, _ to: Int64, lost: Int64) -> MediaRecord? {
            MediaRecord(stretches: [stretch(from, to)], lost: lost, jitterMicroseconds: 100 * lost)
        }
        let room = cast.room
        let receipts = [
            chain.append(.entered, of: phone, room: room, at: at(0)),
            chain.append(.entered, of: laptop, room: room, at: at(50)),
            chain.append(
                .left(reason: .replaced, secondsConnected: 50, packets: 9, media: record(5, 50, lost: 2)), of: phone,
                room: room, at: at(50)),
            chain.append(.refused(code: .removed), of: turnedAway, room: room, at: at(60)),
            chain.append(
                .left(reason: .left, secondsConnected: 50, packets: 9, media: record(55, 100, lost: 1)), of: laptop,
                room: room, at: at(100)),
        ]
        let report = RoomReport(receipts.shuffled(), now: at(3_600))
        #expect((report.listeners, report.heardSeconds, report.openListeners) == (1, 90, 0))
        let line = try #require(report.lines.first { $0.ticket == phone.ticket })
        #expect(line.text == "\(phone.ticket)|2|0|100|90|3|200")
        #expect(report.lines.map(\.refusals).sorted() == [0, 1])
        #expect(report.digest == SHA256Digest(of: report.lines.map { $0.text + "\n" }.joined()))
    }
}
