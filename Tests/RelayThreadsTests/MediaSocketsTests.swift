import Datagrams
import MediaWire
import Testing

@testable import RelayThreads

@Suite struct MediaSocketsTests {
    /// Two hundred of the numbers that the kernel may give are taken for TCP: one socket in 140 would meet one of them.
    @Test func `any port is one that UDP and TCP can both have`() throws {
        let address = SocketAddress(ipv4: 0x7F00_0005, port: 0)
        let taken = try StreamSockets(bind: Array(repeating: address, count: 200))
        let addresses = taken.localAddresses
        let ports = Set(addresses.map(\.port))
        #expect(ports.count == 200)
        for _ in 0..<100 {
            let sockets = try MediaSockets.open(bind: [address, address], streams: .sameAsUDP, thread: 0)
            let (local, streams) = (sockets.localAddresses.map(\.port), sockets.streamAddresses.map(\.port))
            #expect(streams == local)
            #expect(ports.isDisjoint(with: local))
        }
    }

    @Test func `a port that was asked for is bound without TCP if that is taken`() throws {
        let address = SocketAddress(ipv4: 0x7F00_0005, port: 0)
        let taken = try StreamSockets(bind: [address])
        let wanted = taken.localAddresses
        let sockets = try MediaSockets.open(bind: wanted, streams: .sameAsUDP, thread: 0)
        let (local, streams, isTaken) = (sockets.localAddresses, sockets.streamAddresses, sockets.isStreamPortTaken)
        #expect(isTaken && streams.isEmpty)
        #expect(local == wanted)
    }
}
