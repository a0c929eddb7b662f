internal import Foundation
public import Values

/// Checks that an event comes from Stripe: `Stripe-Signature: t=…,v1=…` over `t.body` with HMAC-SHA256.
///
/// Several secrets may hold at one time, while one is exchanged for another, and a header may carry several `v1`; other
/// schemes (`v0`) count for nothing. The time must be within 300 s of ours in both directions: Stripe's own library takes
/// an event of tomorrow, which is an event that can be replayed until then.
public struct StripeSignature: Sendable {
    public static let toleranceSeconds: Int64 = 300
    /// More than any exchange of secrets needs.
    private static let maximumSignatures = 8

    private let secrets: [String]

    public init(secrets: [String]) { self.secrets = secrets.filter { !$0.isEmpty } }

    /// - Parameter header: `nil` if there was none.
    public func verifies(_ body: [UInt8], header: String?, at now: Instant) -> Bool {
        guard let header, header.utf8.count <= 2_048 else { return false }
        var time: String?
        var signatures: [[UInt8]] = []
        for item in header.split(separator: ",") {
            let pair = item.split(separator: "=", maxSplits: 1)
            guard pair.count == 2 else { continue }
            switch pair[0] {
            case "t":
                // A second time would leave open which of them was signed.
                guard time == nil else { return false }
                time = String(pair[1])
            case "v1": signatures.append(Array(pair[1].utf8))
            default: continue
            }
        }
        guard let time, let seconds = Int64(time), signatures.count <= Self.maximumSignatures else { return false }
        // Seconds of any clock are far below this; beyond it the arithmetic of instants would stop the process.
        guard (0...100_000_000_000).contains(seconds) else { return false }
        let age = Instant(seconds: seconds).microseconds(until: now)
        guard age.magnitude <= UInt64(Self.toleranceSeconds) * 1_000_000 else { return false }
        var isGood = false
        for secret in secrets {
            let expected = Self.sign(body, at: time, with: secret)
            for signature in signatures where Self.equal(expected, signature) { isGood = true }
        }
        return isGood
    }

    /// The `v1` of a body, in hexadecimal.
    public static func sign(_ body: [UInt8], at time: String, with secret: String) -> [UInt8] {
        Array(hmacSHA256(Array(time.utf8) + [UInt8(ascii: ".")] + body, key: Array(secret.utf8)).hex.utf8)
    }

    /// In a time that does not depend on where the two differ.
    static func equal(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
