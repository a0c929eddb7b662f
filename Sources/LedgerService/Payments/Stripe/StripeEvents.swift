internal import BoxOffice
internal import Foundation
internal import Values

/// Reads Stripe's objects and events as reports. What is not understood is ignored, never guessed.
enum StripeEvents {
    /// Kinds that concern us.
    static let kinds: Set = [
        "checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed", "payment_intent.processing", "payment_intent.succeeded",
        "payment_intent.canceled", "charge.refunded", "refund.created", "refund.updated", "refund.failed",
        "charge.refund.updated", "charge.dispute.created", "charge.dispute.updated", "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated", "charge.dispute.closed", "payout.created", "payout.updated", "payout.paid",
        "payout.failed", "payout.canceled", "transfer.created", "transfer.updated", "transfer.reversed",
    ]

    /// `nil` for bytes that are no event.
    static func read(_ bytes: [UInt8]) -> ProviderEvent? {
        guard let value = StripeValue(bytes: bytes), value["object"].text == "event", let id = value["id"].text,
            let kind = value["type"].text, (1...255).contains(id.utf8.count), kind.utf8.count <= 100
        else { return nil }
        let object = value["data"]["object"]
        // An event of a connected account is about a host's own money, once it left ours.
        let isOurs = value["account"].text == nil
        return ProviderEvent(
            id: id, kind: kind, object: object["id"].text.map { String($0.prefix(255)) } ?? "",
            report: isOurs && kinds.contains(kind) ? report(of: object, in: kind) : nil,
            bodyHash: SHA256Digest(of: bytes))
    }

    /// What an object says of its payment.
    /// - Parameter kind: of the event that brought it; empty for an answer.
    static func report(of object: StripeValue, in kind: String = "") -> ProviderReport? {
        switch object["object"].text {
        case "checkout.session": session(object, kind)
        case "payment_intent": intent(object)
        case "charge": charge(object)
        case "refund":
            refund(object).map { self.report([object["payment_intent"], object["charge"]], of: object, [$0]) }
        case "dispute":
            report([object["payment_intent"], object["charge"]], of: object, dispute(object))
        case "payout": payout(object)
        case "transfer": transfer(object)
        default: nil
        }
    }

    private static func payout(_ object: StripeValue) -> ProviderReport? {
        guard let name = object["id"].text, let amount = money(object, "amount") else { return nil }
        let state: ProviderPayoutState
        switch object["status"].text {
        case "paid": state = .paid
        case "failed", "canceled": state = .failed
        default: state = .pending
        }
        return ProviderReport(payout: ProviderPayout(name: name, amount: amount, state: state))
    }

    /// A transfer to a connected account is made when it exists: Stripe moves the money at once.
    private static func transfer(_ object: StripeValue) -> ProviderReport? {
        guard let name = object["id"].text, let amount = money(object, "amount") else { return nil }
        // Both in Stripe's units.
        let (back, whole) = (object["amount_reversed"].integer ?? 0, object["amount"].integer ?? 0)
        let state: ProviderTransfer.State = back == 0 ? .paid : back >= whole ? .returned : .partlyReturned
        return ProviderReport(
            transfer: ProviderTransfer(
                name: name, ours: object["metadata"]["payout"].text.flatMap { PayoutTransferID($0) }, amount: amount,
                state: state))
    }

    private static func report(
        _ names: [StripeValue], of object: StripeValue, _ facts: [ProviderFact]
    ) -> ProviderReport {
        let ours = object["client_reference_id"].text ?? object["metadata"]["charge"].text
        return ProviderReport(
            charge: ours.flatMap { ChargeID($0) },
            objects: names.compactMap(\.id).filter { (1...255).contains($0.utf8.count) },
            facts: Array(facts.prefix(ProviderReport.limit)))
    }

