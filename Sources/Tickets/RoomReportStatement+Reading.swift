internal import Values

extension KeyRing {
    /// The claims of a room's report that a key of the ring has signed; `nil` for anything else.
    public func roomReport(_ token: String) -> RoomReportStatement? {
        guard let payload = SignedStatement.open(token, type: RoomReportStatement.type, with: self),
            let claims = payload.withUnsafeBufferPointer({ try? StrictJSONReader.read($0) }),
            let issuer = claims["iss"]?.text, let room = claims["room"]?.text.flatMap({ RoomID($0) }),
            let state = claims["state"]?.text,
            let lines = claims["lines_sha256"]?.text.flatMap({ SHA256Digest(hex: $0) }),
            let receipts = claims["receipts_sha256"]?.text.flatMap({ SHA256Digest(hex: $0) })
        else { return nil }
        let numbers = ["starts", "ends", "promised_seconds", "delivered_seconds", "listeners", "heard_seconds", "iat"]
            .compactMap { claims[$0]?.integer }
        guard numbers.count == 7, numbers.allSatisfy({ (0...253_402_300_799).contains($0) }) else { return nil }
        let statement = RoomReportStatement(
            issuer: issuer, room: room, state: state, startsAt: Instant(seconds: numbers[0]),
            endsAt: Instant(seconds: numbers[1]), promisedSeconds: numbers[2], deliveredSeconds: numbers[3],
            listeners: numbers[4], heardSeconds: numbers[5], lines: lines, receipts: receipts,
            at: Instant(seconds: numbers[6]))
        return claims["aud"]?.text == statement.audience ? statement : nil
    }
}
