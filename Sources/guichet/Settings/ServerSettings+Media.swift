import RoomGateway

extension ServerSettings {
    /// How many media threads, whose ports follow each other.
    static func mediaThreads(_ text: String, from port: UInt16) throws -> Int {
        guard text != "auto" else {
            // The last ports are few, and nobody asked for more threads.
            return port == 0
                ? GatewayConfiguration.defaultMediaThreads
                : min(GatewayConfiguration.defaultMediaThreads, 65_536 - Int(port))
        }
        guard let count = Int(text), (1...64).contains(count) else {
            throw CommandFailure(.configuration, "\(Setting.mediaThreads.key) must be 1 to 64, or auto.")
        }
        guard port == 0 || Int(port) + count <= 65_536 else {
            throw CommandFailure(
                .configuration, "\(Setting.mediaThreads.key): there are no \(count) ports from \(port) on.")
        }
        return count
    }
}