    private static func session(_ object: StripeValue, _ kind: String) -> ProviderReport {
        var facts: [ProviderFact] = [.opened(url: object["url"].text)]
        let intent = object["payment_intent"]
        switch (object["status"].text, object["payment_status"].text) {
        case ("complete", "paid"):
            if let amount = money(object, "amount_total") { facts.append(.captured(amount)) }
        case ("complete", _):
            // Whoever is asked does not say what happened but how it stands: no second card is tried on this page.
            let isOver = ["requires_payment_method", "canceled"].contains(intent["status"].text)
            facts.append(isOver || kind.hasSuffix("async_payment_failed") ? .ended : .processing)
        case ("expired", _): facts.append(.ended)
        default: break
        }
        // A card that is being looked at may be declined, and another one tried, while the page is open.
        if case .object = intent, object["status"].text != "open" { facts += self.intent(intent).facts }
        return report([object, intent, intent["latest_charge"]], of: object, facts)
    }

    private static func intent(_ object: StripeValue) -> ProviderReport {
        var facts: [ProviderFact] = []
        switch object["status"].text {
        case "succeeded":
            // Older versions of the interface have no amount_received.
            if let amount = money(object, "amount_received") ?? money(object, "amount") {
                facts.append(.captured(amount))
            }
        case "processing": facts.append(.processing)
        case "canceled": facts.append(.ended)
        // `requires_…`: the buyer is on the page; a card that was declined may be followed by another one.
        default: facts.append(.opened(url: nil))
        }
        let charge = object["latest_charge"]
        facts += fees(of: charge["balance_transaction"], .charge)
        facts += charge["refunds"]["data"].list.compactMap { refund($0) }
        return report([object, charge], of: object, facts)
    }

    private static func charge(_ object: StripeValue) -> ProviderReport {
        let refunds = object["refunds"]["data"].list.compactMap { refund($0) }
        return report(
            [object, object["payment_intent"]], of: object, fees(of: object["balance_transaction"], .charge) + refunds)
    }

    private static func refund(_ object: StripeValue) -> ProviderFact? {
        guard let name = object["id"].text, let amount = money(object, "amount") else { return nil }
        let event: RepaymentEvent
        switch object["status"].text {
        case "succeeded": event = .succeeded
        case "failed", "canceled": event = .failed
        default: event = .pending
        }
        return .repayment(
            name: name, ours: object["metadata"]["repayment"].text.flatMap { RepaymentID($0) }, amount: amount, event)
    }

    static func dispute(_ object: StripeValue) -> [ProviderFact] {
        guard let name = object["id"].text, let amount = money(object, "amount") else { return [] }
        var told: Set<DisputeFact> = [.opened]
        switch object["status"].text {
        case "won", "warning_closed": told.insert(.won)
        case "lost": told.insert(.lost)
        default: break
        }
        // Each movement is a line of Stripe's statement: the withdrawal first, the reinstatement with the other sign.
        let movements = object["balance_transactions"].list
        if movements.contains(where: { ($0["amount"].integer ?? 0) < 0 }) { told.insert(.withdrawn) }
        if movements.contains(where: { ($0["amount"].integer ?? 0) > 0 }) { told.insert(.reinstated) }
        return [.dispute(name: name, amount: amount, told)] + movements.flatMap { fees(of: $0, .dispute) }
    }

    /// The fee of a balance transaction; none where it is only named.
    static func fees(of movement: StripeValue, _ reason: ProviderFact.FeeReason) -> [ProviderFact] {
        guard let name = movement["id"].text, let fee = money(movement, "fee") else { return [] }
        return [.fee(movement: name, fee: fee, of: reason)]
    }

    /// An amount with its currency, which Stripe writes small.
    static func money(_ object: StripeValue, _ member: String) -> Money? {
        guard let amount = object[member].integer, amount.magnitude <= UInt64(Money.limit),
            let currency = object["currency"].text.flatMap({ Currency($0.uppercased()) })
        else { return nil }
        return StripeAmount.money(amount, currency)
    }
}
