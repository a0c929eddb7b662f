import Simulation
import Stage
import Testing
import Values

@Suite struct AttendanceTests {
    @Test func `two connections at a time count once`() throws {
        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let phone = cast.seat()
        let laptop = cast.seat(holder: phone.holder)
        let at = { (seconds: Int64) in cast.start.advanced(bySeconds: seconds) }
        let left = Receipt.Kind.left(reason: .left, secondsConnected: 0, packets: 0)
        let receipts = [
            chain.append(.entered, of: phone, room: cast.room, at: at(0)),
            chain.append(.entered, of: laptop, room: cast.room, at: at(60)),
            chain.append(left, of: phone, room: cast.room, at: at(100)),
            chain.append(left, of: laptop, room: cast.room, at: at(160)),
        ]
        let attendance = Attendance.from(receipts.shuffled() + receipts, now: at(1_000))
        #expect(attendance.map(\.seconds) == [160])
        #expect(attendance.first?.intervals == [AttendanceInterval(from: at(0), to: at(160))])
    }

    @Test func `who is still there counts until now, and a refusal counts nothing`() throws {
        var cast = Cast()
        var chain = ReceiptChain(gateway: cast.gateway)
        let (inside, refused, orphan) = (cast.seat(), cast.seat(), cast.seat())
        let receipts = [
            chain.append(.entered, of: inside, room: cast.room, at: cast.start),
            chain.append(.refused(code: .removed), of: refused, room: cast.room, at: cast.start),
            chain.append(
                .left(reason: .left, secondsConnected: 5, packets: 0), of: orphan, room: cast.room, at: cast.start),
        ]
        let attendance = Attendance.from(receipts, now: cast.start.advanced(byMicroseconds: 90_999_999))
        #expect(attendance.map(\.holder) == [inside.holder])
        #expect(attendance.map(\.seconds) == [90])
        #expect(Attendance.from(receipts, now: cast.start).isEmpty)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `merged intervals cover exactly the seconds that any of them covers`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let intervals = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                let from = Int64.random(in: 0...50, using: &generator)
                let to = from + Int64.random(in: -3...20, using: &generator)
                return AttendanceInterval(from: Instant(seconds: from), to: Instant(seconds: to))
            }
            let merged = Attendance.merged(intervals)
            for second in Int64(0)..<75 {
                let at = Instant(seconds: second)
                let naive = intervals.contains { $0.from <= at && at < $0.to }
                #expect(merged.count { $0.from <= at && at < $0.to } == (naive ? 1 : 0), "seed \(seed)")
            }
            for (one, next) in zip(merged, merged.dropFirst()) { #expect(one.to < next.from, "seed \(seed)") }
        }
    }
}
