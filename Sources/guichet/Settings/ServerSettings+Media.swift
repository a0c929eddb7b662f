import AudioRelay
import Foundation
import MediaWire
import RelayThreads
import RoomGateway

extension ServerSettings {
    /// The addresses to bind, all with one port.
    static func mediaAddresses(_ text: String, port: UInt16) throws -> [SocketAddress] {
        let words = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        let addresses = words.compactMap { SocketAddress(host: $0, port: port) }
        guard addresses.count == words.count, (1...8).contains(addresses.count), Set(addresses).count == words.count
        else {
            throw CommandFailure(
                .configuration, "\(Setting.mediaHost.key) must be one to eight IPv4 or IPv6 addresses.")
        }
        return addresses
    }

    static func mediaStreams(_ text: String, threads: Int) throws -> StreamPort {
        switch text {
        case "auto": return .sameAsUDP
        case "off", "0": return .off
        default:
            guard let port = UInt16(text), Int(port) + threads <= 65_536 else {
                throw CommandFailure(
                    .configuration,
                    "\(Setting.mediaTCPPort.key) must be auto, off, or a port with room for \(threads) thread(s) behind it."
                )
            }
            return .port(port)
        }
    }

    /// Candidates of answers. With several threads a port stands for the first one's.
    static func mediaAnnounce(_ text: String, threads: Int) throws -> [SocketAddress] {
        try text.split(separator: ",").map { word in
            let host = word.trimmingCharacters(in: .whitespaces)
            guard let address = SocketAddress(host: host, port: 0) ?? SocketAddress(host) else {
                throw CommandFailure(.configuration, "\(Setting.mediaAnnounce.key): '\(host)' is not an IP address.")
            }
            guard address.port == 0 || Int(address.port) + threads <= 65_536 else {
                throw CommandFailure(
                    .configuration,
                    "\(Setting.mediaAnnounce.key): there are no \(threads) ports from \(address.port) on.")
            }
            return address
        }
    }

    /// Between which paces a media thread chooses, and when it is busy.
    static func pace(_ text: String, busy: String) throws -> PaceRange {
        guard var range = PaceRange(text) else {
            throw CommandFailure(
                .configuration,
                "\(Setting.pace.key) must be auto, one of \(Pace.allCases.map(\.name).joined(separator: ", ")), or the "
                    + "quickest and the slowest of them with two dots between, as in at-once..20ms.")
        }
        guard let percent = Int(busy), (1...90).contains(percent) else {
            throw CommandFailure(.configuration, "\(Setting.busy.key) must be 1 to 90.")
        }
        range.busyPercent = percent
        return range
    }

    /// How many media threads, whose ports follow each other.
    static func mediaThreads(_ text: String, from port: UInt16) throws -> Int {
        guard text != "auto" else {
            // The last ports are few, and nobody asked for more threads.
            return port == 0
                ? GatewayConfiguration.automaticMediaThreads
                : min(GatewayConfiguration.automaticMediaThreads, 65_536 - Int(port))
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
