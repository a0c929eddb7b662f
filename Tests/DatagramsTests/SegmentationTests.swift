import Foundation
import MediaWire
import Testing

@testable import Datagrams

@Suite("Messages that the kernel cuts")
struct SegmentationTests {
    private static let loopback = SocketAddress(ipv4: 0x7F00_0001, port: 0)

    /// 30 messages of 1 to 10 datagrams, each datagram filled with its own number, and how it must arrive.
    private struct Load {
        var arena: [UInt8] = []
        var messages: [OutgoingMessage] = []
        var datagrams: [[UInt8]] = []

        init(to destination: SocketAddress) {
            for number in 0..<30 {
                let segment = 50 + number
                let offset = arena.count
                for piece in 0...number % 10 {
                    let isLast = piece == number % 10
                    let datagram = [UInt8](
                        repeating: UInt8(truncatingIfNeeded: datagrams.count), count: isLast ? segment - 7 : segment)
                    datagrams.append(datagram)
                    arena += datagram
                }
                let length = arena.count - offset
                messages.append(
                    OutgoingMessage(
                        offset: offset, length: length, segmentBytes: min(segment, length), destination: destination))
            }
        }
    }

    private static func arrivals(_ socket: inout UDPSocket, _ count: Int) throws -> [[UInt8]] {
        var found: [[UInt8]] = []
        let wake = try Wake()
        let end = monotonicNanoseconds() + 2_000_000_000
        while found.count < count, monotonicNanoseconds() < end {
            _ = try socket.wait(wake: wake, timeoutNanoseconds: 100_000_000)
            _ = try socket.receive { datagram, _ in found.append(Array(datagram)) }
        }
        return found
    }

    @Test(
        "every datagram arrives, once, in order and of its own size, whether the kernel cuts or not",
        arguments: [true, false])
    func cut(asks: Bool) throws {
        var sender = try UDPSocket(bind: Self.loopback)
        var receiver = try UDPSocket(bind: Self.loopback)
        let canCut = sender.segments
        if !asks { sender.segments = false }
        let load = Load(to: receiver.localAddress)
        let outcome = load.arena.withUnsafeBytes { bytes in
            sender.sendMessages(from: bytes, count: load.messages.count) { load.messages[$0] }
        }
        #expect(outcome.sent == load.datagrams.count)
        #expect(outcome.uncut == 0 && outcome.refused == 0 && outcome.overflowed == 0)
        // Three messages are of one datagram each.
        #expect(outcome.cut == (asks && canCut ? load.datagrams.count - 3 : 0))
        #expect(try Self.arrivals(&receiver, load.datagrams.count) == load.datagrams)
    }

    @Test("a kernel that refuses to cut loses nothing, and is not asked for ever")
    func refusal() throws {
        var sender = try UDPSocket(bind: Self.loopback)
        var receiver = try UDPSocket(bind: Self.loopback)
        guard sender.segments else { return }  // A kernel older than 4.18.
        // Without checksums the kernel refuses to cut (EINVAL), as a device without their offload does (EIO).
        // SO_NO_CHECK is 11 on Linux; Swift's module leaves it out.
        var on: Int32 = 1
        try #require(setsockopt(sender.descriptor, SOL_SOCKET, 11, &on, 4) == 0)
        let load = Load(to: receiver.localAddress)
        for round in 0..<2 {
            let outcome = load.arena.withUnsafeBytes { bytes in
                sender.sendMessages(from: bytes, count: load.messages.count) { load.messages[$0] }
            }
            #expect(outcome.sent == load.datagrams.count && outcome.refused == 0 && outcome.cut == 0)
            // All 27 of the first round were in the batch already when the patience ended.
            #expect(outcome.uncut == (round == 0 ? 27 : 0))
            #expect(try Self.arrivals(&receiver, load.datagrams.count) == load.datagrams)
        }
        let stillAsks = sender.segments
        #expect(!stillAsks)
    }

    @Test("the clock of the thread's own CPU moves when it works")
    func clock() {
        let before = threadCPUNanoseconds()
        var sum: UInt64 = 0
        while threadCPUNanoseconds() - before < 1_000_000 { sum &+= 1 }
        #expect(sum > 0)
    }
}
