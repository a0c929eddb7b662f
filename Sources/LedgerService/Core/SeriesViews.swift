internal import BoxOffice
public import Values

/// A series as anybody may see it.
public struct SeriesView: Sendable, Hashable, Encodable {
    public struct Room: Sendable, Hashable, Encodable {
        public let room: RoomID
        public let title: String
        public let state: String
        public let startsAt: Instant
        public let endsAt: Instant
        /// What a ticket of it costs by itself.
        public let price: Money
        public let seatsLeft: Int
    }

    static let onSale = "on_sale"

    public let series: SeriesID
    public let host: HostID
    public let title: String
    /// Of a pass.
    public let price: Money
    /// What the rooms cost one by one.
    public let together: Money
    public let offerVersion: Int
    public let passes: Int
    public let passesLeft: Int
    /// The end of the sale: as the host says, and at the latest when the first of the rooms is over.
    public let saleEndsAt: Instant
    /// `on_sale`, or the code of the refusal that a buyer would get.
    public let state: String
    public let rooms: [Room]
}

/// What falls on one room of a pass.
public struct PassPartView: Sendable, Hashable, Encodable {
    public let room: RoomID
    /// The price of the room by which the pass is divided.
    public let weight: Money
    public let share: Money
    public let vat: Money
    public let fee: Money
    /// What hosts and platform divide.
    public let base: Money
    public let hostShare: Money
    public let postings: [LegView]
}

/// What a pass costs and posts, before it is bought.
public struct PassQuoteView: Sendable, Hashable, Encodable {
    /// To be sent with the purchase; only for a wallet, since nobody else can buy.
    public let quote: String?
    public let series: SeriesID
    public let offerVersion: Int
    public let price: Money
    public let parts: [PassPartView]
    public let expiresAt: Instant
}

/// A ticket of a pass.
public struct PassTicketView: Sendable, Hashable, Encodable {
    public let room: RoomID
    public let title: String
    public let startsAt: Instant
    public let endsAt: Instant
    public let order: OrderID
    /// The one in force; of a ticket that was passed on, the buyer sees the one they had.
    public let ticket: TicketID
    public let share: Money
    /// As of a ticket; `passed_on` where somebody else than the buyer holds it.
    public let state: String
    public let seat: Int?
    /// For the buyer, while they hold it.
    public let token: String?
    /// Where the ticket is read.
    public let link: String
    /// Where it is used.
    public let page: String
}

/// A pass as its buyer, the host and the platform see it.
public struct SeriesPassView: Sendable, Hashable, Encodable {
    public let pass: SeriesPassID
    public let series: SeriesID
    public let title: String
    public let purchase: PurchaseID
    public let holder: HolderID
    public let price: Money
    public let soldAt: Instant
    public let tickets: [PassTicketView]
}

/// A pass in a list.
public struct PassLine: Sendable, Hashable, Encodable {
    public let pass: SeriesPassID
    public let series: SeriesID
    public let holder: HolderID
    public let price: Money
    public let soldAt: Instant

    init(_ pass: SeriesPass) {
        self.pass = pass.id
        series = pass.series
        holder = pass.holder
        price = pass.price
        soldAt = pass.soldAt
    }
}

/// What giving a pass back does, or did, to each of its tickets.
public struct PassRefundView: Sendable, Hashable, Codable {
    public struct Part: Sendable, Hashable, Codable {
        public let room: RoomID
        public let order: OrderID
        public let ticket: TicketID
        /// `refunded`, `ended`, `passed_on`, or the code that says why its terms give nothing.
        public let outcome: String
        public let amount: Money?

        init(_ part: PassRefundPart) {
            room = part.room
            order = part.order
            ticket = part.ticket
            amount = part.amount
            outcome =
                switch part.outcome {
                case .refunded: "refunded"
                case .ended: "ended"
                case .passedOn: "passed_on"
                case .kept(let code): code
                }
        }
    }

    public let pass: SeriesPassID
    public let total: Money
    public let tickets: [Part]

    init(_ refund: PassRefund, of pass: SeriesPassID) {
        self.pass = pass
        total = refund.total
        tickets = refund.parts.map { Part($0) }
    }
}
