internal import Foundation

extension KeyFolder {
    /// The key that secrets of webhooks are derived from: `webhook.key`, 32 random bytes in base64, made if it is
    /// missing; readable by its owner only, or refused.
    public func webhookKey() throws(KeyRefusal) -> [UInt8] {
        let path = webhookKeyPath
        if !FileManager.default.fileExists(atPath: path) {
            var generator = SystemRandomNumberGenerator()
            let key = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
            // Two processes of one folder may start at once: the file of the faster one counts, so a refusal to
            // overwrite it is no fault.
            try? KeyFile.save(Array((Data(key).base64EncodedString() + "\n").utf8), to: path)
        }
        let text = String(decoding: try KeyFile.read(path), as: UTF8.self)
        guard let key = Data(base64Encoded: text.trimmingCharacters(in: .whitespacesAndNewlines)), key.count == 32
        else { throw .fileMalformed(path: path) }
        return Array(key)
    }
}
