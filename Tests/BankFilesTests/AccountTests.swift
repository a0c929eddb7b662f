import BankFiles
import Schemas
import Simulation
import Testing
import Values

@Suite("Accounts at banks")
struct AccountTests {
    @Test(
        "an IBAN of the SEPA area is taken with and without spaces",
        arguments: [
            // Examples of the registry of IBAN formats.
            "FR14 2004 1010 0505 0001 3M02 606", "DE89370400440532013000", "GB29NWBK60161331926819",
            "NL91 ABNA 0417 1643 00", "MT84MALT011000012345MTLCAST001S", "NO9386011117947", "be68539007547034",
        ])
    func goodIBAN(text: String) throws {
        #expect(try IBAN(text).text == text.uppercased().replacing(" ", with: ""))
    }

    @Test(
        "what is no IBAN is refused",
        arguments: [
            "", "FR", "FR1420041010050500013M02607", "FR1420041010050500013M0260", "DE88370400440532013000",
            "US89370400440532013000", "DE8937040044053201300O", "DEXX370400440532013000", "DE89370400440532013000000",
            "ZZ89370400440532013000", "DE89 3704 0044 0532 0130 0é",
        ])
    func badIBAN(text: String) { #expect(throws: BankRefusal.iban) { try IBAN(text) } }

    @Test("every single wrong character and every two swapped ones are found")
    func checkDigits() throws {
        let good = Array("DE89370400440532013000")
        for index in 2..<good.count {
            for digit in "0123456789" where digit != good[index] {
                var wrong = good
                wrong[index] = digit
                #expect(throws: BankRefusal.iban, "\(String(wrong))") { try IBAN(String(wrong)) }
            }
            if index + 1 < good.count, good[index] != good[index + 1] {
                var swapped = good
                swapped.swapAt(index, index + 1)
                #expect(throws: BankRefusal.iban, "\(String(swapped))") { try IBAN(String(swapped)) }
            }
        }
    }

    @Test("a BIC has eight or eleven characters, each of those that banks take there")
    func bics() throws {
        #expect(try BIC("bnpafrpp").text == "BNPAFRPP")
        #expect(try BIC("BNPAFRPPXXX").text == "BNPAFRPPXXX")
        #expect(try BIC("DEUTDEDBFRA").text == "DEUTDEDBFRA" && BIC("ABNANL2A").text == "ABNANL2A")
        for wrong in ["", "BNPAFRP", "BNPA12PP", "BNPAFRPPXX", "BNPAFRPP-XX", "BNPÀFRPP"] {
            #expect(throws: BankRefusal.bic, "\(wrong)") { try BIC(wrong) }
            #expect(throws: BankRefusal.bic, "\(wrong)") { try BIC(stored: wrong) }
        }
        // The older version of pain.001 takes none of them, the newer one does.
        for wrong in ["BNP1FRPP", "1NPAFRPP", "BNPAFR0P", "BNPAFR1P", "BNPAFRPO", "BNPAFRPOXXX"] {
            #expect(throws: BankRefusal.bic, "\(wrong)") { try BIC(wrong) }
            #expect(try !BIC(stored: wrong).fitsOldFiles, "\(wrong)")
        }
    }

    @Test("a routing number is checked by its last digit")
    func routings() throws {
        // Of the Federal Reserve's own directory: Chase New York, Bank of America, the Boston Fed.
        for good in ["021000021", "026009593", "011000015"] { #expect(try RoutingNumber(good).text == good) }
        for wrong in ["", "021000022", "000000000", "02100002", "0210000210", "02100002A", "120000021"] {
            #expect(throws: BankRefusal.routing, "\(wrong)") { try RoutingNumber(wrong) }
        }
    }

    private static let town = try? PostalAddress(town: "Paris", country: "FR")

    @Test("names and addresses are such as a bank can read")
    func names() throws {
        let address = try #require(Self.town)
        let place = PayeeAccount.Place.sepa(try IBAN("DE89370400440532013000"), nil)
        for good in ["Ana", "Žofie Dvořáková", String(repeating: "x", count: 70)] {
            #expect(try PayeeAccount(legalName: good, place: place, address: address).legalName == good)
        }
        for wrong in ["", String(repeating: "x", count: 71), "王", "---", "Ana\0", "Ana\nBea", "Ana\u{202E}"] {
            #expect(throws: BankRefusal.name, "\(wrong)") {
                try PayeeAccount(legalName: wrong, place: place, address: address)
            }
        }
        for (town, country) in [
            ("", "FR"), ("Paris", "fr"), ("Paris", "FRA"), (String(repeating: "x", count: 36), "FR"),
        ] {
            #expect(throws: BankRefusal.address, "\(town)") { try PostalAddress(town: town, country: country) }
        }
        #expect(throws: BankRefusal.address) {
            try PostalAddress(street: String(repeating: "x", count: 71), town: "Paris", country: "FR")
        }
        let routing = try RoutingNumber("021000021")
        for wrong in ["123", "123456789012345678", "12 34", "12é4"] {
            #expect(throws: BankRefusal.account, "\(wrong)") {
                try PayeeAccount(
                    legalName: "Ana", place: .us(routing, account: wrong, .checking, .person), address: address)
            }
        }
    }

    @Test("an account is shown by its ends only")
    func masks() throws {
        let address = try #require(Self.town)
        let sepa = try PayeeAccount(
            legalName: "Ana", place: .sepa(try IBAN("DE89370400440532013000"), nil), address: address)
        #expect(sepa.masked == "DE89…3000")
        #expect("\(try IBAN("DE89370400440532013000"))" == "DE89…3000")
        let us = try PayeeAccount(
            legalName: "Bea", place: .us(try RoutingNumber("021000021"), account: "1234", .savings, .company),
            address: address)
        #expect(us.masked == "021000021 …34")
    }

    @Test("texts are brought into the letters of banks")
    func letters() {
        for (text, expected) in [
            ("Žofie Dvořáková", "Zofie Dvorakova"), ("Müller & Söhne", "Muller + Sohne"), ("Straße 5", "Strasse 5"),
            ("/a//b/", "a/b"), ("  x \n y ", "x y"), ("a_b;c", "a-b,c"), ("½", "."), ("łódź", "lodz"),
        ] {
            #expect(BankText.sepa(text, most: 70) == expected, "\(text)")
            #expect(BankText.isSEPA(BankText.sepa(text, most: 70)))
        }
        #expect(BankText.sepa("abcdef", most: 3) == "abc")
    }

    @Test("whatever is written comes out in the set, within its length, and stays as it is the second time")
    func anyLetters() {
        for seed in UInt64(1)...300 {
            var generator = SeededGenerator(seed: seed)
            let text = String(
                String.UnicodeScalarView(
                    (0..<Int.random(in: 0...60, using: &generator)).compactMap { _ in
                        Unicode.Scalar(UInt32.random(in: 1...0x2FFF, using: &generator))
                    }))
            let once = BankText.sepa(text, most: 35)
            #expect(BankText.isSEPA(once) && once.count <= 35, "seed \(seed): \(once)")
            #expect(BankText.sepa(once, most: 35) == once, "seed \(seed): \(once)")
        }
    }

    @Test("banks are closed on their holidays")
    func holidays() throws {
        func days(_ texts: String...) throws -> [LocalDay] { try texts.map { try #require(LocalDay($0)) } }
        for closed in try days(
            "2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25", "2026-11-28", "2027-03-26",
            "2027-03-29")
        { #expect(!BankHolidays.isTARGET(closed), "\(closed)") }
        for open in try days("2026-04-02", "2026-04-07", "2026-12-24", "2026-07-14", "2026-05-25") {
            #expect(BankHolidays.isTARGET(open), "\(open)")
        }
        for closed in try days(
            "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-09-07", "2026-10-12", "2026-11-11",
            "2026-11-26", "2027-07-05", "2026-12-25")
        { #expect(!BankHolidays.isFederal(closed), "\(closed)") }
        for open in try days("2026-07-03", "2026-05-18", "2026-04-03", "2026-11-27", "2026-12-24") {
            #expect(BankHolidays.isFederal(open), "\(open)")
        }
        let friday = try #require(LocalDay("2026-04-02"))
        #expect(CreditTransferFile.Family.sepa.executionDay(after: friday).description == "2026-04-07")
        #expect(CreditTransferFile.Family.nacha.executionDay(after: friday).description == "2026-04-03")
    }

    @Test("the house's own account is checked as well")
    func debtors() throws {
        #expect(throws: BankRefusal.name) { try DebtorAccount.SEPA(name: "", iban: "x", bic: nil, address: nil) }
        #expect(throws: BankRefusal.iban) { try DebtorAccount.SEPA(name: "G", iban: "x", bic: nil, address: nil) }
        #expect(throws: BankRefusal.bic) {
            try DebtorAccount.SEPA(name: "G", iban: "DE89370400440532013000", bic: "x", address: nil)
        }
        #expect(throws: BankRefusal.account) {
            try DebtorAccount.ACH(companyName: "G", companyID: "1", routing: "021000021", bankName: "B")
        }
        #expect(throws: BankRefusal.routing) {
            try DebtorAccount.ACH(companyName: "G", companyID: "1234567890", routing: "021000022", bankName: "B")
        }
    }

    @Test("every refusal has words in both languages", arguments: BankRefusal.cases)
    func words(refusal: BankRefusal) throws {
        let text = try #require(RefusalTexts.all[refusal.code])
        for language in ["en", "fr"] {
            let words = text.words(in: language, facts: refusal.facts)
            #expect(!(words.title + words.detail + words.next).contains("{"))
        }
    }
}
