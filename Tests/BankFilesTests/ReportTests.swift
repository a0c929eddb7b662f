import Simulation
import Testing
import Values

@testable import BankFiles

@Suite("Files that banks send")
struct ReportTests {
    private func read(_ text: String) throws -> BankReport { try BankReport.read(Array(text.utf8)) }

    private func pain002(_ body: String, version: String = "03") -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.\(version)"><CstmrPmtStsRpt>
        <GrpHdr><MsgId>R1</MsgId></GrpHdr>\(body)</CstmrPmtStsRpt></Document>
        """
    }

    private func group(_ status: String = "", _ reason: String = "") -> String {
        """
        <OrgnlGrpInfAndSts><OrgnlMsgId>payouts-1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>\
        \(status.isEmpty ? "" : "<GrpSts>\(status)</GrpSts>")\(reason)</OrgnlGrpInfAndSts>
        """
    }

    private func transaction(_ id: String, _ status: String, _ more: String = "") -> String {
        """
        <OrgnlPmtInfAndSts><OrgnlPmtInfId>p</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>\(id)</OrgnlEndToEndId>\
        <TxSts>\(status)</TxSts>\(more)</TxInfAndSts></OrgnlPmtInfAndSts>
        """
    }

    @Test("a status report speaks of transfers, or of the whole file")
    func statuses() throws {
        let reason = "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn></StsRsnInf>"
        let amount = "<OrgnlTxRef><Amt><InstdAmt Ccy=\"EUR\">4.04</InstdAmt></Amt></OrgnlTxRef>"
        for (status, said) in [
            ("RJCT", BankReport.Said.refused), ("CANC", .refused), ("ACSC", .paid), ("ACCC", .paid),
            ("ACCP", .accepted),
            ("ACSP", .accepted), ("PDNG", .accepted), ("WHAT", .notice),
        ] {
            let report = try read(pain002(group("PART") + transaction("a", status, reason + amount)))
            #expect(report.kind == .pain002 && report.messageID == "R1")
            #expect(report.lines == [.init(said, .endToEnd("a"), amount: Money(404, .eur), code: "AC04")], "\(status)")
        }
        let whole = try read(pain002(group("RJCT", reason)))
        #expect(whole.lines == [.init(.refused, .file("payouts-1"), amount: nil, code: "AC04")])
        let part = pain002(
            group()
                + "<OrgnlPmtInfAndSts><OrgnlPmtInfId>p</OrgnlPmtInfId><PmtInfSts>RJCT</PmtInfSts></OrgnlPmtInfAndSts>")
        #expect(try read(part).lines == [.init(.refused, .file("payouts-1"), amount: nil)])
        #expect(try read(pain002(group("ACCP"), version: "12")).lines.map(\.said) == [.accepted])
        for wrong in [pain002(group()), pain002(""), pain002(group() + transaction("", "ACSC"))] {
            #expect(throws: BankRefusal.self) { try read(wrong) }
        }
    }

    private func camt(_ kind: String, _ version: String, _ entries: String) -> String {
        let (outer, inner) = kind == "053" ? ("BkToCstmrStmt", "Stmt") : ("BkToCstmrDbtCdtNtfctn", "Ntfctn")
        return """
            <?xml version='1.0' encoding='utf-8'?>
            <!-- of a bank -->
            <n:Document xmlns:n="urn:iso:std:iso:20022:tech:xsd:camt.\(kind).001.\(version)"><n:\(outer)>
            <n:GrpHdr><n:MsgId>S1</n:MsgId></n:GrpHdr><n:\(inner)>\(entries)</n:\(inner)></n:\(outer)></n:Document>
            """
    }

    private func entry(
        _ direction: String, _ amount: String, _ details: String, status: String = "BOOK", currency: String = "EUR"
    ) -> String {
        """
        <n:Ntry><n:Amt Ccy="\(currency)">\(amount)</n:Amt><n:CdtDbtInd>\(direction)</n:CdtDbtInd>\
        <n:Sts>\(status)</n:Sts><n:NtryDtls>\(details)</n:NtryDtls></n:Ntry>
        """
    }

    private func detail(_ id: String, _ more: String = "") -> String {
        "<n:TxDtls><n:Refs><n:EndToEndId>\(id)</n:EndToEndId></n:Refs>\(more)</n:TxDtls>"
    }

    @Test("a statement says what left and what came back", arguments: ["053", "054"], ["02", "08"])
    func statements(kind: String, version: String) throws {
        let back = "<n:RtrInf><n:Rsn><n:Cd>AC01</n:Cd></n:Rsn></n:RtrInf>"
        let amount = "<n:AmtDtls><n:TxAmt><n:Amt Ccy=\"EUR\">2</n:Amt></n:TxAmt></n:AmtDtls>"
        let booked = version == "02" ? "BOOK" : "<n:Cd>BOOK</n:Cd>"
        let report = try read(
            camt(
                kind, version,
                entry("DBIT", "4.04", detail("a"), status: booked)
                    + entry("CRDT", "4.04", detail("a", back), status: booked)
                    + entry("DBIT", "5.5", detail("b", amount) + detail("c", amount), status: booked)
                    + entry("DBIT", "9.00", detail("NOTPROVIDED")) + entry("CRDT", "1000.00", "")
                    + entry("DBIT", "7", detail("d"), status: version == "02" ? "PDNG" : "<n:Cd>PDNG</n:Cd>")))
        #expect(report.kind.rawValue == "camt\(kind)")
        #expect(
            report.lines == [
                .init(.paid, .endToEnd("a"), amount: Money(404, .eur)),
                .init(.returned, .endToEnd("a"), amount: Money(404, .eur), code: "AC01"),
                .init(.paid, .endToEnd("b"), amount: Money(200, .eur)),
                .init(.paid, .endToEnd("c"), amount: Money(200, .eur)),
                .init(.accepted, .endToEnd("d"), amount: Money(700, .eur)),
            ])
    }

    private func batch(_ more: String, details: String = "") -> String { "<n:Btch>\(more)</n:Btch>\(details)" }

    private func reference(_ more: String, amount: String = "") -> String {
        "<n:TxDtls><n:Refs>\(more)</n:Refs>\(amount.isEmpty ? "" : "<n:Amt Ccy=\"EUR\">\(amount)</n:Amt>")</n:TxDtls>"
    }

    @Test("a booking in one sum names its file, in its batch or in its details")
    func sums() throws {
        func lines(_ entries: String...) throws -> [BankReport.Line] {
            try read(camt("053", "02", entries.joined())).lines
        }
        let names = "<n:MsgId>m</n:MsgId><n:PmtInfId>p</n:PmtInfId>"
        let sum = BankReport.Reference.sum(of: ["p", "m"], count: 2)
        let nine = Money(900, .eur)
        #expect(
            try lines(entry("DBIT", "9", batch(names + "<n:NbOfTxs>2</n:NbOfTxs>")))
                == [.init(.paid, sum, amount: nine)])
        #expect(
            try lines(entry("CRDT", "1", batch(names + "<n:NbOfTxs>2</n:NbOfTxs><n:TtlAmt Ccy=\"EUR\">9</n:TtlAmt>")))
                == [.init(.returned, sum, amount: nine)])
        #expect(
            try lines(entry("DBIT", "9", batch("<n:MsgId>m</n:MsgId>"), status: "PDNG"))
                == [.init(.accepted, .sum(of: ["m"], count: nil), amount: nine)])
        // Where each transfer stands by itself with its amount, the sum says nothing more; else both are told.
        #expect(
            try lines(entry("DBIT", "9", batch(names, details: detail("a")))) == [
                .init(.paid, .endToEnd("a"), amount: nine)
            ])
        #expect(
            try lines(entry("DBIT", "9", batch(names, details: detail("a") + detail("b")))) == [
                .init(.paid, .sum(of: ["p", "m"], count: nil), amount: nine),
                .init(.paid, .endToEnd("a"), amount: nil, trouble: "it has no amount of its own"),
                .init(.paid, .endToEnd("b"), amount: nil, trouble: "it has no amount of its own"),
            ])
        // Details that have no end-to-end ids.
        #expect(
            try lines(entry("DBIT", "9", reference(names))) == [
                .init(.paid, .sum(of: ["p", "m"], count: nil), amount: nine)
            ])
        #expect(
            try lines(
                entry("DBIT", "10", reference(names, amount: "4") + reference("") + reference(names, amount: "5")))
                == [.init(.paid, sum, amount: nine)])
        #expect(try lines(entry("DBIT", "9", reference(names) + reference(names))) == [.init(.paid, sum, amount: nine)])
        #expect(
            try lines(entry("DBIT", "9", reference(names) + detail("a"))).map(\.trouble) == [
                "it has no amount of its own", "it has no amount of its own",
            ])
        #expect(try lines(entry("DBIT", "9", "")).isEmpty)
    }

    @Test("a sum is that of the open transfers, that of the paid ones, or a person's to look at")
    func fileSums() {
        func meaning(
            _ amount: Money?, _ count: Int?, _ open: [Int64], _ settled: [Int64] = [], _ said: BankReport.Said = .paid,
            trouble: String = ""
        ) -> FileSum {
            FileSum(
                BankReport.Line(said, .sum(of: ["p"], count: count), amount: amount, trouble: trouble), count: count,
                open: open.map { Money($0, .eur) }, settled: settled.map { Money($0, .eur) })
        }
        let nine = Money(900, .eur)
        #expect(meaning(nine, 2, [400, 500]) == .pays && meaning(nine, nil, [400, 500], [3]) == .pays)
        #expect(meaning(nine, 2, [], [400, 500]) == .known && meaning(nine, nil, [], [900]) == .known)
        for wrong in [
            meaning(nine, 3, [400, 500]), meaning(Money(901, .eur), 2, [400, 500]), meaning(nine, 2, [1], [400, 500]),
            meaning(Money(900, .usd), 2, [400, 500]), meaning(nil, 2, [400, 500]), meaning(nine, 1, [], [400, 500]),
            meaning(nine, 2, [400, 500], [], .returned), meaning(nine, 2, [400, 500], trouble: "x"),
            meaning(Money(0, .eur), 0, [], [400]), meaning(Money(0, .eur), nil, [], []),
        ] {
            guard case .differs(let why) = wrong else {
                Issue.record("\(wrong)")
                continue
            }
            #expect(!why.isEmpty)
        }
        #expect(
            meaning(Money(901, .eur), 3, [400, 500])
                == .differs("open in the file: 2 of 9.00 EUR; booked by the bank: 3 of 9.01 EUR"))
    }

    @Test("amounts are read as banks write them, and nothing is guessed")
    func amounts() throws {
        func amount(_ text: String, _ currency: String = "EUR") -> Money? {
            try? read(camt("053", "02", entry("DBIT", text, detail("a"), currency: currency))).lines.first?.amount
        }
        #expect(amount("12") == Money(1_200, .eur))
        #expect(amount("12.3") == Money(1_230, .eur))
        #expect(amount("12.30000") == Money(1_230, .eur))
        #expect(amount("12", "JPY") == Money(12, .jpy))
        #expect(amount("12.00", "JPY") == Money(12, .jpy))
        for wrong in ["", "12.345", "-1", "+1", "1,2", "1e3", ".5", "1.2.3", "99999999999999999999", " ", "NaN"] {
            #expect(amount(wrong) == nil, "\(wrong)")
        }
        #expect(amount("1", "XXX") == nil)
    }

    @Test("a booking of others that can't be read leaves the rest of the statement as it is")
    func foreignBookings() throws {
        let bare = "<n:Ntry><n:NtryDtls>\(detail("f"))</n:NtryDtls></n:Ntry>"
        let report = try read(
            camt(
                "053", "02",
                // A collective credit, a receipt in a currency that nobody knows, one without anything, and ours.
                entry("CRDT", "300", detail("b") + detail("c")) + entry("CRDT", "5.00", "", currency: "XTS")
                    + entry("CRDT", "5.00", detail("d"), currency: "XTS") + entry("?", "1", detail("e")) + bare
                    + entry("DBIT", "4.04", detail("a"))))
        #expect(
            report.lines == [
                .init(.returned, .endToEnd("b"), amount: nil, trouble: "it has no amount of its own"),
                .init(.returned, .endToEnd("c"), amount: nil, trouble: "it has no amount of its own"),
                .init(.returned, .endToEnd("d"), amount: nil, trouble: "its amount can't be read"),
                .init(.notice, .endToEnd("e"), amount: Money(100, .eur), trouble: "its direction can't be read"),
                .init(.notice, .endToEnd("f"), amount: nil, trouble: "its direction can't be read"),
                .init(.paid, .endToEnd("a"), amount: Money(404, .eur)),
            ])
    }

    @Test(
        "XML of strangers is read within bounds or not at all",
        arguments: [
            "", "x", "<a>", "<a></b>", "<a/>x", "<a b=c/>", "<a b='1' b='2'/>", "<a>&x;</a>", "<a>&#0;</a>",
            "<a>&amp</a>",
            "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "<a><!DOCTYPE b></a>", "<a b='<'/>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "<a", "<a><![CDATA[x</a>", "<a><!-- x</a>", "</a>",
            "<a><b></a></b>", "<1/>",
        ])
    func hostile(text: String) {
        #expect(throws: BankRefusal.self) { try XMLReader.read(Array(text.utf8)) }
        #expect(throws: BankRefusal.self) { try read(text) }
    }

    @Test("bounds of depth, names, attributes and texts")
    func bounds() throws {
        let nested = String(repeating: "<a>", count: 41) + String(repeating: "</a>", count: 41)
        let fits = String(repeating: "<a>", count: 40) + String(repeating: "</a>", count: 40)
        #expect(throws: BankRefusal.unreadable("it is too deep")) { try XMLReader.read(Array(nested.utf8)) }
        #expect(try XMLReader.read(Array(fits.utf8)).name == "a")
        let name = String(repeating: "a", count: 129)
        #expect(throws: BankRefusal.unreadable("a name is too long")) { try XMLReader.read(Array("<\(name)/>".utf8)) }
        let attributes = (0..<33).map { " a\($0)='x'" }.joined()
        #expect(throws: BankRefusal.self) { try XMLReader.read(Array("<a\(attributes)/>".utf8)) }
        let long = String(repeating: "x", count: 65_537)
        #expect(throws: BankRefusal.unreadable("a text is too long")) {
            try XMLReader.read(Array("<a>\(long)</a>".utf8))
        }
        #expect(throws: BankRefusal.unreadable("it is not UTF-8")) { try XMLReader.read([0x3C, 0xFF, 0x2F, 0x3E]) }
        let good = "\u{FEFF}<?xml version=\"1.0\"?><!-- x --><a b=\"1&lt;\">x&amp;&#233;<![CDATA[<]]> <c/></a>\n"
        let root = try XMLReader.read(Array(good.utf8))
        #expect(root.text == "x&é<" && root.attribute("b") == "1<" && root.children.map(\.name) == ["c"])
    }

    private func achReturn() throws -> String {
        func line(_ text: String) -> String { text + String(repeating: " ", count: 94 - text.utf8.count) }
        let lines = [
            line("101 0210000211234567890260304" + "1200A094101First Bank             Guichet Inc            "),
            line("5220Guichet Inc                         1234567890PPDPAYOUT    260302260303   1011000010000001"),
            "621" + "021000021" + "0001234          " + "0000000404" + "VMZEC1G6JP6N3  " + "BEA                   "
                + "  1"
                + "011000010000001",
            "799" + "R03" + "021000020000007" + "      " + "01100001" + String(repeating: " ", count: 44)
                + "011000010000001",
            "8220" + "000002" + "0002100002" + "000000000000" + "000000000404" + "1234567890"
                + String(repeating: " ", count: 25) + "01100001" + "0000001",
            "9" + "000001" + "000001" + "00000002" + "0002100002" + "000000000000" + "000000000404"
                + String(repeating: " ", count: 39),
        ]
        return (lines + (0..<4).map { _ in String(repeating: "9", count: 94) }).joined(separator: "\r\n") + "\r\n"
    }

    @Test("a returned ACH entry names the one that came back")
    func returned() throws {
        let report = try read(achReturn())
        #expect(report.kind == .nacha && report.messageID == "12345678902603041200A")
        #expect(report.lines == [.init(.returned, .trace("021000020000007"), amount: Money(404, .usd), code: "R03")])
        let notice = try read(achReturn().replacing("799R03", with: "798C01"))
        #expect(notice.lines == [.init(.notice, .trace("021000020000007"), amount: nil, code: "C01")])
        for (from, to) in [
            ("0000000404VMZ", "0000000405VMZ"), ("000000000404", "000000000405"), ("\r\n799", "\r\n599"),
            ("00000002", "00000003"),
        ] { #expect(throws: BankRefusal.self, "\(from)") { try read(achReturn().replacing(from, with: to)) } }
        #expect(throws: BankRefusal.self) { try read(String(achReturn().dropLast(2).dropLast(94))) }
        #expect(throws: BankRefusal.self) { try read("1" + achReturn()) }
    }

    @Test("mutated files never trap, and what is read is within what banks say")
    func mutations() throws {
        let originals = [
            pain002(group("PART") + transaction("a", "RJCT")), camt("053", "08", entry("DBIT", "4.04", detail("a"))),
            try achReturn(),
        ].map { Array($0.utf8) }
        for seed in UInt64(1)...400 {
            var generator = SeededGenerator(seed: seed)
            var bytes = originals[Int(seed) % originals.count]
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: index)
                case 2: bytes.insert(UInt8.random(in: 32...126, using: &generator), at: index)
                default: bytes = Array(bytes.prefix(index))
                }
            }
            if let report = try? BankReport.read(bytes) { #expect(report.lines.count <= 2, "seed \(seed)") }
        }
    }

    @Test("what banks mean is said in words")
    func reasons() {
        #expect(BankReason.words("AC04") == "AC04, the account is closed")
        #expect(BankReason.words("R03") == "R03, there is no such account")
        #expect(BankReason.words("ZZ99") == "ZZ99")
        #expect(BankReason.words("") == "")
    }
}
