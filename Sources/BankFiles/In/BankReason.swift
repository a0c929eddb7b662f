/// What banks mean by their reasons: ISO 20022 external codes of returns and rejections, and NACHA return codes.
public enum BankReason {
    /// `AC04, the account is closed`; the code alone where we have no words for it; empty without a code.
    public static func words(_ code: String) -> String {
        known[code].map { "\(code), \($0)" } ?? code
    }

    private static let known = [
        "AC01": "the account number is wrong", "AC03": "the account number is wrong", "AC04": "the account is closed",
        "AC06": "the account is blocked", "AC13": "the account is of another kind",
        "AG01": "the account takes no transfers", "AM04": "too little money on our account",
        "AM05": "it was there twice", "BE04": "the address is missing", "BE05": "the sender is not known there",
        "CUST": "the payee sent it back", "FOCR": "it was called back", "MD07": "the payee has died",
        "MS02": "the payee gives no reason", "MS03": "the bank gives no reason", "RC01": "the bank's name is wrong",
        "RR01": "the payer's account is missing", "RR02": "the payer's name is missing",
        "RR03": "the payee's name is missing", "RR04": "the bank's rules forbid it", "R01": "too little money",
        "R02": "the account is closed", "R03": "there is no such account", "R04": "the account number is wrong",
        "R12": "the branch was sold", "R14": "the payee has died", "R15": "the payee has died",
        "R16": "the account is frozen", "R17": "the account number looks like fraud",
        "R20": "the account takes no transfers", "R23": "the payee refused it",
    ]
}
