public import Values

/// Why bank details or bank files are not taken.
public enum BankRefusal: Refusal, Hashable {
    case iban, bic, routing
    /// 4 to 17 digits, capitals and hyphens, and what belongs to it.
    case account
    /// Nothing of it can be written in the letters that banks take, or it is too long.
    case name
    /// A town and a country of two letters are needed; a street and a post code where there are some.
    case address
    /// The house's own account is not in its settings.
    case debtor
    /// Nothing of the batch goes to a bank by a file of this kind.
    case nothing
    case fileUnknown
    /// No such format, or not one of this file.
    case format
    /// So many files were made on this day that there is no name left for another one.
    case dayFull(LocalDay)
    /// The file would break a rule of its own: found before a bank finds it.
    case unsound(String)
    /// What was handed in is not a bank's file that can be read.
    case unreadable(String)
    /// The same bytes were taken in before.
    case taken

    public static let cases: [BankRefusal] = [
        .iban, .bic, .routing, .account, .name, .address, .debtor, .nothing, .fileUnknown, .format,
        .dayFull(LocalDay(daysSince1970: 0)), .unsound(""), .unreadable(""), .taken,
    ]

    public var code: String {
        switch self {
        case .iban: "bank_iban"
        case .bic: "bank_bic"
        case .routing: "bank_routing"
        case .account: "bank_account"
        case .name: "bank_name"
        case .address: "bank_address"
        case .debtor: "bank_debtor"
        case .nothing: "bank_file_nothing"
        case .fileUnknown: "bank_file_unknown"
        case .format: "bank_file_format"
        case .dayFull: "bank_file_day_full"
        case .unsound: "bank_file_unsound"
        case .unreadable: "bank_report_unreadable"
        case .taken: "bank_report_taken"
        }
    }

    public var facts: [String: String] {
        switch self {
        case .dayFull(let day): ["day": day.description]
        case .unsound(let why), .unreadable(let why): ["why": why]
        case .iban, .bic, .routing, .account, .name, .address, .debtor, .nothing, .fileUnknown, .format, .taken: [:]
        }
    }
}
