public import BoxOffice
public import HTTPEdge
internal import Foundation
public import Logging
internal import Store
public import Values

/// The ledger and its payment providers: what has to speak with the world outside stands here, outside of every
/// transaction. Each call is owed in the database first, so that whoever dies in the middle leaves it to the next.
public struct PaymentDesk: Sendable {
    public let service: LedgerService
    let providers: [ProviderName: any PaymentProvider]
    public let sandbox: SandboxProvider?
    /// Checks what claims to come from Stripe; `nil` takes nothing in.
    let stripeEvents: StripeSignature?
    /// Where buyers are sent back to: the address of the pages.
    let publicURL: String
    let logger: Logger
    /// How long an answer is waited for where a provider is asked after a payment.
    let askPatience: Duration
    let askLimiter = AskLimiter()

    /// Events that wait longer than this are called out: an object that nobody here knows, or a provider that can't be
    /// asked. Stripe's own retries go on for three days.
    public static let alarmAge: Int64 = 3_600

    /// What a payer reads on the provider's page, in a language that the house does not know.
    private static let topupTitle = "Guichet: wallet"

    public init(
        service: LedgerService, providers: [any PaymentProvider] = [], stripeEvents: StripeSignature? = nil,
        publicURL: String = "", logger: Logger = Logger(label: "payments"), askPatience: Duration = .seconds(5)
    ) {
        self.service = service
        self.providers = Dictionary(providers.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        sandbox = providers.lazy.compactMap { $0 as? SandboxProvider }.first
        sandbox?.follow(service.clock)
        self.stripeEvents = stripeEvents
        self.publicURL = publicURL
        self.logger = logger
        self.askPatience = askPatience
    }

    /// What the house takes payments through, by name.
    public var names: [ProviderName] { providers.keys.sorted { $0.rawValue < $1.rawValue } }

    /// Keeps seats and gives the page on which to pay them. If the provider does not answer now, the page comes later: the
    /// charge says where it is once it is there.
    public func checkout(
        _ order: TicketOrder, through provider: ProviderName, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeView {
        _ = try service.buyer(caller)
        guard providers[provider] != nil else { throw ChargeRefusal.providerUnknown }
        let id = try await service.openCharge(order, through: provider, key: key, by: caller)
        return try await page(of: id, through: provider, by: caller)
    }

    /// Keeps the seats that were quoted and gives the page on which to pay them.
    public func checkout(
        quote token: String, through provider: ProviderName, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeView {
        _ = try service.buyer(caller)
        guard providers[provider] != nil else { throw ChargeRefusal.providerUnknown }
        let id = try await service.openCharge(quote: token, through: provider, key: key, by: caller)
        return try await page(of: id, through: provider, by: caller)
    }

    /// Gives the page on which to pay seats that are offered to a waiting party.
    public func checkout(
        waiting: WaitingID, through provider: ProviderName, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeView {
        _ = try service.buyer(caller)
        guard providers[provider] != nil else { throw ChargeRefusal.providerUnknown }
        let id = try await service.openCharge(ofWaiting: waiting, through: provider, key: key, by: caller)
        return try await page(of: id, through: provider, by: caller)
    }

    /// Gives the page on which to fill the caller's wallet.
    public func checkout(
        topup amount: Money, of holder: HolderID, from origin: TopupPage?, through provider: ProviderName,
        key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeView {
        _ = try service.buyer(caller)
        guard providers[provider] != nil else { throw ChargeRefusal.providerUnknown }
        let id = try await service.openTopup(
            amount, of: holder, from: origin, through: provider, key: key, by: caller)
        return try await page(of: id, through: provider, by: caller)
    }

    /// A charge whose page was asked for, if nobody has done so before.
    private func page(
        of id: ChargeID, through provider: ProviderName, by caller: Caller
    ) async throws -> ChargeView {
        let view = try await service.charge(id, by: caller)
        guard view.state == ChargeState.created.rawValue else { return view }
        await make(ProviderCallRow(provider: provider, kind: .checkout, charge: id, createdAt: view.createdAt))
        return try await service.charge(id, by: caller)
    }

    /// Sends money of a wallet back to whoever paid the charge.
    public func repay(
        _ amount: Money?, of charge: ChargeID, key: IdempotencyKey, by caller: Caller
    ) async throws -> ChargeView {
        let id = try await service.openRepayment(amount, of: charge, key: key, by: caller)
        let view = try await service.charge(charge, by: caller)
        let provider = ProviderName(rawValue: view.provider)
        if let provider, view.repayments.contains(where: { $0.repayment == id && $0.state == "requested" }) {
            await make(
                ProviderCallRow(
                    provider: provider, kind: .refund, charge: charge, repayment: id, createdAt: view.createdAt))
        }
        return try await service.charge(charge, by: caller)
    }

    /// An operator says what the manual provider would: the money is here, or it went back.
    public func confirm(
        _ id: ChargeID, _ confirmation: ManualConfirmation, by caller: Caller
    ) async throws -> ChargeView {
        try service.requireOperator(caller)
        let view = try await service.charge(id, by: caller)
        guard view.provider == ProviderName.manual.rawValue else { throw ChargeRefusal.notManual }
        let event = try confirmation.event(of: view)
        try await service.takeIn(event, from: .manual)
        try await readEvents()
        return try await service.charge(id, by: caller)
    }

    /// Takes an event of Stripe in: the raw bytes and the header as they came.
    public func takeStripeEvent(_ bytes: [UInt8], signature header: String?) async throws {
        guard let stripeEvents, stripeEvents.verifies(bytes, header: header, at: service.clock.now()) else {
            throw ChargeRefusal.eventSignature
        }
        guard let event = StripeEvents.read(bytes) else { throw ChargeRefusal.eventBody }
        try await service.takeIn(event, from: .stripe)
    }

    /// Plays what a buyer or a bank does with a checkout of the sandbox.
    public func play(_ outcome: SandboxOutcome, on checkout: String) async throws -> [String] {
        guard let sandbox else { throw ChargeRefusal.sandboxCheckout }
        let events = try sandbox.play(outcome, on: checkout)
        for event in events { try await service.takeIn(event, from: .sandbox) }
        return events.map(\.id)
    }

    /// One turn of the worker: makes the calls that are due, reads the events that came, and asks where none came.
    /// - Returns: whether there was something to do.
    @discardableResult
    public func turn() async throws -> Bool {
        let made = try await makeCalls()
        let sent = try await makeTransfers()
        let read = try await readEvents()
        let asked = try await askAfterPayments()
        return made || sent || read || asked
    }

    /// Events that wait for longer than ``alarmAge``.
    public func waiting() async throws -> [String] {
        let limit = service.clock.now().advanced(bySeconds: -Self.alarmAge)
        return try await service.database.read { try $0.waitingEvents(before: limit, limit: 100) }.map {
            "\($0.provider.rawValue) \($0.event) \($0.kind)"
        }
    }

    // The outbox

    private func makeCalls() async throws -> Bool {
        let now = service.clock.now()
        let lease = now.advanced(bySeconds: 3 * LedgerService.callLease)
        let isDue = try await service.database.read { try $0.hasDueCalls(at: now) }
        guard isDue else { return false }
        let calls = try await service.database.write { try $0.takeCalls(at: now, lease: lease, limit: 20) }
        for call in calls { await make(call) }
        return !calls.isEmpty
    }

    /// Makes a call and books its answer. What fails for now stays owed.
    private func make(_ call: ProviderCallRow) async {
        guard let provider = providers[call.provider] else { return }
        do {
            guard let report = try await answer(of: provider, to: call) else { return try await later(call) }
            try await service.answer(call, with: report)
        } catch let fault as ProviderFault {
            logger.notice(
                "provider", metadata: ["call": "\(call.call)", "fault": "\(fault)", "tries": "\(call.tries)"])
            do {
                if case .refused(let code) = fault {
                    try await service.refuse(call, code: String(code.prefix(80)))
                } else {
                    try await later(call)
                }
            } catch { logger.warning("provider", metadata: ["call": "\(call.call)", "fault": "\(error)"]) }
        } catch {
            // The answer could not be stored: the call is made again under its key, and gets the same answer.
            logger.warning("provider", metadata: ["call": "\(call.call)", "fault": "\(error)"])
        }
    }

    /// - Returns: `nil` for an answer that is not there yet.
    private func answer(of provider: any PaymentProvider, to call: ProviderCallRow) async throws -> ProviderReport? {
        switch call.kind {
        case .checkout:
            return try await provider.createCheckout(try await checkoutOrder(call))
        case .refund: return try await refund(through: provider, call)
        case .fees:
            let objects = try await service.database.read { try $0.objects(of: call.charge) }
            return try await provider.fetchBalanceTransactions(of: objects).map {
                ProviderReport(charge: call.charge, objects: [], facts: $0)
            }
        }
    }

    private func checkoutOrder(_ call: ProviderCallRow) async throws -> CheckoutOrder {
        let (row, held, room) = try await service.database.read { transaction in
            let row = try transaction.charge(call.charge)
            return (
                row, try row?.charge.purchase.flatMap { try transaction.heldPurchase($0) },
                try row?.room.flatMap { try transaction.room($0) }
            )
        }
        guard let row, row.charge.purchase == nil || (held != nil && room != nil) else {
            throw StoreFault.corrupt(column: "provider_calls.charge")
        }
        let page = row.room.map { "/r/\($0)" } ?? row.series.map { "/s/\($0)" } ?? "/"
        return CheckoutOrder(
            charge: call.charge, amount: row.charge.amount, title: held == nil ? Self.topupTitle : room?.title ?? "",
            count: held?.hold.count ?? 1, returnTo: publicURL + page, createdAt: row.charge.createdAt,
            idempotencyKey: call.call)
    }

    private func later(_ call: ProviderCallRow) async throws {
        // 2, 4, 8 … seconds, and then every quarter of an hour.
        let pause = min(Int64(2) << min(call.tries, 10), 900)
        let due = service.clock.now().advanced(bySeconds: pause)
        try await service.database.write { try $0.postpone(call, until: due) }
    }

    // The inbox

    @discardableResult
    func readEvents() async throws -> Bool {
        let now = service.clock.now()
        let due = try await service.database.read { try $0.dueEvents(at: now, limit: 50) }
        for (event, tries) in due {
            do {
                try await read(event, tries: tries)
            } catch let fault as StoreFault where fault.isTransient {
                throw fault
            } catch {
                // One event that can't be booked must not stand before all that come behind it.
                let why = (error as? any Refusal)?.code ?? "fault"
                logger.error("provider", metadata: ["event": "\(event.event)", "set aside": "\(why)"])
                try await service.setAside(event, because: why)
            }
        }
        return !due.isEmpty
    }

    private func read(_ event: ProviderEventRow, tries: Int) async throws {
        guard try await service.read(event) else { return }
        // Parked: what the provider says of the object may name the payment.
        guard tries > 0 || !event.object.isEmpty, let provider = providers[event.provider] else { return }
        do {
            if let learned = try await provider.fetch(event.object) {
                _ = try await service.read(event, learned: learned)
            }
        } catch let fault as ProviderFault {
            logger.notice("provider", metadata: ["event": "\(event.event)", "fault": "\(fault)"])
        }
    }
}

/// What an operator says of a manual charge.
public enum ManualConfirmation: Sendable, Hashable {
    /// The money is here.
    case received(Money, reference: String)
    /// A repayment went, or did not.
    case repaid(RepaymentID, RepaymentEvent)

    /// As an event: named by what it says, so that saying it twice is saying it once.
    func event(of charge: ChargeView) throws -> ProviderEvent {
        let fact: ProviderFact
        let name: String
        switch self {
        case .received(let amount, let reference):
            guard (1...200).contains(reference.utf8.count), isPrintable(reference, characters: 1...200) else {
                throw SuspenseRefusal.words
            }
            guard (1...Money.limit).contains(amount.minorUnits) else { throw SuspenseRefusal.amount }
            fact = .captured(amount)
            name = "received \(charge.charge)"
        case .repaid(let id, let event):
            guard let repayment = charge.repayments.first(where: { $0.repayment == id }) else {
                throw ChargeRefusal.unknown
            }
            fact = .repayment(name: "manual \(id)", ours: id, amount: repayment.amount, event)
            name = "\(event.rawValue) \(id)"
        }
        let report = ProviderReport(charge: charge.charge, objects: [], facts: [fact])
        return ProviderEvent(
            id: name, kind: "manual", object: "", report: report, bodyHash: SHA256Digest(of: text(of: report)))
    }
}
