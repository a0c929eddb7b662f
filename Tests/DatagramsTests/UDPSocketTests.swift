import Datagrams
import Foundation
import MediaWire
import Testing

@Suite("UDP sockets")
struct UDPSocketTests {
    private static let loopback = SocketAddress(ipv4: 0x7F00_0001, port: 0)

    /// Receives until `count` datagrams came or two seconds are over.
    private static func collect(_ count: Int, _ socket: inout UDPSocket) throws -> [(
        bytes: [UInt8], from: SocketAddress
    )] {
        var found: [(bytes: [UInt8], from: SocketAddress)] = []
        let wake = try Wake()
        let end = monotonicNanoseconds() + 2_000_000_000
        while found.count < count, monotonicNanoseconds() < end {
            _ = try socket.wait(wake: wake, timeoutNanoseconds: 100_000_000)
            _ = try socket.receive { datagram, from in found.append((Array(datagram), from)) }
        }
        return found
    }

    @Test("a batch larger than one system call arrives whole, with its sender's address")
    func batch() throws {
        var sender = try UDPSocket(bind: Self.loopback)
        var receiver = try UDPSocket(bind: Self.loopback)
        let destination = receiver.localAddress
        // 150 datagrams of 1 to 150 bytes, one after the other in an arena.
        let lengths = Array(1...150)
        let offsets = lengths.indices.map { lengths[..<$0].reduce(0, +) }
        let arena = lengths.flatMap { [UInt8](repeating: UInt8($0), count: $0) }
        let outcome = arena.withUnsafeBytes { bytes in
            sender.send(from: bytes, count: lengths.count) { (offsets[$0], lengths[$0], destination) }
        }
        #expect(outcome.sent == 150)
        let found = try Self.collect(150, &receiver)
        #expect(found.map(\.bytes) == lengths.map { [UInt8](repeating: UInt8($0), count: $0) })
        let from = sender.localAddress
        #expect(found.allSatisfy { $0.from == from })
    }

    @Test("IPv6 loopback carries datagrams and keeps the address")
    func ipv6() throws {
        let loopback = SocketAddress(ipv6High: 0, low: 1, port: 0)
        guard var sender = try? UDPSocket(bind: loopback) else { return }  // A machine without IPv6.
        var receiver = try UDPSocket(bind: loopback)
        let destination = receiver.localAddress
        let outcome = [UInt8(7)].withUnsafeBytes { sender.send(from: $0, count: 1) { _ in (0, 1, destination) } }
        #expect(outcome.sent == 1)
        let found = try Self.collect(1, &receiver)
        #expect(found.first?.bytes == [7])
        #expect(found.first?.from == sender.localAddress)
    }

    @Test("a datagram that the kernel refuses does not stop the ones after it")
    func refused() throws {
        var sender = try UDPSocket(bind: Self.loopback)
        var receiver = try UDPSocket(bind: Self.loopback)
        let good = receiver.localAddress
        let bad = SocketAddress(ipv6High: 0, low: 1, port: 9)  // An IPv6 destination on an IPv4 socket.
        let outcome = [UInt8(1), 2, 3].withUnsafeBytes { bytes in
            sender.send(from: bytes, count: 3) { ($0, 1, $0 == 1 ? bad : good) }
        }
        #expect(outcome.sent == 2)
        #expect(outcome.refused == 1)
        #expect(try Self.collect(2, &receiver).map(\.bytes) == [[1], [3]])
    }

    @Test("a datagram longer than the buffer is left out")
    func truncated() throws {
        var sender = try UDPSocket(bind: Self.loopback)
        var receiver = try UDPSocket(bind: Self.loopback)
        let destination = receiver.localAddress
        let arena = [UInt8](repeating: 9, count: UDPSocket.datagramCapacity + 1)
        let outcome = arena.withUnsafeBytes { bytes in
            sender.send(from: bytes, count: 2) { ($0, $0 == 0 ? bytes.count : 4, destination) }
        }
        #expect(outcome.sent == 2)
        #expect(try Self.collect(1, &receiver).map(\.bytes) == [[9, 9, 9, 9]])
    }

    @Test("a port that is taken is a fault that names the call")
    func taken() throws {
        let first = try UDPSocket(bind: Self.loopback)
        let address = first.localAddress
        #expect(throws: SocketFault.self) { _ = try UDPSocket(bind: address) }
    }

    @Test("a signal from another thread ends a wait, once")
    func wakes() throws {
        let socket = try UDPSocket(bind: Self.loopback)
        let wake = try Wake()
        let thread = Thread { wake.signal() }
        thread.start()
        let first = try socket.wait(wake: wake, timeoutNanoseconds: 2_000_000_000)
        #expect(first.woken && !first.readable)
        wake.clear()
        let second = try socket.wait(wake: wake, timeoutNanoseconds: 1_000_000)
        #expect(!second.woken && !second.readable)
    }

    @Test("every machine has an address, and none is link-local")
    func interfaces() {
        let found = interfaceAddresses()
        #expect(!found.isEmpty)
        #expect(found.allSatisfy { !$0.host.hasPrefix("169.254.") && !$0.host.hasPrefix("fe80") })
    }

    @Test("a socket bound to :: hears both families under their plain names and answers both")
    func bothFamilies() throws {
        // A machine without IPv6.
        guard var both = try? UDPSocket(bind: SocketAddress(ipv6High: 0, low: 0, port: 0)),
            var six = try? UDPSocket(bind: SocketAddress(ipv6High: 0, low: 1, port: 0))
        else { return }
        var four = try UDPSocket(bind: Self.loopback)
        let port = both.localAddress.port
        let body: [UInt8] = [1, 2, 3]
        _ = body.withUnsafeBytes { four.send(from: $0, count: 1) { _ in (0, 3, Self.loopback.with(port: port)) } }
        _ = body.withUnsafeBytes {
            six.send(from: $0, count: 1) { _ in (0, 3, SocketAddress(ipv6High: 0, low: 1, port: port)) }
        }
        let found = try Self.collect(2, &both)
        let (fourAddress, sixAddress) = (four.localAddress, six.localAddress)
        #expect(Set(found.map(\.from)) == [fourAddress, sixAddress])
        let outcome = body.withUnsafeBytes {
            both.send(from: $0, count: 2) { (0, 3, $0 == 0 ? fourAddress : sixAddress) }
        }
        #expect(outcome.sent == 2)
        #expect(try Self.collect(1, &four).first?.from == Self.loopback.with(port: port))
        #expect(try Self.collect(1, &six).first?.from == SocketAddress(ipv6High: 0, low: 1, port: port))
    }

    @Test("what finds a full socket is counted: what was sent either comes or is unread")
    func unread() throws {
        var sender = try UDPSocket(bind: Self.loopback)
        var late = try UDPSocket(bind: Self.loopback, bufferBytes: 1 << 14)
        let destination = late.localAddress
        let body = [UInt8](repeating: 7, count: 1_000)
        var sent = 0
        for _ in 0..<20 {
            sent += body.withUnsafeBytes { sender.send(from: $0, count: 50) { _ in (0, 1_000, destination) }.sent }
        }
        #expect(sent == 1_000)
        var found = 0
        while case let count = try late.receive({ _, _ in }), count > 0 { found += count }
        #expect(found > 0 && late.unreadCount > 0 && found + late.unreadCount == sent)
    }
}
