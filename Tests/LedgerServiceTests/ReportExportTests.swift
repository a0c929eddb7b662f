import BoxOffice
import Foundation
import HTTPEdge
import HTTPTypes
import Ledger
import Reporting
import Store
import Testing
import Values

@testable import LedgerService

/// Reports with queries, on a story of their own: what they say against the ledger, word for word where it is short.
@Suite struct ReportExportTests {
    private let payments = PaymentTests()
    private static let names = ReportShelf.builtIn.reports.map(\.report.name)

    private func export(
        _ name: String, _ query: String, _ api: API, language: String? = nil
    ) async throws -> API.Answer {
        try await api.send(
            .get, "/v1/reports/definitions/\(name)/export?\(query)", key: House.financeKey, language: language)
    }

    /// The last entry that an export knows.
    private static func through(_ answer: API.Answer) throws -> String {
        let name = try #require(HTTPField.Name("Guichet-Through"))
        return try #require(answer.headers[name])
    }

    /// The records of a CSV without quotes, as members by heading.
    private func rows(_ answer: API.Answer) -> [[String: String]] {
        #expect(answer.status == 200, "\(answer.json)")
        let lines = String(decoding: answer.bytes, as: UTF8.self).components(separatedBy: "\r\n").dropLast()
        guard let heading = lines.first?.components(separatedBy: ",") else { return [] }
        return lines.dropFirst().map { line in
            Dictionary(uniqueKeysWithValues: zip(heading, line.components(separatedBy: ",")))
        }
    }

