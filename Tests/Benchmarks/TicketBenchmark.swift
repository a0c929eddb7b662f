import Foundation
import Tickets
import Values

/// Ticket signatures and full verifications (parse, signature, claims, window) against `openssl speed ed25519`.
struct TicketBenchmark {
    let seconds: Double

    func run() throws -> MeasurementTable {
        var generator = SystemRandomNumberGenerator()
        let now = Instant(seconds: 1_790_000_000)
        let key = SigningKey.generate()
        let room = RoomID.make(at: now, using: &generator)
        let claims = (0..<64).compactMap { _ in
            TicketClaims(
                issuer: "https://tickets.example", audience: "https://tickets.example/rooms",
                subject: .holder(HolderID.make(at: now, using: &generator)),
                ticket: TicketID.make(at: now, using: &generator), room: room, role: .listener, notBefore: now,
                expiresAt: now.advanced(bySeconds: 3600), issuedAt: now, policy: "guichet-default-2026")
        }
        let signer = TicketSigner(key: key)
        let tokens = claims.map(signer.sign)
        let verifier = TicketVerifier(
            keyRing: KeyRing([key.verifyingKey]), issuer: "https://tickets.example",
            audience: "https://tickets.example/rooms")
        let (opensslSign, opensslVerify) = try Self.opensslSpeed(seconds: max(1, Int(seconds)))

        var signing = Clocks.measure("sign a ticket", seconds: seconds, batch: claims.count) {
            for claim in claims { _ = signer.sign(claim) }
        }
        signing.ratio = percent(signing.perSecond, opensslSign)
        var verifying = try Clocks.measure("verify a ticket", seconds: seconds, batch: tokens.count) {
            for token in tokens { _ = try verifier.verify(token, at: now.advanced(bySeconds: 1), room: room) }
        }
        verifying.ratio = percent(verifying.perSecond, opensslVerify)
        verifying.target = "80 %"
        return MeasurementTable(
            title: "Tickets (one thread), baseline: openssl speed ed25519",
            rows: [
                Measurement(what: "openssl speed: sign", perSecond: opensslSign),
                signing,
                Measurement(what: "openssl speed: verify", perSecond: opensslVerify),
                verifying,
            ])
    }

    private func percent(_ value: Double?, _ baseline: Double) -> String {
        String(format: "%.0f %% of openssl", (value ?? 0) / baseline * 100)
    }

    /// Signatures and verifications per second that OpenSSL's own benchmark reaches.
    private static func opensslSpeed(seconds: Int) throws -> (sign: Double, verify: Double) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = ["speed", "-seconds", String(seconds), "-mr", "ed25519"]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        letAlarmThrough()
        try process.run()
        let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        // OpenSSL 3 prints "+F6:0:253:Ed25519:19698.000000:7361.000000": signatures and verifications per second.
        let fields = text.split(separator: "\n").first { $0.hasPrefix("+F6:") }?.split(separator: ":") ?? []
        let rates = fields.suffix(2).compactMap { Double($0) }
        // Older versions print seconds for each; a rate below one cannot be meant.
        guard fields.count == 6, rates.count == 2, rates.allSatisfy({ $0 > 1 }) else {
            throw BaselineMissing(text: text)
        }
        return (rates[0], rates[1])
    }
}

/// A baseline could not be measured, so no ratio can be printed.
struct BaselineMissing: Error, CustomStringConvertible {
    let text: String
    var description: String { "The baseline gave no figure: \(text.prefix(2_000))" }
}
