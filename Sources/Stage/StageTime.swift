public import Values

/// When somebody was heard on a room's stage, as receipts of any number of gateways say it.
public struct StageTime: Hashable, Sendable {
    /// In order, apart from each other and not empty.
    public let stretches: [AttendanceInterval]
    /// Admissions of which no receipt says that they ended.
    public let open: Int

    /// Reads the receipts of those who spoke, in any order and with repeats; those of listeners count nothing.
    ///
    /// Where a receipt says when sound came in, that counts. From gateways that do not tell, the whole connection does;
    /// and who has not been told to have left counts until `now`: what is not known is not held against the host.
    public init(_ receipts: some Sequence<Receipt>, now: Instant) {
        var entered: [AdmissionID: Instant] = [:]
        var left: Set<AdmissionID> = []
        var found: [AttendanceInterval] = []
        for receipt in receipts where receipt.direction == .speaking {
            switch receipt.kind {
            case .refused: continue
            case .entered, .resumed: entered[receipt.admission] = receipt.occurredAt
            case .left(_, let seconds, _, let media):
                guard left.insert(receipt.admission).inserted else { continue }
                found +=
                    media?.stretches
                    ?? [
                        AttendanceInterval(
                            from: receipt.occurredAt.advanced(bySeconds: -Self.believable(seconds)),
                            to: receipt.occurredAt)
                    ]
            }
        }
        let going = entered.filter { !left.contains($0.key) }
        found += going.values.map { AttendanceInterval(from: $0, to: now) }
        stretches = Attendance.merged(found)
        open = going.count
    }

    /// A gateway that says more than a month is wrong.
    static func believable(_ seconds: Int64) -> Int64 { min(max(0, seconds), 31 * 86_400) }

    /// Whole seconds of it inside a time.
    public func seconds(in window: AttendanceInterval) -> Int64 {
        stretches.reduce(0) { sum, stretch in
            let (from, to) = (max(stretch.from, window.from), min(stretch.to, window.to))
            return from < to ? sum + from.microseconds(until: to) : sum
        } / 1_000_000
    }
}
