import Foundation

/// The shape of a configuration file: nested objects whose leaves are settings that exist.
enum SettingsFile {
    /// Refuses a file that can't be read, is not a JSON object, or names a setting that does not exist: a
    /// misspelled key must not silently leave a default in place.
    static func check(_ path: String, known: Set<String>) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CommandFailure(.configuration, "The configuration file \(path) can't be read.")
        }
        guard let root = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw CommandFailure(.configuration, "The configuration file \(path) is not a JSON object.")
        }
        for key in leaves(of: root, under: "") where !known.contains(key) {
            throw CommandFailure(
                .configuration, "The configuration file \(path) names '\(key)', which is not a setting.")
        }
    }

    private static func leaves(of object: [String: Any], under prefix: String) -> [String] {
        object.sorted { $0.key < $1.key }.flatMap { name, value in
            let key = prefix.isEmpty ? name : "\(prefix).\(name)"
            guard let nested = value as? [String: Any] else { return [key] }
            return leaves(of: nested, under: key)
        }
    }
}
