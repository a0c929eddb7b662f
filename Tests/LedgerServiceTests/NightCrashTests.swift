import BoxOffice
import Engines
import Foundation
import HTTPEdge
import Ledger
import Payouts
import Reporting
import Schemas
import Store
import Testing
import Tickets
import Values

@testable import LedgerService

/// A night whose process dies at every named point in turn, and that another process finishes: the same bytes come out
/// as of a night that nobody disturbed.
@Suite(.timeLimit(.minutes(20))) struct NightCrashTests {
    private static let day = "2026-03-02"
    private static let clock = "2026-03-03T00:30:00Z"

    /// Everything that a night leaves: its view, every report and the published head.
    private struct Outcome: Equatable {
        let view: NightView
        let files: [String: [UInt8]]
        let heads: [String: Data]
    }

    /// A ledger on a file, as a process that starts finds it; a clock that stands, so that bytes can be compared.
    private static func service(at path: String) throws -> LedgerService {
        let settings = try #require(
            LedgerSettings(
                issuer: "https://ledger.test", audience: "https://gateway.test", sandboxTopups: true,
                policies: try PolicyBook(json: PolicyPresets.json), taxes: try TaxTable(json: TaxRates.json),
                terms: try TermsBook(json: RoomTermsPresets.json), policy: "guichet-demo-2026"))
        var kept = settings
        kept.headsFolder = path + "-heads"
        let key = try #require(SigningKey(seed: [UInt8](repeating: 7, count: 32)))
        let now = try #require(Instant(clock))
        return LedgerService(
            database: try Database.ledger(at: path), settings: kept, signingKey: key, clock: WallClock { now })
    }

    /// What the process does that is to die; few orders a step, so that every kind of step is made more than once.
    private static func night(at path: String) async throws {
        let service = try service(at: path)
        let day = try #require(LocalDay(Self.day))
        try await NightRun(service: service, day: day, actor: "finance", stepLimit: 2).run(cutNow: false)
        try await service.writeHeadFiles()
        await service.database.close()
    }

    private static func outcome(at path: String) async throws -> Outcome {
        let service = try service(at: path)
        let day = try #require(LocalDay(Self.day))
        let view = try await service.night(day, by: .finance)
        let files = try await service.reportFiles(of: day, language: .en, by: .finance)
        let audit = try await service.audit(by: .operator)
        #expect(audit.isClean, "\(path): \(audit.lines.filter { $0.broken > 0 })")
        await service.database.close()
        var heads: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: path + "-heads") {
            heads[name] = FileManager.default.contents(atPath: "\(path)-heads/\(name)")
        }
        return Outcome(
            view: view, files: Dictionary(files.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first }),
            heads: heads)
    }

    /// Five hosts whose rooms are over, with three tickets each, one of them given back.
    private func evening() async throws -> House {
        let house = try await House(on: .sqlite)
        let service = house.service
        let start = service.clock.now()
        for number in 0..<5 {
            let host = try await service.createHost(name: "Host \(number)", by: .operator)
            let owner = try await service.authenticate(host.key.key)
            // Three of them with a reserve, and without a longer hold: a step of its own, made twice.
            if number < 3 { try await reserve(of: host.host.host, in: house) }
            let draft = RoomDraft(
                title: "T", language: "en", doorsOpenAt: start, startsAt: start,
                endsAt: start.advanced(bySeconds: 3_600), capacity: 20)
            let room = try await service.createRoom(draft, price: Money(500, .eur), by: owner).room
            for index in 0..<3 {
                let wallet = try await service.createWallet()
                let buyer = try await service.authenticate(wallet.key.key)
                let key = try #require(IdempotencyKey("\(number)-\(index)"))
                _ = try await service.topUp(wallet.holder, Money(500, .eur), key: key, by: buyer)
                let order = try await service.buy(room, at: Money(500, .eur), key: key, by: buyer)
                if index == 2 {
                    _ = try await service.refund(order.ticket, key: key, by: .operator)
                }
            }
        }
        try await endow(house)
        try house.time.set(Self.clock)
        return house
    }

    private func reserve(of host: HostID, in house: House) async throws {
        let terms = try #require(RiskTerms(extraHoldDays: 0, reserve: BasisPoints(1_000), reserveDays: 30))
        let first = try #require(LocalDay(Self.day))
        let now = house.service.clock.now()
        try await house.service.database.write { transaction in
            _ = try transaction.setRisk(
                RiskRow(
                    host: host, name: "test", version: 1, terms: terms, from: first, reason: "A test", actor: "test",
                    at: now))
        }
    }

    /// A fund whose February closes on the day and gives 50.00 to a host for being there.
    private func endow(_ house: House) async throws {
        let now = house.service.clock.now()
        let first = try #require(LocalDay("2026-01-26"))
        let terms = StipendTerms(
            amount: 5_000, mode: .prorata, roomsPerWeek: 0, minRoomMinutes: 0, minRoomListeners: 0, minSeconds: 60)
        let program = FundProgram(
            name: "crash", version: 1, currency: .eur, closeLagDays: 2, holdDays: 0, firstMonth: nil, lastMonth: nil,
            scheme: .stipend(terms))
        try await house.service.database.write { transaction in
            try transaction.insertFundProgram(program, place: 0, by: "test", at: now)
            guard let host = try transaction.hosts().first?.host else { return }
            try transaction.insertEnrolment(
                of: host, in: "crash", first...first.advanced(byDays: 60), by: "test", at: now)
        }
    }

    /// The files of a ledger, copied as a process leaves them that is killed now.
    private func copy(_ house: House, to path: String) throws {
        let from = try #require(house.path)
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: from + suffix) {
            try FileManager.default.copyItem(atPath: from + suffix, toPath: path + suffix)
        }
    }

    @Test func `killed at any named point and started again, a night ends with the same bytes`() async throws {
        let house = try await evening()
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("crash-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try copy(house, to: "\(folder)/undisturbed")
        try await Self.night(at: "\(folder)/undisturbed")
        let expected = try await Self.outcome(at: "\(folder)/undisturbed")
        #expect(expected.view.state == "done" && expected.view.payouts.count == 5 && expected.heads.count == 1)
        #expect(expected.view.payouts.contains { $0.gross.minorUnits > 808 }, "The fund gave nothing.")
        let repeated: Set<CrashPoint> = [
            .ratingWritten, .ratingCommitted, .releaseCommitted, .reserveWritten, .paymentsWritten,
        ]
        // Those of other files are passed by their own test.
        let points = CrashPoint.allCases.filter { !$0.rawValue.hasPrefix("file.") }
        let arms = points.flatMap { point in
            repeated.contains(point) ? [point.rawValue, "\(point.rawValue):2"] : [point.rawValue]
        }
        for arm in arms {
            let path = "\(folder)/\(arm)"
            try copy(house, to: path)
            // It has to die there: a point that no night passes is none.
            await #expect(processExitsWith: .signal(SIGABRT), "\(arm)") {
                [arm = arm as String, path = path as String] in
                setenv("GUICHET_CRASH_AT", arm, 1)
                try await Self.night(at: path)
            }
            try await Self.night(at: path)
            #expect(try await Self.outcome(at: path) == expected, "\(arm)")
        }
        await house.service.database.close()
    }
}
