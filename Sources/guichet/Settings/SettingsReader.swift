import Configuration
import Foundation
import SystemPackage

/// Reads the settings: flags before environment before file before default, and remembers which one spoke.
struct SettingsReader: Sendable {
    struct Resolved: Sendable {
        let value: String
        /// `flag`, `environment`, `file` or `default`.
        let origin: String
    }

    private let layers: [(origin: String, reader: ConfigReader)]

    /// - Parameters:
    ///   - flags: what the command line says, by key.
    ///   - filePath: a JSON file such as `{"http": {"port": 8080}}`; it must exist if it is named.
    init(flags: [String: String], environment: [String: String], filePath: String?) async throws {
        let known = Set(Setting.all.map(\.key))
        for key in flags.keys where !known.contains(key) {
            throw CommandFailure(.configuration, "There is no setting '\(key)'. 'guichet config show' lists them.")
        }
        let flagValues = flags.map { (AbsoluteConfigKey($0.key.split(separator: ".").map(String.init)), $0.value) }
        let memory = InMemoryProvider(
            name: "flags",
            values: Dictionary(uniqueKeysWithValues: flagValues.map { ($0, ConfigValue(.string($1), isSecret: false)) })
        )
        let secrets = Set(Setting.all.filter(\.isSecret).map(\.environmentName))
        let variables = EnvironmentVariablesProvider(
            environmentVariables: environment, secretsSpecifier: .specific(secrets))
        var layers: [(String, ConfigReader)] = [
            ("flag", ConfigReader(provider: memory)),
            ("environment", ConfigReader(provider: variables).scoped(to: "guichet")),
        ]
        if let filePath {
            do {
                try SettingsFile.check(filePath, known: known)
                let file = try await FileProvider<JSONSnapshot>(filePath: FilePath(filePath))
                layers.append(("file", ConfigReader(provider: file)))
            } catch let failure as CommandFailure {
                throw failure
            } catch {
                throw CommandFailure(.configuration, "The configuration file \(filePath) can't be read as JSON.")
            }
        }
        self.layers = layers
    }

    func resolve(_ setting: Setting) -> Resolved {
        let key = ConfigKey(setting.key)
        for (origin, reader) in layers {
            if let text = reader.string(forKey: key, isSecret: setting.isSecret) {
                return Resolved(value: text, origin: origin)
            }
            // A file may write numbers and booleans as such; asked for the wrong one, a reader would answer 1 for true.
            if Bool(setting.fallback) != nil {
                if let flag = reader.bool(forKey: key) { return Resolved(value: String(flag), origin: origin) }
            } else if let number = reader.int(forKey: key) {
                return Resolved(value: String(number), origin: origin)
            }
        }
        return Resolved(value: setting.fallback, origin: "default")
    }
}
