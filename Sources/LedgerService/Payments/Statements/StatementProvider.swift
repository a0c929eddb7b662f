public import BoxOffice
internal import HTTPEdge
internal import NIOHTTP1
public import Values

/// A line of a provider's statement that can't be read: somebody has to look, and the lines around it are good.
public struct UnreadableLine: Sendable, Hashable, Error {
    /// As the provider names it; a digest of what it said where it has no name.
    public let name: String
    /// Which part of it is wrong.
    public let why: String
    public let digest: SHA256Digest

    public init(name: String?, why: String, of said: [UInt8]) {
        digest = SHA256Digest(of: said)
        self.name = name.flatMap { ProviderMovement.isLineName($0) ? $0 : nil } ?? "unnamed_\(digest.hex.prefix(16))"
        self.why = why
    }
}

/// A page of a provider's statement.
public struct ProviderStatementPage: Sendable, Hashable {
    /// In the provider's own order.
    public let lines: [ProviderMovement]
    public let unreadable: [UnreadableLine]
    /// Behind which line it goes on; `nil` at the end.
    public let next: String?
    /// What was before is not known to the provider; `nil` where it forgets nothing.
    public let knownSince: Instant?

    public init(
        lines: [ProviderMovement], unreadable: [UnreadableLine] = [], next: String?, knownSince: Instant? = nil
    ) {
        self.lines = lines
        self.unreadable = unreadable
        self.next = next
        self.knownSince = knownSince
    }
}

/// A provider that says line by line what moved our balance there. Asked outside of any transaction; asking again is free.
public protocol StatementProvider: PaymentProvider {
    /// Lines that were made from one instant to another, whole seconds, the second one outside.
    /// - Parameter line: the one behind which the page begins.
    func statement(
        from: Instant, until: Instant, after line: String?
    ) async throws(ProviderFault) -> ProviderStatementPage
}

extension StripeProvider: StatementProvider {
    /// Sources are expanded, since a reversal of a transfer alone does not name the transfer. Fifty of them have some
    /// hundreds of KB, within what is taken of an answer.
    private static let linesPerPage = 50

    public func statement(
        from: Instant, until: Instant, after line: String?
    ) async throws(ProviderFault) -> ProviderStatementPage {
        var query = [
            ("created[gte]", String(from.seconds)), ("created[lt]", String(until.seconds)),
            ("limit", String(Self.linesPerPage)), ("expand[]", "data.source"),
        ]
        if let line { query.append(("starting_after", line)) }
        let answer = try await send(.GET, "/v1/balance_transactions?\(Self.encoded(query))", [], key: nil)
        guard let answer, answer["object"].text == "list", let goesOn = answer["has_more"].flag else {
            throw .unreadable
        }
        let told = answer["data"].list
        // A line that can't be read is not left out: it stands beside the others until somebody has looked.
        var lines: [ProviderMovement] = []
        var unreadable: [UnreadableLine] = []
        for value in told {
            do throws(UnreadableLine) { lines.append(try StripeStatement.line(of: value)) } catch {
                unreadable.append(error)
            }
        }
        // Behind a last line without a name nothing can be asked for.
        let last = told.last?["id"].text
        guard !goesOn || last != nil else { throw .unreadable }
        return ProviderStatementPage(lines: lines, unreadable: unreadable, next: goesOn ? last : nil)
    }
}

/// Reads Stripe's balance transactions.
enum StripeStatement {
    /// - Throws: what is none, or whose net is not its amount without its fee.
    static func line(of value: StripeValue) throws(UnreadableLine) -> ProviderMovement {
        let id = value["id"].text
        func wrong(_ why: String) -> UnreadableLine {
            // Without what changes under a line that stays what it is: its status, and all that its source tells.
            let kept = ["object", "id", "type", "reporting_category", "currency", "amount", "fee", "net", "created"]
            let said = kept.map { value[$0].canonical }.joined(separator: "|")
            return UnreadableLine(name: id, why: why, of: Array(said.utf8))
        }
        guard value["object"].text == "balance_transaction" else { throw wrong("it is no balance transaction") }
        guard let name = id else { throw wrong("it has no id") }
        guard let category = value["reporting_category"].text ?? value["type"].text else {
            throw wrong("it says no category")
        }
        guard let amount = StripeEvents.money(value, "amount"), let fee = StripeEvents.money(value, "fee"),
            let net = StripeEvents.money(value, "net")
        else { throw wrong("amount, fee or net is no sum of a currency") }
        guard let created = instant(value["created"]), let available = instant(value["available_on"]) else {
            throw wrong("a time is none")
        }
        let source = value["source"]
        let related = source["payment_intent"].id ?? source["transfer"].id ?? source["charge"].id
        let ours = source["metadata"]["repayment"].text ?? source["metadata"]["payout"].text
        let line = ProviderMovement(
            name: name, kind: kind(category), category: category, source: source.id ?? "", related: related ?? "",
            ours: ours.flatMap { ProviderMovement.isLineName($0) ? $0 : nil }, amount: amount, fee: fee, net: net,
            createdAt: created, availableAt: available)
        guard let line else { throw wrong("net is not amount less fee, or a name is none") }
        return line
    }

