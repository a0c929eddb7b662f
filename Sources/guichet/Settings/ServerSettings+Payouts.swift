import BoxOffice
import Foundation
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
        suspenseDays = Int(try Self.number(.payoutsSuspense, 0...3_650, reader))
        inboxMinutes = try Self.number(.payoutsInbox, 1...10_080, reader)
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
