import BankFiles
import Simulation
import Testing
import Values

@Suite("Files that ask banks to pay")
struct FileTests {
    private static let madeAt = Instant("2026-03-02T21:00:05.5Z")
    private static let day = LocalDay("2026-03-03")
    private static let fileID = ACHFileID(day: LocalDay(daysSince1970: 20_515), minute: 97, modifier: "A")

    private func sepa() throws -> DebtorAccount.SEPA {
        try DebtorAccount.SEPA(
            name: "Guichet & Cie", iban: "FR1420041010050500013M02606", bic: "PSSTFRPPLIL", address: nil)
    }

    private func ach() throws -> DebtorAccount.ACH {
        try DebtorAccount.ACH(
            companyName: "Guichet Inc", companyID: "1234567890", routing: "021000021", bankName: "First Bank")
    }

    private func european(_ id: String, _ amount: Int64, _ currency: Currency = .eur) throws -> CreditTransfer {
        CreditTransfer(
            endToEndID: id, amount: Money(amount, currency),
            payee: try PayeeAccount(
                legalName: "Žofie Dvořáková", place: .sepa(try IBAN("DE89370400440532013000"), nil),
                address: try PostalAddress(street: "Rue d'Été", building: "5 bis", town: "Paris", country: "FR")))
    }

    private func american(
        _ id: String, _ amount: Int64, trace: Int64, _ holder: PayeeAccount.Holder = .person
    ) throws -> CreditTransfer {
        CreditTransfer(
            endToEndID: id, amount: Money(amount, .usd),
            payee: try PayeeAccount(
                legalName: "Bea O'Hara",
                place: .us(try RoutingNumber("011000015"), account: "0001234", .checking, holder),
                address: try PostalAddress(town: "Boston", country: "US")), trace: trace)
    }

    private func file(
        _ transfers: [CreditTransfer], id: String = "payouts-2026-03-02-1-abcdef01", on day: LocalDay? = Self.day
    ) throws -> CreditTransferFile {
        CreditTransferFile(
            messageID: id, madeAt: try #require(Self.madeAt), executionOn: try #require(day), transfers: transfers,
            remittance: "Guichet 2026-03-02")
    }

    @Test(
        "a pain.001 has what it was asked for, and the same bytes each time",
        arguments: [
            CreditTransferFile.Format.pain00109, .pain00103,
        ])
    func pain(format: CreditTransferFile.Format) throws {
        let order = try file([european("payout-1", 404), european("payout-2", 99_999_999_999)])
        let bytes = try order.pain001(format, from: sepa())
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(try order.pain001(format, from: sepa()) == bytes)
        for part in [
            "xsd:\(format.rawValue)\"", "<CreDtTm>2026-03-02T21:00:05Z</CreDtTm>", "<CtrlSum>1000000004.03</CtrlSum>",
            "<NbOfTxs>2</NbOfTxs>", "<Nm>Zofie Dvorakova</Nm>", "<Nm>Guichet + Cie</Nm>", "Ccy=\"EUR\">4.04<",
            "<EndToEndId>payout-1</EndToEndId>", "<BldgNb>5 bis</BldgNb>", "<TwnNm>Paris</TwnNm>",
            format == .pain00109 ? "<BICFI>PSSTFRPPLIL" : "<BIC>PSSTFRPPLIL",
            format == .pain00109 ? "<Dt>2026-03-03</Dt>" : "<ReqdExctnDt>2026-03-03<",
        ] { #expect(text.contains(part), "\(part)\n\(text)") }
    }

    @Test("a BIC that was taken in once and that the older version does not take is left out of it")
    func storedBIC() throws {
        let address = try PostalAddress(town: "Paris", country: "FR")
        func text(_ bic: String, _ format: CreditTransferFile.Format) throws -> String {
            let place = PayeeAccount.Place.sepa(try IBAN("DE89370400440532013000"), try BIC(stored: bic))
            let transfer = CreditTransfer(
                endToEndID: "a", amount: Money(1, .eur),
                payee: try PayeeAccount(legalName: "Ana", place: place, address: address))
            return String(decoding: try file([transfer]).pain001(format, from: sepa()), as: UTF8.self)
        }
        #expect(try text("BNPAFRPP", .pain00103).contains("<BIC>BNPAFRPP<"))
        #expect(try !text("BNPAFR0P", .pain00103).contains("CdtrAgt"))
        #expect(try text("BNPAFR0P", .pain00109).contains("<BICFI>BNPAFR0P<"))
        let good = try text("BNPAFRPP", .pain00103)
        for place in ["PSSTFRPPLIL", "BNPAFRPP"] {
            #expect(throws: BankRefusal.self, "\(place)") {
                try Pain001Check.verify(Array(good.replacing(place, with: "BNPAFR0P").utf8))
            }
        }
    }