    /// Two tickets that were paid through a provider, one from a wallet that was given back, a night that pays the host
    /// and withholds, and a dispute that takes all of the provider's payment again.
    private func story(_ house: House, _ api: API) async throws -> (stage: PaymentTests.Stage, host: String) {
        let stage = try await payments.stage(api, count: 2)
        let host = try await house.service.database.read { transaction in
            try transaction.room(try #require(RoomID(stage.room)))?.host.text ?? ""
        }
        let payee = try await api.send(
            .put, "/v1/hosts/\(host)/payee", #"{"withholdingBp":1000,"reason":"Form"}"#, key: House.financeKey)
        #expect(payee.status == 200, "\(payee.json)")
        try await payments.play("pay", stage, api)
        try await payments.settle(house)
        let buyer = try await api.wallet(500)
        let order = try await api.buy(stage.room, key: buyer.key)
        #expect(order.status == 201, "\(order.json)")
        let back = try await api.post("/v1/tickets/\(order.text("ticket"))/refund", key: buyer.key, once: "back")
        #expect(back.status == 201, "\(back.json)")
        try house.time.set("2026-03-02T19:00:00Z")
        #expect(try await api.post("/v1/rooms/\(stage.room)/open", key: stage.host).status == 200)
        #expect(try await api.post("/v1/rooms/\(stage.room)/close", key: stage.host).status == 200)
        house.time.advance(bySeconds: 60)
        let night = try await api.post("/v1/nights", #"{"day":"2026-03-02","cutNow":true}"#, key: House.financeKey)
        #expect(night.status == 201, "\(night.json)")
        try house.time.set("2026-03-20T12:00:00Z")
        try await payments.play("dispute", stage, api)
        try await payments.settle(house)
        return (stage, host)
    }

    @Test func `every report of an empty house says so in words, in every form`() async throws {
        let house = try await House()
        try await house.service.checkReports()
        try await house.api { api in
            for name in Self.names where name != "audit-log" {
                for (language, words) in [
                    ("en", "No entry is dated in the period"), ("fr", "Aucune écriture n’est datée"),
                ] {
                    let page = try await export(name, "format=html&year=2024", api, language: language)
                    #expect(page.status == 200, "\(name) \(page.json)")
                    let text = String(decoding: page.bytes, as: UTF8.self)
                    #expect(text.contains(words) && text.contains("class=\"empty\""), "\(name)")
                }
                for format in ["csv", "json", "xlsx", "zip"] {
                    let answer = try await export(name, "format=\(format)&month=2024-02", api)
                    #expect(answer.status == 200 && !answer.bytes.isEmpty, "\(name) \(format) \(answer.json)")
                }
            }
        }
    }

    @Test func `every report of a story is made in every form, its checks hold, and it is the same twice`() async throws
    {
        let house = try await House()
        try await house.api { api in
            _ = try await story(house, api)
            for name in Self.names {
                for format in ["csv", "json", "html", "xlsx", "csv&profile=fr-excel"] {
                    let first = try await export(name, "format=\(format)&year=2026", api)
                    #expect(first.status == 200, "\(name) \(format) \(first.json)")
                    let through = try Self.through(first)
                    let digest = first.headers[try #require(HTTPField.Name("Repr-Digest"))]
                    let bytes = Data(SHA256Digest(of: first.bytes).bytes).base64EncodedString()
                    #expect(digest == "sha-256=:\(bytes):")
                    let again = try await export(name, "format=\(format)&year=2026&through=\(through)", api)
                    #expect(first.bytes == again.bytes, "\(name) \(format)")
                }
            }
            // What comes later changes nothing of what is asked for up to then.
            let before = try await export("general-ledger", "month=2026-03", api)
            let through = try Self.through(before)
            _ = try await api.wallet(700)
            let after = try await export("general-ledger", "month=2026-03", api)
            #expect(before.bytes != after.bytes)
            #expect(try await export("general-ledger", "month=2026-03&through=\(through)", api).bytes == before.bytes)
        }
    }

    @Test func `trial balance and general ledger close with the balances of the ledger`() async throws {
        let house = try await House()
        try await house.api { api in
            _ = try await story(house, api)
            let balances = try await house.service.database.read { transaction in
                try transaction.balances(through: .max).filter { !$0.amount.isZero }.map {
                    "\($0.account.text) \($0.amount.currency.code) \($0.amount.minorUnits)"
                }
            }
            // In two halves, so that the second has opening balances.
            for days in ["from=2026-03-01&to=2026-03-02", "from=2026-03-03&to=2026-03-31"] {
                let trial = rows(try await export("trial-balance", days, api))
                let ledger = rows(try await export("general-ledger", days, api))
                var closing: [String: String] = [:]
                for row in ledger { closing["\(row["account"] ?? "") \(row["currency"] ?? "")"] = row["balance"] }
                let ofTrial = trial.filter { $0["closing"] != "0" }.map {
                    "\($0["account"] ?? "") \($0["currency"] ?? "") \($0["closing"] ?? "")"
                }
                #expect(
                    Set(ofTrial) == Set(closing.filter { $0.value != "0" }.map { "\($0.key) \($0.value)" }), "\(days)")
                if days.contains("03-31") {
                    #expect(Set(ofTrial) == Set(balances))
                    #expect(ledger.contains { $0["kind"] == "opening" && $0["sequence"] == "0" })
                }
            }
        }
    }

    @Test func `VAT, room sales and shares say what the rules of the story say`() async throws {
        let house = try await House()
        try await house.api { api in
            let (stage, host) = try await story(house, api)
            let vat = rows(try await export("vat-by-country", "quarter=2026-Q1", api))
            // Three tickets of 5.00 with 0.83 inside; one was given back, and the dispute holds what was booked of two.
            let house = try #require(vat.first { $0["account"] == "liabilities:vat" })
            #expect(
                vat.count == 1 && house["supplies"] == "3" && house["vat_sold"] == "249" && house["base_sold"] == "1251"
            )
            #expect(house["vat_returned"] == "-249" && house["other"] == "0" && house["vat"] == house["ledger"])
            let sales = rows(try await export("room-sales", "month=2026-03", api))
            #expect(sales.count == 1 && sales[0]["room"] == stage.room && sales[0]["tickets"] == "3")
            #expect(
                sales[0]["gross"] == "1500" && sales[0]["gross_decimal"] == "15.00" && sales[0]["returned"] == "-1500")
            let shares = rows(try await export("revenue-share", "month=2026-03", api))
            #expect(shares.count == 1 && shares[0]["orders"] == "2" && shares[0]["to_hosts"] == "808", "\(shares)")
            let register = rows(try await export("payout-register", "month=2026-03", api))
            #expect(
                register.map { $0["gross"] } == ["808"] && register[0]["withheld"] == "81"
                    && register[0]["net"] == "727")
            #expect(register[0]["state"] == "planned" && register[0]["host"] == host)
            let year = rows(try await export("tax-year", "year=2026", api))
            #expect(year.map { $0["kind"] } == ["payout", "refund", "release"])
            #expect(
                year.map { $0["amount"] } == ["-808", "-808", "808"] && year.map { $0["withheld"] } == ["81", "0", "0"])
            #expect(year[2]["fees"] == "26" && year[2]["activities"] == "2" && year[2]["quarter"] == "1")
        }
    }

    @Test func `what a host owes grows older, and is gone when it is paid`() async throws {
        let house = try await House()
        try await house.api { api in
            let (stage, host) = try await story(house, api)
            #expect(rows(try await export("negative-balances", "day=2026-03-19", api)).isEmpty)
            for (day, age, column) in [
                ("2026-03-20", "0", "to_30"), ("2026-04-25", "36", "to_60"), ("2026-05-25", "66", "to_90"),
                ("2026-12-31", "286", "over_90"),
            ] {
                let owed = rows(try await export("negative-balances", "day=\(day)", api))
                #expect(owed.count == 1 && owed[0]["host"] == host && owed[0]["since"] == "2026-03-20", "\(owed)")
                #expect(owed.first?["age_days"] == age && owed.first?[column] == "808", "\(day) \(owed)")
            }
            try await payments.play("dispute_won", stage, api)
            try await payments.settle(house)
            #expect(rows(try await export("negative-balances", "day=2026-03-20", api)).isEmpty)
        }
    }

    @Test func `the ledger agrees with what a provider told, and lists what is open by age`() async throws {
        let house = try await House()
        try await house.api { api in
            let (stage, _) = try await story(house, api)
            let agreed = rows(try await export("provider-reconciliation", "month=2026-03", api))
            #expect(agreed.allSatisfy { $0["difference"] == "0" }, "\(agreed)")
            #expect(agreed.map { $0["source"] } == ["direct", "dispute", "fee", "payment"])
            #expect(agreed.first { $0["source"] == "payment" }?["told"] == "1000")
            let open = rows(try await export("provider-differences", "day=2026-04-01", api))
            // The host's payout was not sent.
            #expect(open.map { $0["source"] } == ["payout_unsent", "dispute"], "\(open)")
            #expect(open[0]["outgoing"] == "727" && open[0]["age_days"] == "30" && open[1]["outgoing"] == "")
            #expect(open[1]["amount"] == "1000" && open[1]["age_days"] == "12" && open[1]["age"] == "month")
            try await payments.play("dispute_won", stage, api)
            try await payments.settle(house)
            let left = rows(try await export("provider-differences", "day=2026-04-01", api))
            #expect(left.map { $0["source"] } == ["payout_unsent"], "\(left)")
        }
    }

    @Test func `what is asked for wrongly is refused by its own code`() async throws {
        let house = try await House()
        try await house.api { api in
            for (name, query, status, code) in [
                ("nothing", "", 404, "report_name_unknown"), ("trial-balance", "month=2026-13", 400, "report_period"),
                ("trial-balance", "month=2026-03&day=2026-03-01", 400, "report_period"),
                ("trial-balance", "from=2026-03-02&to=2026-03-01", 400, "report_period"),
                ("trial-balance", "from=2026-03-02", 400, "report_period"),
                ("trial-balance", "to=2026-03-02", 400, "report_period"),
                ("trial-balance", "quarter=2026-Q5", 400, "report_period"),
                ("trial-balance", "format=docx", 400, "report_export_format"),
                ("trial-balance", "format=csv,json", 400, "report_export_format"),
                ("trial-balance", "format=zip&formats=csv,csv", 400, "report_export_format"),
                ("trial-balance", "profile=de-excel", 400, "report_profile"),
                ("trial-balance", "through=999", 400, "report_through"),
                ("trial-balance", "through=-1", 400, "parameter_malformed"),
            ] {
                let answer = try await export(name, query, api)
                #expect(answer.status == status && answer.code == code, "\(query) \(answer.json)")
            }
            let host = try await api.host()
            let other = try await api.get("/v1/reports/definitions/trial-balance/export", key: host.key)
            #expect(other.status == 403 && other.code == "key_scope")
            #expect(try await api.get("/v1/reports/definitions/trial-balance/export").status == 401)
        }
    }

    @Test(arguments: [
        ReportRunRefusal.reportNameUnknown, .periodMalformed, .profileUnknown, .formatUnknown, .throughAhead,
        .tooManyRows(most: 1), .tooSlow(seconds: 1), .tooLarge, .busy,
    ])
    func `every refusal of a run has words in both languages`(refusal: ReportRunRefusal) {
        for language in Language.allCases {
            let problem = Problem(refusal, in: language)
            #expect(!(problem.title + problem.detail + problem.next).contains("{") && !problem.next.isEmpty)
        }
    }

    @Test func `only so many reports wait at one time`() async throws {
        let house = try await House()
        let turns = house.service.reportTurns
        #expect((1...8).allSatisfy { _ in turns.take() })
        try await house.api { api in
            let refused = try await export("trial-balance", "format=csv", api)
            #expect(refused.code == "report_busy")
            turns.giveBack()
            let made = try await export("trial-balance", "format=csv", api)
            #expect(made.status == 200)
            #expect(turns.take())
        }
    }

    @Test func `more rows or time than a report may take are refused, and the next one runs`() async throws {
        let product = Array(repeating: "legs", count: 6).enumerated().map { "\($1) t\($0)" }.joined(separator: ", ")
        let slow = definition(
            "slow",
            sql: "SELECT CAST(count(*) AS TEXT) AS host FROM \(product) WHERE t0.shard = :shard AND t0.amount + "
                + "t1.amount + t2.amount + t3.amount + t4.amount + t5.amount = -1")
        let shelf = try shelf(["slow.json": slow])
        let house = try await House(settings: {
            $0.reports = shelf
            $0.reportLimits = ReportLimits(rows: 2, seconds: 1)
        })
        try await house.api { api in
            _ = try await story(house, api)
            #expect(try await export("general-ledger", "format=csv", api).code == "report_too_long")
            #expect(try await export("slow", "format=csv", api).code == "report_too_slow")
            #expect(try await export("negative-balances", "format=csv", api).status == 200)
        }
    }

    // MARK: Definitions of the house

    private func shelf(_ files: [String: String]) throws -> ReportShelf {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("reports-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        return try ReportShelf(folder: folder.path)
    }

    private func definition(
        _ name: String = "hosts",
        sql: String = "SELECT h.host AS host FROM hosts h WHERE h.shard = :shard ORDER BY h.host",
        needs: String = ""
    ) -> String {
        """
        {"name": "\(name)", "query": {"period": "day", \(needs) "sql": ["\(sql)"]},
         "title": {"en": "Hosts", "fr": "Hôtes"}, "about": {"en": "All.", "fr": "Tous."}, "empty": {"en": "None.", "fr": "Aucun."},
         "columns": [{"name": "host", "kind": "text", "title": {"en": "Host", "fr": "Hôte"}}], "sort": ["host"], "checks": [], "charts": []}
        """
    }

    @Test func `a definition in a folder is a report like any other`() async throws {
        let shelf = try shelf(["hosts.json": definition(), "notes.txt": "no report"])
        #expect(shelf["hosts"]?.report.origin == "hosts.json" && shelf["trial-balance"] != nil)
        let house = try await House(settings: { $0.reports = shelf })
        try await house.service.checkReports()
        try await house.api { api in
            let host = try await api.host()
            let list = try await api.get("/v1/reports/definitions", key: House.financeKey)
            #expect(String(decoding: list.bytes, as: UTF8.self).contains(#""name":"hosts""#))
            #expect(
                String(decoding: try await export("hosts", "", api).bytes, as: UTF8.self) == "host\r\n\(host.id)\r\n")
        }
    }

    @Test func `a damaged definition is refused with file, place and reason`() async throws {
        func refusal(_ files: [String: String]) -> (file: String, detail: String)? {
            do {
                _ = try shelf(files)
                return nil
            } catch {
                guard case .definition(let file, let detail)? = error as? ReportRefusal else { return nil }
                return (file, detail)
            }
        }
        let writes = try #require(refusal(["a.json": definition(sql: "DELETE FROM hosts WHERE shard = :shard")]))
        #expect(writes.file == "a.json" && writes.detail.contains("query.sql, line 1, column 1: a query is one SELECT"))
        let secret = try #require(
            refusal(["a.json": definition(sql: "SELECT hash AS host FROM api_keys WHERE shard = :shard")]))
        #expect(secret.detail.contains("line 1, column 26: 'api_keys' is not for reports"), "\(secret)")
        let twice = try #require(refusal(["a.json": definition(), "b.json": definition()]))
        #expect(twice.file == "b.json" && twice.detail.contains("is the report of a.json already"))
        #expect(
            try #require(refusal(["a.json": definition("trial-balance")])).detail.contains("query-trial-balance.json"))
        #expect(try #require(refusal(["a.json": "{"])).detail.contains("no JSON"))
        #expect(throws: ReportFolderFault.self) { _ = try ReportShelf(folder: "/nowhere/at/all") }
        // Tables of a later version: not offered, not refused.
        #expect(try shelf(["a.json": definition(needs: #""needs": ["moon_shots"],"#)])["hosts"] == nil)
    }

    @Test func `a query that the database does not understand stops the start`() async throws {
        for (sql, words) in [
            ("SELECT h.nothing AS host FROM hosts h WHERE h.shard = :shard", "nothing"),
            ("SELECT h.host AS who FROM hosts h WHERE h.shard = :shard", "it gives who, not host"),
            ("SELECT h.host AS host FROM castles h WHERE h.shard = :shard", "castles"),
        ] {
            let wrong = try shelf(["a.json": definition(sql: sql)])
            let house = try await House(settings: { $0.reports = wrong })
            do {
                try await house.service.checkReports()
                Issue.record("It was taken.")
            } catch let refusal as ReportRefusal {
                guard case .definition(let file, let detail) = refusal else { throw refusal }
                #expect(file == "a.json" && detail.contains(words), "\(detail)")
            }
            await house.service.database.close()
        }
    }
}
