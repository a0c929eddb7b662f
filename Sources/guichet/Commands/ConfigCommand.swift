import ArgumentParser

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show the configuration a server would start with.",
        subcommands: [Show.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print every setting, its value and where it comes from; secrets are hidden.",
            discussion: "A flag beats the environment, the environment beats the file, the file beats the default.")

        @OptionGroup var options: SettingsOptions
        @Flag(help: "Print JSON.") var json = false

        private struct Row: Encodable {
            let key, value, origin, environment, meaning: String
        }

        func run() async throws {
            try await reportingFailures {
                let reader = try await options.reader()
                let rows = Setting.all.map { setting in
                    let resolved = reader.resolve(setting)
                    return Row(
                        key: setting.key, value: setting.shown(resolved.value), origin: resolved.origin,
                        environment: setting.environmentName, meaning: setting.meaning)
                }
                // A value that a server would refuse is refused here as well.
                _ = try ServerSettings(reader)
                if json { return try Output.json(rows) }
                Output.table(
                    ["KEY", "VALUE", "FROM", "ENVIRONMENT"],
                    rows.map { [$0.key, $0.value.isEmpty ? "-" : $0.value, $0.origin, $0.environment] })
            }
        }
    }
}
