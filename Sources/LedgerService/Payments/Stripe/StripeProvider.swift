internal import AsyncHTTPClient
public import BoxOffice
internal import Foundation
internal import NIOCore
internal import NIOHTTP1
internal import Values

/// A secret that prints as nothing: it can't get into a log, an error or a database by being described.
public struct ProviderSecret: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    let value: String

    /// `nil` for a text that could break a header.
    public init?(_ value: String) {
        guard (1...255).contains(value.utf8.count), value.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            return nil
        }
        self.value = value
    }

    public var description: String { "<hidden>" }
    public var debugDescription: String { "<hidden>" }
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Stripe by HTTPS: Checkout Sessions, PaymentIntents, refunds, disputes and balance transactions.
///
/// Requests are forms, answers JSON; each POST carries an idempotency key that follows from our ids. Our ids travel along
/// (`client_reference_id`, `metadata`), so an event that comes before the answer to our call is understood.
public struct StripeProvider: PaymentProvider {
    public let name = ProviderName.stripe

    /// The version of the interface that is read here; without it Stripe takes the account's.
    static let version = "2024-06-20"
    /// How long a page lives, from the making of the charge on, so that a call which is made again says the same: Stripe
    /// refuses another one under its key. Stripe wants half an hour at least when the call arrives, which leaves as much
    /// for calls that fail; whoever pays after the hold is over gets a seat if one is free.
    static let sessionSeconds: Int64 = 3_600
    /// A session or a charge with everything expanded has some 10 KB.
    private static let answerLimit = 1 << 20

    private let http: HTTPClient
    private let baseURL: String
    private let key: ProviderSecret
    private let patience: TimeAmount

    /// - Parameters:
    ///   - baseURL: `https://api.stripe.com`, or where a double stands.
    ///   - seconds: how long an answer is waited for.
    public init(
        baseURL: String, key: ProviderSecret, seconds: Int64 = 20
    ) {
        var configuration = HTTPClient.Configuration()
        // A key must not travel to where it was not sent.
        configuration.redirectConfiguration = .disallow
        // The deadline of a request ends with the head of its answer.
        configuration.timeout.read = .seconds(seconds)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.key = key
        patience = .seconds(seconds)
    }

    public func shutdown() async { try? await http.shutdown() }

    public func createCheckout(_ order: CheckoutOrder) async throws(ProviderFault) -> ProviderReport {
        let expiry = order.createdAt.advanced(bySeconds: Self.sessionSeconds)
        let form = [
            ("mode", "payment"), ("client_reference_id", order.charge.text), ("metadata[charge]", order.charge.text),
            ("payment_intent_data[metadata][charge]", order.charge.text),
            ("success_url", order.returnTo + ReturnFragment.paid),
            ("cancel_url", order.returnTo + ReturnFragment.left),
            ("expires_at", String(expiry.microseconds / 1_000_000)),
            ("line_items[0][quantity]", "1"),
            ("line_items[0][price_data][currency]", order.amount.currency.code.lowercased()),
            ("line_items[0][price_data][unit_amount]", String(try StripeAmount.units(of: order.amount))),
            (
                "line_items[0][price_data][product_data][name]",
                order.count == 1 ? order.title : "\(order.count) × \(order.title)"
            ),
        ]
        let answer = try await send(.POST, "/v1/checkout/sessions", form, key: order.idempotencyKey)
        guard let answer, let report = StripeEvents.report(of: answer) else { throw .unreadable }
        return report
    }

    public func fetch(_ object: String) async throws(ProviderFault) -> ProviderReport? {
        guard let path = Self.path(of: object), let value = try await send(.GET, path, [], key: nil),
            var report = StripeEvents.report(of: value)
        else { return nil }
        let intent = value["payment_intent"]["id"].text == nil ? value : value["payment_intent"]
        // What is disputed is only said to be so. A key that may not read disputes still tells of the payment.
        if intent["latest_charge"]["disputed"].flag == true, let id = intent["id"].text {
            let disputes = try? await send(.GET, "/v1/disputes?limit=10&payment_intent=\(id)", [], key: nil)
            report.facts += disputes?["data"].list.flatMap { StripeEvents.dispute($0) } ?? []
        }
        return report
    }

    /// The session, which brings its payment along; where no page was told of yet, the payment.
    public func object(toAskAfter objects: [String]) -> String? {
        objects.first { $0.hasPrefix("cs_") } ?? objects.first { $0.hasPrefix("pi_") }
    }

