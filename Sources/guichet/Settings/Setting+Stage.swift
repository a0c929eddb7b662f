import Stage

/// How long things last on a stage.
extension Setting {
    static let stageGrace = Setting(
        key: "stage.graceSeconds", fallback: "60",
        meaning: "How long after a host's line was lost the rights pass to a co-host, or the room pauses: 1 to 3600.")
    static let stagePause = Setting(
        key: "stage.pauseSeconds", fallback: "600",
        meaning: "How long a room that nobody leads stays paused before everybody is sent out: 1 to 86400.")
    static let stageInvitation = Setting(
        key: "stage.invitationSeconds", fallback: "120",
        meaning: "How long an invitation to speak waits for its answer: 5 to 3600.")
}

extension StagePolicy {
    /// Reads the settings about stages.
    /// - Throws: ``CommandFailure`` that names the setting and what it should be.
    init(_ reader: SettingsReader) throws {
        self.init()
        graceSeconds = try Self.seconds(.stageGrace, 1...3_600, reader)
        pauseSeconds = try Self.seconds(.stagePause, 1...86_400, reader)
        invitationSeconds = try Self.seconds(.stageInvitation, 5...3_600, reader)
    }

    private static func seconds(
        _ setting: Setting, _ range: ClosedRange<Int64>, _ reader: SettingsReader
    ) throws -> Int64 {
        guard let number = Int64(reader.resolve(setting).value), range.contains(number) else {
            throw CommandFailure(
                .configuration, "\(setting.key) must be seconds, \(range.lowerBound) to \(range.upperBound).")
        }
        return number
    }
}
