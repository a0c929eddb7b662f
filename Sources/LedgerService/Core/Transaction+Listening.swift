internal import Payouts
internal import Stage
internal import Store
internal import Values

extension Transaction {
    /// What a listener heard, as a gateway says it when somebody leaves: the stretches in which sound flowed; from
    /// gateways that do not tell, the seconds of the connection up to its end.
    borrowing func recordListening(_ receipt: Receipt, at now: Instant) throws(StoreFault) {
        guard receipt.role == .listener, receipt.direction == .listening,
            case .left(_, let seconds, _, let media) = receipt.kind, seconds > 0
        else {
            return
        }
        // A room that another database has sold is no business of this one's funds.
        guard try room(receipt.room) != nil else { return }
        if let media {
            for (part, stretch) in media.stretches.enumerated() {
                try insertListening(
                    ListeningInterval(room: receipt.room, from: stretch.from, to: stretch.to),
                    by: receipt.holder.text, source: receipt.listeningSource(part: part), at: now)
            }
            return
        }
        // A gateway that says more than a month is wrong; a stretch outside of the room counts for nothing anyway.
        let heard = min(seconds, 31 * 86_400)
        try insertListening(
            ListeningInterval(
                room: receipt.room, from: receipt.occurredAt.advanced(bySeconds: -heard), to: receipt.occurredAt),
            by: receipt.holder.text, source: "\(receipt.gateway)/\(receipt.sequence)", at: now)
    }
}

extension Receipt {
    /// `gateway/sequence/part`, the sequence in 19 digits so that SQL can read it.
    fileprivate func listeningSource(part: Int) -> String {
        let (digits, place) = (String(sequence), String(part))
        return "\(gateway)/\(String(repeating: "0", count: 19 - digits.count))\(digits)/\(place)"
    }
}
