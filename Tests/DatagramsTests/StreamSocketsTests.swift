import CDatagrams
import Glibc
import MediaWire
import Testing

@testable import Datagrams

/// A client's end of a TCP connection, blocking.
private final class Plug {
    let descriptor: Int32

    init(to address: SocketAddress, receiveBytes: Int32 = 0) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if receiveBytes > 0 {
            var bytes = receiveBytes
            setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = address.port.bigEndian
        name.sin_addr.s_addr = UInt32(truncatingIfNeeded: address.low).bigEndian
        let connected = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) { _ = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    /// What is there within a second; `nil` when the other side has closed.
    func read() -> [UInt8]? {
        var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&ready, 1, 1_000) > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count > 0 ? Array(bytes[..<count]) : nil
    }

    var isClosed: Bool { read() == nil }
}

@Suite("Datagrams over TCP")
struct StreamSocketsTests {
    fileprivate static func open(_ limits: StreamSockets.Limits = .init()) throws -> StreamSockets {
        try StreamSockets(bind: [SocketAddress(ipv4: 0x7F00_0001, port: 0)], limits: limits)
    }

    private static func frame(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }

    /// Does what is ready until nothing is for 30 ms.
    fileprivate static func work(
        _ streams: inout StreamSockets, at now: UInt64 = 1, isKnown: Bool = false
    ) -> [(bytes: [UInt8], from: SocketAddress)] {
        var heard: [(bytes: [UInt8], from: SocketAddress)] = []
        for _ in 0..<3 {
            usleep(10_000)
            _ = streams.receive(at: now) { bytes, from in
                heard.append((Array(bytes), from))
                return isKnown
            }
        }
        return heard
    }

