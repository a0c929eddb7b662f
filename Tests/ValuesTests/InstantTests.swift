import Foundation
import Simulation
import Testing
import Values

@Suite("Instants in RFC 3339")
struct InstantTests {
    @Test("are read as the standard's own examples say")
    func examples() throws {
        // RFC 3339, section 5.8.
        #expect(Instant("1985-04-12T23:20:50.52Z")?.microseconds == 482_196_050_520_000)
        #expect(Instant("1996-12-19T16:39:57-08:00") == Instant("1996-12-20T00:39:57Z"))
        #expect(Instant("1937-01-01T12:00:27.87+00:20") == Instant("1937-01-01T11:40:27.87Z"))
        #expect(Instant("2026-01-01t09:00:00z") == Instant("2026-01-01T09:00:00Z"))
    }

    @Test(
        "are refused where the text is not one",
        arguments: [
            "", "2026-01-01", "2026-01-01T09:00:00", "2026-01-01 09:00:00Z", "2026-02-29T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T23:60:00Z", "1990-12-31T23:59:60Z", "2026-01-01T09:00:00.Z",
            "2026-01-01T09:00:00.1234567Z", "2026-01-01T09:00:00+24:00", "2026-01-01T09:00:00+1:00",
            "2026-01-01T09:00:00Zx", "-026-01-01T09:00:00Z", "٢٠٢٦-01-01T09:00:00Z", "2026-13-01T00:00:00Z",
        ])
    func refused(_ text: String) {
        #expect(Instant(text) == nil)
    }

    @Test("come back from their own text, and Foundation reads the same moment")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 3339)
        for _ in 0..<2_000 {
            // The years 1 to 9999, which RFC 3339 can write.
            let micros = Int64.random(in: -62_135_596_800_000_000...253_402_300_799_999_999, using: &generator)
            let whole = Bool.random(using: &generator)
            let instant = Instant(microseconds: whole ? micros / 1_000_000 * 1_000_000 : micros)
            #expect(Instant(instant.description) == instant, "seed \(generator.seed)")
        }
        let style = Date.ISO8601FormatStyle()
        for _ in 0..<300 {
            // Foundation changes to the Julian calendar before 1582; from 1700 on both agree.
            let instant = Instant(seconds: Int64.random(in: -8_520_336_000...253_402_300_799, using: &generator))
            let date = Date(timeIntervalSince1970: Double(instant.seconds))
            #expect(date.formatted(style) == instant.description, "seed \(generator.seed)")
        }
    }

    @Test("mean the same moment in every offset")
    func offsets() {
        var generator = SeededGenerator(seed: 58)
        for _ in 0..<500 {
            let instant = Instant(seconds: Int64.random(in: 0...4_000_000_000, using: &generator))
            let minutes = Int64.random(in: -1_439...1_439, using: &generator)
            let local = instant.advanced(bySeconds: minutes * 60).description.dropLast()
            func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
            let sign = minutes < 0 ? "-" : "+"
            let offset = sign + two(Int64(minutes.magnitude) / 60) + ":" + two(Int64(minutes.magnitude) % 60)
            #expect(Instant(local + offset) == instant, "seed \(generator.seed)")
        }
    }

    @Test("are rounded down to seconds, before 1970 too")
    func floored() {
        #expect(Instant(microseconds: -1).seconds == -1)
        #expect(Instant(microseconds: -1_000_000).seconds == -1)
        #expect(Instant(microseconds: 1_999_999).seconds == 1)
        #expect(Instant(microseconds: -1).milliseconds == -1)
    }
}
