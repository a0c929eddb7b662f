internal import Foundation
internal import Values

/// The secrets that sign deliveries.
///
/// A signing secret has to be known in clear to sign with, so it cannot be kept as a hash as keys of the API are; and
/// the house keeps no private key in its database. So no secret is stored anywhere: each is derived from one key file
/// of the data folder, the endpoint's id and the secret's number, by HKDF (RFC 5869). Who has the database can sign
/// nothing, a rotation is the next number, and a repeated command shows the same secret.
struct WebhookSecrets: Sendable {
    private let master: [UInt8]
    /// Names the key file without telling it: 16 hexadecimal digits.
    let print: String

    /// - Parameter master: 32 random bytes.
    init(master: [UInt8]) {
        precondition(master.count == 32, "The key file of webhooks has 32 bytes.")
        self.master = master
        print = hexadecimal(hkdfSHA256(master, info: Array("guichet webhooks|print".utf8)).prefix(8))
    }

    /// The key of HMAC-SHA256: 32 bytes.
    func key(of webhook: WebhookID, number: Int64) -> [UInt8] {
        hkdfSHA256(master, info: Array("guichet webhooks|\(webhook)|\(number)".utf8))
    }

    /// The secret as its receiver gets it, in the form of Standard Webhooks.
    func text(of webhook: WebhookID, number: Int64) -> String {
        "whsec_" + Data(key(of: webhook, number: number)).base64EncodedString()
    }

    /// `webhook-signature` of Standard Webhooks 1.0: `v1,` and the base64 of an HMAC-SHA256 over
    /// `id.timestamp.body`, one for each secret that signs now.
    func signatures(of webhook: WebhookID, numbers: [Int64], message: String) -> String {
        numbers.map { number in
            let digest = hmacSHA256(Array(message.utf8), key: key(of: webhook, number: number))
            return "v1," + Data(digest.bytes).base64EncodedString()
        }.joined(separator: " ")
    }
}