    @Test("Frames arrive whole however they are cut, with the address of their stream, and go back")
    func frames() throws {
        var streams = try Self.open()
        let plug = try Plug(to: streams.localAddresses[0])
        let sent: [[UInt8]] = [[1], [UInt8](repeating: 2, count: 1_500), [2, 3], []]
        let bytes = sent.flatMap(Self.frame)
        for part in [bytes[..<1], bytes[1..<2], bytes[2..<700], bytes[700...]] {
            plug.write(Array(part))
            usleep(20_000)
        }
        _ = Self.work(&streams)
        plug.write(Self.frame([0, 9]))
        let heard = Self.work(&streams)
        let address = try #require(heard.first?.from)
        #expect(heard.map(\.bytes) == [[0, 9]])
        #expect(address.isStream && address.isLoopback && address.port != 0)
        let answer = [UInt8](1...250)
        // Two of 100 bytes and one of 50.
        #expect(answer.withUnsafeBytes { streams.send($0, segmentBytes: 100, to: address, at: 1) })
        #expect(
            plug.read() == Self.frame(Array(answer[..<100])) + Self.frame(Array(answer[100..<200]))
                + Self.frame(Array(answer[200...])))
        #expect(!answer.withUnsafeBytes { streams.send($0, segmentBytes: 250, to: address.with(via: 0), at: 1) })
    }

    @Test("Cut anywhere, the same frames come out")
    func cutting() throws {
        var streams = try Self.open()
        let plug = try Plug(to: streams.localAddresses[0])
        let sent = (0..<40).map { [UInt8](repeating: UInt8($0), count: 1 + $0 * 37 % 1_400) }
        let bytes = sent.flatMap(Self.frame)
        var heard: [[UInt8]] = []
        var start = 0
        var size = 1
        while start < bytes.count {
            plug.write(Array(bytes[start..<min(start + size, bytes.count)]))
            start += size
            size = size * 7 % 1_999 + 1
            usleep(1_000)
            _ = streams.receive(at: 1) { bytes, _ in
                heard.append(Array(bytes))
                return true
            }
        }
        heard += Self.work(&streams).map(\.bytes)
        #expect(heard == sent)
    }

    @Test("A frame longer than a datagram ends the connection, whatever follows")
    func oversized() throws {
        var streams = try Self.open()
        let plug = try Plug(to: streams.localAddresses[0])
        plug.write([0xFF, 0xFF] + [UInt8](repeating: 1, count: 5_000))
        #expect(Self.work(&streams).isEmpty)
        #expect(streams.counters.refused[.oversized] == 1 && streams.counters.open == 0)
        #expect(plug.isClosed)
    }

    @Test("Strangers are few, and gone after five seconds; half frames do not help them")
    func strangers() throws {
        var limits = StreamSockets.Limits()
        limits.strangersPerNetwork = 10
        var streams = try Self.open(limits)
        let plugs = try (0..<100).map { _ in try Plug(to: streams.localAddresses[0]) }
        _ = Self.work(&streams, at: 1)
        #expect(streams.counters.open == 10 && streams.counters.refused[.network] == 90)
        for plug in plugs.prefix(10) { plug.write([5, 0xDC, 1, 2, 3]) }
        _ = Self.work(&streams, at: 2)
        // One of them shows who it is.
        plugs[0].write([UInt8](repeating: 0, count: 1_497))
        #expect(Self.work(&streams, at: 3, isKnown: true).count == 1)
        let known = try #require(plugs.first)
        streams.tend(at: 4_000_000_000) { _ in false }
        #expect(streams.counters.refused[.idle] == 1)
        #expect(streams.counters.open == 9)
        streams.tend(at: 5_100_000_000) { _ in false }
        #expect(streams.counters.open == 0 && streams.counters.refused[.unauthenticated] == 9)
        #expect(known.isClosed && streams.deadline == .max)
        // All is forgotten of them: the next ten may come.
        let next = try (0..<10).map { _ in try Plug(to: streams.localAddresses[0]) }
        _ = Self.work(&streams, at: 6_000_000_000)
        #expect(streams.counters.open == next.count)
    }

    @Test("A stranger who sends anything but checks, or too many of them, is cut at once; nobody is told of the rest")
    func strangeFrames() throws {
        var streams = try Self.open()
        let talker = try Plug(to: streams.localAddresses[0])
        let knocker = try Plug(to: streams.localAddresses[0])
        talker.write(Self.frame([0, 1]) + Self.frame([0x80, 1]) + Self.frame([0, 2]))
        for _ in 0..<40 { knocker.write(Self.frame([1, 1])) }
        let heard = Self.work(&streams).map(\.bytes)
        #expect(heard.filter { $0[0] == 0 } == [[0, 1]])
        #expect(heard.filter { $0[0] == 1 }.count == 16)
        #expect(streams.counters.refused[.unauthenticated] == 2 && streams.counters.open == 0)
        #expect(talker.isClosed && knocker.isClosed)
        #expect(streams.takeClosed().isEmpty)
    }

    @Test("Strangers who hold every place give way to the next, the oldest of the largest crowd first")
    func crowd() throws {
        var limits = StreamSockets.Limits()
        limits.strangers = 4
        var streams = try Self.open(limits)
        let plugs = try (0..<5).map { _ in try Plug(to: streams.localAddresses[0]) }
        _ = Self.work(&streams, at: 1)
        #expect(streams.counters.open == 4 && streams.counters.refused[.full] == 1)
        // The last one is in, and shows who it is.
        plugs[4].write(Self.frame([0, 1]))
        let known = Self.work(&streams, at: 2, isKnown: true)
        #expect(known.count == 1)
        #expect(plugs.prefix(4).filter(\.isClosed).count == 1)
        // Once known, its address is told when it goes.
        let address = try #require(known.first?.from)
        streams.tend(at: 3_000_000_000) { _ in false }
        #expect(streams.takeClosed() == [address] && streams.takeClosed().isEmpty)
    }

    @Test("A reader that takes nothing loses datagrams, whole ones, and is cut after ten seconds")
    func slowReader() throws {
        var streams = try Self.open()
        let plug = try Plug(to: streams.localAddresses[0], receiveBytes: 4_096)
        plug.write(Self.frame([1]))
        let address = try #require(Self.work(&streams, isKnown: true).first?.from)
        let datagram = [UInt8](repeating: 9, count: 1_000)
        var taken = 0
        for _ in 0..<2_000 where datagram.withUnsafeBytes({ streams.send($0, segmentBytes: 1_000, to: address, at: 5) })
        {
            taken += 1
        }
        #expect(taken > 20 && taken < 400, "\(taken)")
        #expect(streams.counters.overflowed == 2_000 - taken)
        // What it reads now are whole frames.
        var read: [UInt8] = []
        for _ in 0..<200 {
            _ = streams.receive(at: 6) { _, _ in true }
            guard let more = plug.read(), !more.isEmpty else { break }
            read += more
            if read.count == taken * 1_002 { break }
        }
        #expect(read.count == taken * 1_002)
        #expect((0..<taken).allSatisfy { Array(read[$0 * 1_002..<$0 * 1_002 + 2]) == [3, 0xE8] })
        for _ in 0..<400 { _ = datagram.withUnsafeBytes { streams.send($0, segmentBytes: 1_000, to: address, at: 7) } }
        streams.tend(at: 9_000_000_000) { _ in true }
        #expect(streams.counters.open == 1)
        streams.tend(at: 20_000_000_000) { _ in true }
        #expect(streams.counters.open == 0 && streams.counters.refused[.stuck] == 1)
    }

    // In a process of its own: the limit is the whole process's.
    @Test("Without a descriptor left nobody is accepted for a second, and the thread is not kept busy")
    func descriptorsAreUsedUp() async {
        await #expect(processExitsWith: .success) {
            var streams = try StreamSocketsTests.open()
            let plug = try Plug(to: streams.localAddresses[0])
            var limit = rlimit()
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            var none = rlimit(rlim_cur: 0, rlim_max: limit.rlim_max)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &none)
            _ = streams.receive(at: 1) { _, _ in false }
            _ = streams.receive(at: 1) { _, _ in false }
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(streams.counters.open == 0 && streams.counters.refused[.full] == 1)
            streams.tend(at: 2_000_000_000) { _ in false }
            plug.write([0, 1, 3])
            #expect(StreamSocketsTests.work(&streams, at: 2_000_000_000).map(\.bytes) == [[3]])
        }
        let limits = StreamSockets.Limits(threads: 1_000_000)
        #expect(limits.connections >= 8 && limits.strangers >= 4 && limits.strangers < limits.connections)
    }

    @Test("A client that goes is forgotten at once; a port that is taken is said to be")
    func closing() throws {
        var streams = try Self.open()
        var plug: Plug? = try Plug(to: streams.localAddresses[0])
        plug?.write(Self.frame([1]))
        let address = try #require(Self.work(&streams, isKnown: true).first?.from)
        plug = nil
        _ = Self.work(&streams)
        #expect(streams.counters.open == 0)
        #expect(![UInt8(1)].withUnsafeBytes { streams.send($0, segmentBytes: 1, to: address, at: 1) })
        let taken = streams.localAddresses
        #expect { _ = try StreamSockets(bind: taken) } throws: { ($0 as? SocketFault)?.isTaken == true }
    }
}
