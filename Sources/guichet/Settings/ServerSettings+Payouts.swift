import BankFiles
import BoxOffice
import Foundation
import LedgerService
import Values

extension PayoutSafeguards {
    /// Reads the settings about payouts.
    /// - Throws: ``CommandFailure`` that names the setting and what it should be.
    init(_ reader: SettingsReader) throws {
        self.init()
        oneApprovalUpTo = try Self.amounts(.payoutsOneApproval, reader)
        itemAbove = try Self.amounts(.payoutsItemAbove, reader)
        totalAbove = try Self.amounts(.payoutsTotalAbove, reader)
        growthTimes = try Self.number(.payoutsGrowth, 1...1_000, reader)
        coolOffDays = Int(try Self.number(.payoutsCoolOff, 0...90, reader))
        detailsDays = Int(try Self.number(.payoutsDetails, 0...90, reader))
        firstDetailsDays = Int(try Self.number(.payoutsFirstDetails, 0...90, reader))
        suspenseDays = Int(try Self.number(.payoutsSuspense, 0...3_650, reader))
        inboxMinutes = try Self.number(.payoutsInbox, 1...10_080, reader)
        auditHours = try Self.number(.payoutsAudit, 1...720, reader)
    }

    /// `500.00 EUR, 500.00 USD`: one amount a currency.
    private static func amounts(_ setting: Setting, _ reader: SettingsReader) throws -> [Currency: Int64] {
        var amounts: [Currency: Int64] = [:]
        for word in reader.resolve(setting).value.split(separator: ",") {
            guard let money = Money(parsing: word.trimmingCharacters(in: .whitespaces)), money.minorUnits >= 0,
                amounts.updateValue(money.minorUnits, forKey: money.currency) == nil
            else {
                throw CommandFailure(
                    .configuration, "\(setting.key) must be amounts like \"500.00 EUR, 500.00 USD\", one a currency.")
            }
        }
        return amounts
    }

    private static func number(
        _ setting: Setting, _ range: ClosedRange<Int64>, _ reader: SettingsReader
    ) throws -> Int64 {
        guard let number = Int64(reader.resolve(setting).value), range.contains(number) else {
            throw CommandFailure(
                .configuration, "\(setting.key) must be \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}

extension DebtorAccounts {
    /// Reads the house's own accounts; what is half said is refused, so that no file leaves from a guess.
    init(_ reader: SettingsReader) throws {
        self.init()
        func text(_ setting: Setting) -> String? {
            let value = reader.resolve(setting).value
            return value.isEmpty ? nil : value
        }
        do {
            if let name = text(.sepaName), let iban = text(.sepaIBAN) {
                let address = try text(.sepaTown).map { try PostalAddress(town: $0, country: text(.sepaCountry) ?? "") }
                sepa = try DebtorAccount.SEPA(name: name, iban: iban, bic: text(.sepaBIC), address: address)
            } else if text(.sepaName) != nil || text(.sepaIBAN) != nil {
                throw CommandFailure(.configuration, "payouts.sepa needs both name and iban.")
            }
            let ach = [Setting.achCompany, .achCompanyID, .achRouting, .achBank].compactMap(text)
            if ach.count == 4 {
                self.ach = try DebtorAccount.ACH(
                    companyName: ach[0], companyID: ach[1], routing: ach[2], bankName: ach[3])
            } else if !ach.isEmpty {
                throw CommandFailure(
                    .configuration, "payouts.ach needs companyName, companyNumber, routing and bankName.")
            }
        } catch let refusal as BankRefusal {
            throw CommandFailure(.configuration, "The house's own account in the settings payouts: \(refusal.code).")
        }
    }
}
