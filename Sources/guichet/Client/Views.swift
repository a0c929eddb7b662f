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

    struct Purchase: Decodable {
        let order: OrderID
        let ticket: TicketID
        let token: String
        let seat: Int?
        let price: Money
        let expiresAt: Instant
    }

    struct Ticket: Decodable {
        let ticket: TicketID
        let room: RoomID
        let role: String
        let state: String
        let notBefore, expiresAt: Instant
        let token: String?
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
