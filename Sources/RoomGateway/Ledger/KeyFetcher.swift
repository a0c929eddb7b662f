internal import HTTPEdge
internal import Logging
internal import Values

/// Asks the ledger for its keys when a ticket names one that the gateway does not know.
///
/// Keys are announced by the feed before they sign, so this is for a gateway whose feed lags. One question at a time and
/// one in five seconds, however many forged names come to the door.
actor KeyFetcher {
    private static let pauseSeconds: Int64 = 5

    private let link: any LedgerLink
    private let knowledge: DoorKnowledge
    private let clock: WallClock
    private let logger: Logger
    private var lastAsked: Instant?
    private var question: Task<Void, Never>?

    init(link: any LedgerLink, knowledge: DoorKnowledge, clock: WallClock, logger: Logger) {
        self.link = link
        self.knowledge = knowledge
        self.clock = clock
        self.logger = logger
    }

    /// Returns when the keys are as fresh as they may be made now.
    func refresh() async {
        if let question { return await question.value }
        let now = clock.now()
        if let lastAsked, lastAsked <= now, now < lastAsked.advanced(bySeconds: Self.pauseSeconds) { return }
        lastAsked = now
        let asked = Task { [link, knowledge, logger] in
            do { try knowledge.replaceKeys(by: try await link.keys()) } catch {
                logger.warning("keys", metadata: ["fault": "\(error)"])
            }
        }
        question = asked
        await asked.value
        question = nil
    }
}