    /// Where an object is asked after, with what it is to bring along.
    private static func path(of object: String) -> String? {
        guard object.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || isAlphanumeric($0) }) else { return nil }
        switch object.split(separator: "_").first {
        case "cs":
            let charge = "payment_intent.latest_charge"
            return "/v1/checkout/sessions/\(object)?expand[]=\(charge).balance_transaction&expand[]=\(charge).refunds"
        case "pi":
            return
                "/v1/payment_intents/\(object)?expand[]=latest_charge.balance_transaction&expand[]=latest_charge.refunds"
        case "ch", "py": return "/v1/charges/\(object)?expand[]=balance_transaction"
        case "re", "pyr": return "/v1/refunds/\(object)"
        case "dp", "du": return "/v1/disputes/\(object)"
        case "tr": return "/v1/transfers/\(object)"
        default: return nil
        }
    }

    public func refund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport {
        guard let intent = order.objects.first(where: { $0.hasPrefix("pi_") }) else {
            throw .refused(code: "no_payment_intent")
        }
        let form = [
            ("payment_intent", intent), ("amount", String(try StripeAmount.units(of: order.amount))),
            ("metadata[charge]", order.charge.text), ("metadata[repayment]", order.repayment.text),
        ]
        let answer = try await send(.POST, "/v1/refunds", form, key: order.idempotencyKey)
        guard let answer, let report = StripeEvents.report(of: answer) else { throw .unreadable }
        return report
    }

    public func findRefund(_ order: RepaymentOrder) async throws(ProviderFault) -> ProviderReport? {
        // Without a payment nothing was given back of it.
        guard let intent = order.objects.first(where: { $0.hasPrefix("pi_") }) else { return nil }
        let query = Self.encoded([("payment_intent", intent), ("limit", "100")])
        guard let answer = try await send(.GET, "/v1/refunds?\(query)", [], key: nil) else { throw .unreadable }
        let made = answer["data"].list.first { $0["metadata"]["repayment"].text == order.repayment.text }
        guard let made else {
            // A payment is of a few tickets: on a second page there would be somebody else's doing. No answer rather
            // than a guess.
            guard answer["has_more"].flag == false else { throw .unreadable }
            return nil
        }
        guard let report = StripeEvents.report(of: made) else { throw .unreadable }
        return report
    }

    public func fetchBalanceTransactions(of objects: [String]) async throws(ProviderFault) -> [ProviderFact]? {
        guard let intent = objects.first(where: { $0.hasPrefix("pi_") }), let path = Self.path(of: intent),
            let answer = try await send(.GET, path, [], key: nil)
        else { return nil }
        let fees = StripeEvents.fees(of: answer["latest_charge"]["balance_transaction"], .charge)
        return fees.isEmpty ? nil : fees
    }

    /// - Returns: `nil` for an object that is not there.
    func send(
        _ method: HTTPMethod, _ path: String, _ form: [(String, String)], key idempotencyKey: String?
    ) async throws(ProviderFault) -> StripeValue? {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(key.value)")
        request.headers.add(name: "Stripe-Version", value: Self.version)
        if let idempotencyKey { request.headers.add(name: "Idempotency-Key", value: idempotencyKey) }
        if method == .POST {
            request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
            request.body = .bytes(ByteBuffer(string: Self.encoded(form)))
        }
        let status: Int
        let body: [UInt8]
        do {
            let response = try await http.execute(request, timeout: patience)
            status = Int(response.status.code)
            body = Array(try await response.body.collect(upTo: Self.answerLimit).readableBytesView)
        } catch { throw .unreachable }
        switch status {
        case 200...299:
            guard let value = StripeValue(bytes: body) else { throw .unreadable }
            return value
        case 404 where method == .GET: return nil
        // 409: the first call under this key is still being carried out. 401, 403: a key that is about to be repaired.
        case 401, 403, 408, 409, 425, 429, 500...599: throw .busy(status: status)
        default:
            let code = StripeValue(bytes: body)?["error"]["code"].text ?? "status_\(status)"
            throw .refused(code: code.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
        }
    }

    /// `application/x-www-form-urlencoded`: everything but letters, digits and `-._~` in hexadecimal.
    static func encoded(_ form: [(String, String)]) -> String {
        form.map { "\(escaped($0.0))=\(escaped($0.1))" }.joined(separator: "&")
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            if isAlphanumeric(byte) || "-._~".utf8.contains(byte) {
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                escaped += "%" + hexadecimal([byte]).uppercased()
            }
        }
        return escaped
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }
}