    @Test("what the schema lets through and a bank would not is found")
    func damage() throws {
        let bytes = try file([european("payout-1", 404), european("payout-2", 5)]).pain001(.pain00109, from: sepa())
        try Pain001Check.verify(bytes)
        let text = String(decoding: bytes, as: UTF8.self)
        for (from, to) in [
            (">4.04<", ">4.05<"), ("<NbOfTxs>2<", "<NbOfTxs>3<"), ("<CtrlSum>4.09<", "<CtrlSum>4.90<"),
            ("DE89370400440532013000", "DE89370400440532013001"), ("payout-2", "payout-1"),
            ("Ccy=\"EUR\"", "Ccy=\"USD\""),
            ("SLEV", "DEBT"), ("payout-1", "payout_1"), (">Zofie", ">Žofie"), ("FR1420041010050500013M02606", "x"),
            (">4.04<", ">-4.04<"),
        ] {
            let damaged = text.replacing(from, with: to)
            #expect(damaged != text)
            #expect(throws: BankRefusal.self, "\(from)") { try Pain001Check.verify(Array(damaged.utf8)) }
        }
    }

    @Test("each rule of a file has its refusal")
    func rules() throws {
        func why(_ order: CreditTransferFile) throws -> BankRefusal? {
            let debtor = try sepa()
            do {
                _ = try order.pain001(.pain00109, from: debtor)
                return nil
            } catch { return error }
        }
        let good = try european("a", 1)
        #expect(try why(file([good])) == nil)
        #expect(try why(file([])) == .nothing)
        #expect(try why(file([good], id: "with_underscore")) == .unsound("message id"))
        #expect(try why(file([good], on: LocalDay("2026-04-03"))) == .unsound("banks are closed on 2026-04-03"))
        #expect(try why(file([good, good])) == .unsound("an id stands twice"))
        #expect(try why(file([european("a_b", 1)])) == .unsound("the id a_b"))
        #expect(try why(file([european("a", 1, .usd)])) == .unsound("the currency of a"))
        #expect(try why(file([european("a", 0)])) == .unsound("the amount of a"))
        #expect(try why(file([european("a", 100_000_000_000)])) == .unsound("the amount of a"))
        #expect(throws: BankRefusal.format) { try file([good]).pain001(.nacha, from: sepa()) }
        #expect(throws: BankRefusal.unsound("an entry without a trace number")) {
            try file([american("a", 1, trace: 0)]).nacha(from: ach(), as: Self.fileID)
        }
    }

    @Test("a NACHA file has persons and firms in batches of their own, and adds up")
    func nacha() throws {
        let order = try file([
            american("payout-01kjr5kj40fvsvmzec1g6jp6n3", 404, trace: 1), american("b", 505, trace: 2, .company),
            american("c", 606, trace: 10_000_000),
        ])
        let bytes = try order.nacha(from: ach(), as: Self.fileID)
        #expect(try order.nacha(from: ach(), as: Self.fileID) == bytes)
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        // The day and the minute of the house's clock: 3 March, 1:37.
        #expect(lines[0].dropFirst(23).hasPrefix("2603030137A094101"), "\(lines[0])")
        #expect(lines[1].dropFirst(63).hasPrefix("260303260303"), "\(lines[1])")
        #expect(lines.count == 10 && lines.allSatisfy { $0.count == 94 })
        #expect(lines[1].contains("PPD") && lines[5].contains("CCD"))
        #expect(lines[2].hasSuffix("021000020000001") && lines[3].hasSuffix("021000020000001"))
        #expect(lines[2].dropFirst(39).hasPrefix("VMZEC1G6JP6N3") == false)
        #expect(lines[2].contains("0000000404"))
        let text = String(decoding: bytes, as: UTF8.self)
        for (from, to) in [("0000000404", "0000000405"), ("BEA O'HARA", "BEA OHARA"), ("011000015", "011000016")] {
            #expect(throws: BankRefusal.self, "\(from)") {
                try NACHAReader.read(Array(text.replacing(from, with: to).utf8))
            }
        }
        #expect(throws: BankRefusal.self) { try NACHAReader.read(Array(bytes.dropLast(95))) }
    }

    @Test("the files of a day have the letters and then the digits, and there is none behind the last")
    func modifiers() throws {
        let day = try #require(Self.day)
        #expect(
            String(try (0..<36).map { try ACHFileID.modifier(after: $0, on: day) })
                == "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        #expect(throws: BankRefusal.dayFull(day)) { try ACHFileID.modifier(after: 36, on: day) }
        let order = try file([american("a", 1, trace: 1)])
        let bytes = try order.nacha(from: ach(), as: ACHFileID(day: day, minute: 0, modifier: "9"))
        #expect(String(decoding: bytes, as: UTF8.self).dropFirst(23).hasPrefix("26030300009094101"))
    }

    @Test("whatever is asked for comes out as it went in, whatever the names")
    func anyFile() throws {
        for seed in UInt64(1)...60 {
            var generator = SeededGenerator(seed: seed)
            let amounts = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                Int64.random(in: 1...99_999_999_999, using: &generator)
            }
            let euros = try file(amounts.enumerated().map { try european("e\($0.offset)", $0.element) })
            let xml = String(decoding: try euros.pain001(.pain00103, from: sepa()), as: UTF8.self)
            let sum = Money(amounts.reduce(0, +), .eur).decimal
            #expect(xml.contains("<CtrlSum>\(sum)</CtrlSum>"), "seed \(seed)")
            let dollars = try file(
                amounts.enumerated().map {
                    try american(
                        "d\($0.offset)", $0.element % 9_999_999_999 + 1, trace: Int64($0.offset) + 1,
                        Bool.random(using: &generator) ? .person : .company)
                })
            let ach = try dollars.nacha(from: ach(), as: Self.fileID)
            #expect(ach.count % 950 == 0, "seed \(seed)")
        }
    }
}
