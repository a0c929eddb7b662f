import Foundation
import MediaWire

/// Bound UDP ports of loopback that nobody reads, as destinations of packets: the kernel carries each datagram all the
/// way and drops it at the full buffer of its receiver, so that nobody's reading is measured.
final class SilentPorts {
    let addresses: [SocketAddress]
    private let descriptors: [Int32]

    /// - Parameter sharing: one port on all of 127.0.0.0/8 stands for all, each address another one; for more
    ///   destinations than a process may have sockets.
    init(_ count: Int, sharing: Bool = false) throws {
        var descriptors: [Int32] = []
        var addresses: [SocketAddress] = []
        for _ in 0..<(sharing ? 1 : count) {
            let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
            guard descriptor >= 0 else { break }
            descriptors.append(descriptor)
            // The kernel raises this to its least: some packets, so that 500 ports hold a few MiB and not 100.
            var bytes: Int32 = 1
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
            guard let port = Self.bind(descriptor, to: sharing ? 0 : 0x7F00_0001) else { break }
            if sharing {
                addresses = (0..<count).map { SocketAddress(ipv4: 0x7F00_0100 + UInt32($0), port: port) }
            } else {
                addresses.append(SocketAddress(ipv4: 0x7F00_0001, port: port))
            }
        }
        self.descriptors = descriptors
        self.addresses = addresses
        guard addresses.count == count else {
            throw BaselineMissing(
                text: "only \(addresses.count) of \(count) UDP ports could be opened (errno \(errno)); see `ulimit -n`")
        }
    }

    deinit { for descriptor in descriptors { close(descriptor) } }

    private static func bind(_ descriptor: Int32, to host: UInt32) -> UInt16? {
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_addr.s_addr = host.bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        return withUnsafeMutablePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard Foundation.bind(descriptor, address, length) == 0,
                    getsockname(descriptor, address, &length) == 0
                else { return nil }
                return UInt16(bigEndian: pointer.pointee.sin_port)
            }
        }
    }
}
