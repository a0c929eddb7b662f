import MediaWire
import Testing

@testable import Datagrams

@Suite struct UDPSocketGroupTests {
    private let loopback = SocketAddress(ipv4: 0x7F00_0001, port: 0)

    @Test func `one wait names the sockets that have something, and a wake ends it`() throws {
        let wake = try Wake()
        var group = try UDPSocketGroup(wake: wake)
        let sockets = try (0..<300).map { _ in try group.open(bind: loopback, bufferBytes: 1 << 14) }
        var sender = try UDPSocket(bind: loopback)
        let bytes: [UInt8] = [7, 8, 9]
        for target in [3, 299] {
            _ = bytes.withUnsafeBytes { arena in
                sender.send(from: arena, count: 1) { _ in (0, 3, sockets[target].localAddress) }
            }
        }
        var ready: Set<Int> = []
        for _ in 0..<50 where ready.count < 2 { _ = try group.wait(milliseconds: 100) { ready.insert($0) } }
        #expect(ready == [3, 299])
        var received: [UInt8] = []
        let from = sender.localAddress
        let count = group.receive(from: 3) { datagram, source in
            if source == from { received = Array(datagram) }
        }
        #expect(count == 1 && received == bytes)
        #expect(group.receive(from: 3) { _, _ in } == 0)
        wake.signal()
        _ = group.receive(from: 299) { _, _ in }
        #expect(try group.wait(milliseconds: 1_000) { _ in })
    }

    @Test func `more datagrams than a batch go out, and a closed socket neither sends nor receives`() throws {
        var group = try UDPSocketGroup(wake: try Wake())
        let one = try group.open(bind: loopback)
        var receiver = try UDPSocket(bind: loopback)
        let to = receiver.localAddress
        let arena = [UInt8](0..<40)
        let sent = arena.withUnsafeBytes { arena in
            group.send(by: one.socket, from: arena, count: 40) { (offset: $0, length: 1, destination: to) }
        }
        #expect(sent == 40)
        var seen: [UInt8] = []
        _ = try receiver.receive { datagram, _ in seen += Array(datagram) }
        #expect(seen == arena)
        group.close(one.socket)
        let after = arena.withUnsafeBytes { arena in
            group.send(by: one.socket, from: arena, count: 1) { (offset: $0, length: 1, destination: to) }
        }
        #expect(after == 0 && group.receive(from: one.socket) { _, _ in } == 0)
    }

    @Test func `what the sender let the kernel cut is taken as one message and handed over in its pieces`() throws {
        var group = try UDPSocketGroup(wake: try Wake())
        let one = try group.open(bind: loopback)
        var sender = try UDPSocket(bind: loopback)
        let arena = [UInt8](0..<13)
        for length in [13, 5] {
            let outcome = arena.withUnsafeBytes { arena in
                sender.sendMessages(from: arena, count: 1) { _ in
                    OutgoingMessage(offset: 0, length: length, segmentBytes: 5, destination: one.localAddress)
                }
            }
            #expect(outcome.refused == 0)
            var pieces: [[UInt8]] = []
            let count = group.receive(from: one.socket) { datagram, source in
                #expect(source == sender.localAddress)
                pieces.append(Array(datagram))
            }
            let whole: [[UInt8]] = [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9], [10, 11, 12]]
            #expect(pieces == (length == 13 ? whole : [[0, 1, 2, 3, 4]]))
            // Linux 5.0 and later; before, each piece is a message.
            #expect(count == 1)
        }
    }
}
