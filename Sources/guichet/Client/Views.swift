import Foundation
import Values

/// What the commands read of the server's answers: only the members they print, so that a newer server that says
/// more is still understood.
enum Views {
    struct Host: Decodable {
        let host: HostID
        let name: String
        let key: String?
    }

    struct Payee: Decodable {
        let host: HostID
        let withholdingBp: Int64
        let blocked: Bool
        let reason: String?
        let since: Instant?
    }

    struct Room: Decodable {
        let room: RoomID
        let hostName: String?
        let title: String
        let state: String
        let startsAt, endsAt, doorsOpenAt: Instant
        let saleOpensAt: Instant?
        let capacity: Int
        let seatsLeft: Int
        let price: Money
        let priceVersion: Int
        let terms, sharing, holderKey: String?
    }

    struct Rooms: Decodable {
        let rooms: [Room]
    }

    struct Pass: Decodable {
        let ticket: TicketID
        let token: String
        let role: String
    }

    struct NewWallet: Codable {
        let holder: HolderID
        let key: String
    }

    struct Wallet: Decodable {
        let holder: HolderID
        let balances: [Money]
    }

    struct Topup: Decodable {
        let holder: HolderID
        let amount, balance: Money
    }

    struct Tier: Decodable {
        let tier: String
        let kind: String
        let price: Money
        let most: Money?
        let from, until: Instant?
        let placesLeft: Int?
        let phase: String
    }

    struct Prices: Decodable {
        let prices: [Tier]
    }

    struct Leg: Decodable {
        let debit, credit: String
        let amount: Money
    }

    struct Quote: Decodable {
        let count: Int
        let tier: String
        let priceVersion: Int
        let price, discount, gross, vat, fee, hostShare, total: Money
        let postings: [Leg]
        let expiresAt: Instant
    }

    struct Bought: Decodable {
        let ticket: TicketID
        let token: String
        let seat: Int
    }

    struct HoldPayment: Decodable {
        let provider, reference: String
        let amount: Money
        let outcome: String
        let reason: String?
    }

    struct Hold: Decodable {
        let hold: PurchaseID
        let room: RoomID
        let state: String
        let count: Int
        let price, total: Money
        let expiresAt: Instant
        let seats: [Int]
        let payments: [HoldPayment]
        let tickets: [Bought]?
    }

    struct Voucher: Decodable {
        let voucher: VoucherID
        let hint: String
        let percentBp: Int64?
        let amount: Money?
        let uses, used: Int
        let revoked: Bool
        let code: String?
    }

    struct Vouchers: Decodable {
        let vouchers: [Voucher]
    }

    struct Purchase: Decodable {
        let order: OrderID
        let ticket: TicketID
        let token: String
        let seat: Int?
        let price: Money
        let expiresAt: Instant
        let total: Money?
        let tickets: [Bought]?
    }

    struct Ticket: Decodable {
        let ticket: TicketID
        let room: RoomID
        let role: String
        let state: String
        let policy: String?
        let notBefore, expiresAt: Instant
        let token, boundTo: String?
    }

    struct Refund: Decodable {
        let ticket: TicketID
        let amount: Money
    }

    struct Verdict: Decodable {
        let valid: Bool
        let code: String?
        let title: String?
    }
}
