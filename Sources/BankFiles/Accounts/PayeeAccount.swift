public import Values

/// Where somebody lives, as far as a bank asks: since November 2026 the SEPA schemes take only structured addresses, at
/// least a town and a country.
public struct PostalAddress: Hashable, Sendable, Codable {
    public let street: String?
    public let building: String?
    public let postcode: String?
    public let town: String
    /// ISO 3166, two capitals.
    public let country: String

    /// - Throws: ``BankRefusal/address``.
    public init(
        street: String? = nil, building: String? = nil, postcode: String? = nil, town: String, country: String
    ) throws(BankRefusal) {
        func fits(_ text: String?, _ most: Int) -> Bool {
            guard let text else { return true }
            return (1...most).contains(text.count) && text.utf8.count <= 4 * most && BankText.isOneLine(text)
                && BankText.isLegible(BankText.sepa(text, most: most))
        }
        // ISO 20022: StrtNm 70, BldgNb 16, PstCd 16, TwnNm 35.
        guard fits(street, 70), fits(building, 16), fits(postcode, 16), fits(town, 35),
            country.utf8.count == 2, country.utf8.allSatisfy({ (0x41...0x5A).contains($0) })
        else { throw .address }
        self.street = street
        self.building = building
        self.postcode = postcode
        self.town = town
        self.country = country
    }
}

/// A payee's account at a bank, with the name under which the bank knows the payee.
public struct PayeeAccount: Hashable, Sendable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case checking, savings
    }

    /// A person gets PPD entries, a firm CCD ones.
    public enum Holder: String, Hashable, Sendable, Codable, CaseIterable {
        case person, company
    }

    public enum Place: Hashable, Sendable {
        case sepa(IBAN, BIC?)
        case us(RoutingNumber, account: String, Kind, Holder)
    }

    public let legalName: String
    public let place: Place
    public let address: PostalAddress

    /// - Throws: ``BankRefusal/name``, ``BankRefusal/account``.
    public init(legalName: String, place: Place, address: PostalAddress) throws(BankRefusal) {
        guard (1...70).contains(legalName.count), legalName.utf8.count <= 280, BankText.isOneLine(legalName),
            BankText.isLegible(BankText.sepa(legalName, most: 70))
        else { throw .name }
        if case .us(_, let account, _, _) = place {
            let isAccount = account.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || $0 == 0x2D
            }
            guard (4...17).contains(account.utf8.count), isAccount else { throw .account }
        }
        self.legalName = legalName
        self.place = place
        self.address = address
    }

    /// What people may see of it: `FR76…0189`, `021000021 …6789`.
    public var masked: String {
        switch place {
        case .sepa(let iban, _): iban.masked
        case .us(let routing, let account, _, _): "\(routing.text) …\(account.suffix(min(4, account.count - 2)))"
        }
    }

    /// The currency in which it is paid by a file.
    public var currency: Currency {
        switch place {
        case .sepa: .eur
        case .us: .usd
        }
    }
}