    /// By Stripe's reporting categories; what is not one of ours is for somebody to look at.
    private static func kind(_ category: String) -> ProviderMovementKind {
        switch category {
        case "charge": .charge
        case "refund": .refund
        case "refund_failure": .refundFailure
        case "dispute": .dispute
        case "dispute_reversal": .disputeReversal
        case "payout": .payout
        case "payout_reversal": .payoutReversal
        case "transfer": .transfer
        case "transfer_reversal": .transferReversal
        case "fee", "network_cost": .fee
        default: .other
        }
    }

    /// Seconds since 1970, from 2001 to 2286: what is not is no time of a statement.
    private static func instant(_ value: StripeValue) -> Instant? {
        guard let seconds = value.integer, (1_000_000_000..<10_000_000_000).contains(seconds) else { return nil }
        return Instant(seconds: seconds)
    }
}

extension SandboxProvider: StatementProvider {
    /// Few, so that a test of some payments turns a page.
    private static let linesPerPage = 3

    public func statement(
        from: Instant, until: Instant, after line: String?
    ) async throws(ProviderFault) -> ProviderStatementPage {
        try call { state in
            let all = state.lines.filter { $0.createdAt >= from && $0.createdAt < until }
            let start = line.flatMap { name in all.firstIndex { $0.name == name }.map { $0 + 1 } } ?? 0
            let page = Array(all.dropFirst(start).prefix(Self.linesPerPage))
            let goesOn = start + page.count < all.count
            return ProviderStatementPage(
                lines: page, next: goesOn ? page.last?.name : nil, knownSince: state.startedAt)
        }
    }
}

extension SandboxProvider.Memory {
    /// Writes a line into the statement, once by its name; none before the sandbox has a clock.
    mutating func state(
        _ name: String, _ kind: ProviderMovementKind, of source: String, related: String = "", ours: String? = nil,
        amount: Money, fee: Money? = nil
    ) {
        guard let now = clock?.now(), !lines.contains(where: { $0.name == name }) else { return }
        let fee = fee ?? Money(0, amount.currency)
        let line = ProviderMovement(
            name: name, kind: kind, category: kind.rawValue, source: source, related: related, ours: ours,
            amount: amount, fee: fee, net: amount - fee, createdAt: now, availableAt: now)
        if let line { lines.append(line) }
    }

    /// Writes down what a fact did to the balance.
    mutating func state(_ fact: ProviderFact, on checkout: String, of paid: Money) {
        switch fact {
        case .opened, .processing, .ended, .dispute: break
        case .captured(let amount):
            state(
                "movement_\(checkout)", .charge, of: checkout, amount: amount, fee: SandboxProvider.fee(of: amount))
        case .fee(let movement, let fee, _):
            // The fee of a dispute stands in the line that takes or gives back its money.
            let isTaken = fee.isPositive
            state(
                movement, isTaken ? .dispute : .disputeReversal, of: "dispute_\(checkout)", related: checkout,
                amount: isTaken ? -paid : paid, fee: fee)
        case .repayment(let name, let ours, let amount, let event):
            let went = "movement_\(name)"
            switch event {
            case .pending: break
            case .succeeded:
                state(went, .refund, of: name, related: checkout, ours: ours?.text, amount: -amount)
            case .failed where lines.contains(where: { $0.name == went }):
                state("failed_\(name)", .refundFailure, of: name, related: checkout, ours: ours?.text, amount: amount)
            case .failed: break
            }
        }
    }
}
