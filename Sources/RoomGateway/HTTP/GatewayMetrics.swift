internal import Synchronization

/// Counters of the admission side in Prometheus's text format (version 0.0.4); the relay keeps its own.
final class GatewayMetrics: Sendable {
    private struct Counts {
        var admissions: [String: Int] = [:]
        var refusals: [String: Int] = [:]
        var leavings: [String: Int] = [:]
        var receiptsDelivered = 0
        var deliveryFailures = 0
        var feedFailures = 0
        var acts: [String: Int] = [:]
        var actsDelivered = 0
        var viewsCut = 0
    }

    private let counts = Mutex(Counts())

    func admitted(role: String) { counts.withLock { $0.admissions[role, default: 0] += 1 } }
    /// Codes come from closed enums, so the label set is bounded.
    func refused(code: String) { counts.withLock { $0.refusals[code, default: 0] += 1 } }
    func left(reason: String) { counts.withLock { $0.leavings[reason, default: 0] += 1 } }
    func delivered(_ count: Int) { counts.withLock { $0.receiptsDelivered += count } }
    func deliveryFailed() { counts.withLock { $0.deliveryFailures += 1 } }
    /// Kinds come from a closed enum.
    func acted(_ kind: String) { counts.withLock { $0.acts[kind, default: 0] += 1 } }
    func actsDelivered(_ count: Int) { counts.withLock { $0.actsDelivered += count } }
    func viewCut() { counts.withLock { $0.viewsCut += 1 } }
    func feedFailed() { counts.withLock { $0.feedFailures += 1 } }

    /// One counter or gauge, with at most one label.
    struct Family: Sendable {
        let name: String
        let help: String
        var kind = "counter"
        var label: String?
        let values: [(key: String, value: Int)]

        init(_ name: String, _ help: String, by label: String, _ values: [String: Int]) {
            self.name = name
            self.help = help
            self.label = label
            self.values = values.sorted { $0.key < $1.key }
        }

        /// One value of each of some numbered things.
        init(_ name: String, _ help: String, kind: String, by label: String, _ values: [Int]) {
            self.name = name
            self.help = help
            self.kind = kind
            self.label = label
            self.values = values.enumerated().map { ("\($0)", $1) }
        }

        init(_ name: String, _ help: String, kind: String = "counter", _ value: Int) {
            self.name = name
            self.help = help
            self.kind = kind
            values = [("", value)]
        }

        func write(to page: inout String) {
            page += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
            for (key, value) in values {
                page += label.map { "\(name){\($0)=\"\(key)\"} \(value)\n" } ?? "\(name) \(value)\n"
            }
        }
    }

    /// The whole page: what is counted here, then `others`.
    func text(adding others: [Family]) -> String {
        let now = counts.withLock { $0 }
        let own = [
            Family("guichet_admissions_total", "Admissions by role.", by: "role", now.admissions),
            Family("guichet_refusals_total", "Refused requests by code.", by: "code", now.refusals),
            Family("guichet_leavings_total", "Ended admissions by reason.", by: "reason", now.leavings),
            Family("guichet_receipts_delivered_total", "Receipts acknowledged by the ledger.", now.receiptsDelivered),
            Family("guichet_delivery_failures_total", "Failed deliveries to the ledger.", now.deliveryFailures),
            Family("guichet_feed_failures_total", "Failed reads of the ledger's feed.", now.feedFailures),
            Family("guichet_stage_acts_total", "Acts on stages by kind.", by: "kind", now.acts),
            Family("guichet_acts_delivered_total", "Acts acknowledged by the ledger.", now.actsDelivered),
            Family("guichet_views_cut_total", "Live views cut because their reader was too slow.", now.viewsCut),
        ]
        var page = ""
        for family in own + others { family.write(to: &page) }
        return page
    }
}
