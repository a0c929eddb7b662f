import Foundation
import Payouts
import Schemas
import Testing
import Values

@Suite("Funds as data")
struct FundProgramTests {
    @Test("the presets are read, and written as they are read")
    func presets() throws {
        let book = try FundBook(json: FundProgramPresets.json)
        #expect(book.names == ["clubhouse-creator-first", "rate-card", "shorts-45", "spark-2021", "user-centric"])
        for name in book.names {
            let program = try #require(book[name])
            let data = try JSONEncoder().encode(program)
            #expect(try JSONDecoder().decode(FundProgram.self, from: data) == program)
        }
        guard case .stipend(let spark) = try #require(book["spark-2021"]).scheme else {
            Issue.record("spark is a stipend")
            return
        }
        #expect((spark.amount, spark.roomsPerWeek, spark.minRoomMinutes) == (250_000, 2, 30))
    }

    @Test(
        "what is out of bounds is refused",
        arguments: [
            #"{"name":"p","kind":"gift","currency":"EUR"}"#,
            #"{"name":"p q","kind":"pot","currency":"EUR","amount":1}"#,
            #"{"name":"p","kind":"pot","currency":"XXX","amount":1}"#,
            #"{"name":"p","kind":"pot","currency":"EUR","amount":-1}"#,
            #"{"name":"p","kind":"pot","currency":"EUR"}"#,
            #"{"name":"p","kind":"pot","currency":"EUR","amount":1,"host_cap_bp":10001}"#,
            #"{"name":"p","kind":"pot","currency":"EUR","amount":1,"first_month":"2026-02","last_month":"2026-01"}"#,
            #"{"name":"p","kind":"rate_card","currency":"EUR","per_hour":1}"#,
            #"{"name":"p","kind":"stipend","currency":"EUR","stipend":1,"mode":"sometimes","rooms_per_week":1,"min_room_minutes":1,"min_room_listeners":1}"#,
        ])
    func refused(_ text: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(FundProgram.self, from: Data(text.utf8)) }
    }
}
