import Foundation
import Values

/// A payout batch as the commands print it.
enum PayoutOutput {
    private struct Batch: Decodable {
        struct Standing: Decodable {
            let state: String
            let count: Int
            let net: Money
        }
        struct Approval: Decodable {
            struct Given: Decodable {
                let approver: String
                let at: Instant
                let reason: String?
            }
            struct Stopped: Decodable {
                let actor, reason: String
                let at: Instant
            }
            struct Finding: Decodable {
                let code: String
                let host: HostID?
                let amount: Money?
            }
            let need: Int
            let approvals: [Given]
            let rejections: [Stopped]
            let findings: [Finding]
            let findingsCount: Int
            let totals: [Money]
        }
        let batch, digest, state: String
        let approval: Approval
        let standing: [Standing]
    }

    static func show(_ answer: Data, _ server: ServerOptions) throws {
        if server.json { return try Output.json(answer) }
        let batch: Batch = try APIClient.decode(answer)
        let approval = batch.approval
        Output.line("batch     \(batch.batch)")
        Output.line("digest    \(batch.digest)")
        Output.line(
            "state     \(batch.state), \(approval.approvals.count) of \(approval.need) approvals, "
                + (approval.totals.isEmpty ? "nothing" : approval.totals.map(\.description).joined(separator: " + ")))
        for one in approval.rejections { Output.line("rejected  \(one.at) by \(one.actor): \(one.reason)") }
        for one in approval.approvals {
            Output.line("approved  \(one.at) by \(one.approver)" + (one.reason.map { ": \($0)" } ?? ""))
        }
        if !approval.findings.isEmpty {
            Output.table(
                ["FINDINGS", "HOST", "AMOUNT"],
                approval.findings.map { [$0.code, $0.host?.text ?? "", $0.amount?.description ?? ""] })
        }
        let more = approval.findingsCount - approval.findings.count
        if more > 0 {
            Output.line("… and \(more) more: guichet payout items \(batch.batch.dropFirst(6)) --finding any")
        }
        Output.table(
            ["STATE", "PAYOUTS", "NET"],
            batch.standing.map { [$0.state, String($0.count), $0.net.description] })
    }
}
