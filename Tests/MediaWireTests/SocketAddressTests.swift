import MediaWire
import Simulation
import Testing

@Suite("Socket addresses")
struct SocketAddressTests {
    @Test(
        "are read and printed in the form of RFC 5952",
        arguments: [
            ("192.0.2.1", "192.0.2.1"), ("2001:DB8::1", "2001:db8::1"), ("::", "::"), ("::1", "::1"), ("1::", "1::"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:0db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"), ("1:0:0:2:0:0:0:3", "1:0:0:2::3"), ("0:0:1::", "0:0:1::"),
        ])
    func text(written: String, canonical: String) throws {
        let address = try #require(SocketAddress(host: written, port: 7))
        #expect(address.host == canonical)
        #expect(SocketAddress(host: canonical, port: 7) == address)
        #expect(SocketAddress(address.description) == address)
    }

    @Test(
        "are not read from anything else",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.-4", "localhost", ":", ":::",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8::", "::1%eth0", "1.2.3.4::", ":1::2",
            "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3", "2001:db8::1 ",
        ])
    func refused(text: String) { #expect(SocketAddress(host: text, port: 7) == nil) }

    @Test("with ports need brackets around IPv6 only")
    func ports() {
        #expect(SocketAddress("192.0.2.1:5000")?.port == 5_000)
        #expect(SocketAddress("[::1]:65535")?.description == "[::1]:65535")
        for text in [
            "::1:80", "[192.0.2.1]:80", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536", "[::1]", "[::1:80", "]:1", ":",
        ] {
            #expect(SocketAddress(text) == nil, "\(text)")
        }
    }

    @Test("know loopback, unspecified and mapped ones")
    func kinds() throws {
        let mapped = try #require(SocketAddress(host: "::ffff:127.0.0.1", port: 9))
        #expect(mapped.unmapped == SocketAddress(host: "127.0.0.1", port: 9))
        #expect(mapped.isLoopback)
        #expect(try #require(SocketAddress(host: "::", port: 0)).isUnspecified)
        #expect(try !#require(SocketAddress(host: "0.0.0.1", port: 0)).isUnspecified)
        #expect(try !#require(SocketAddress(host: "192.0.2.1", port: 0)).isLoopback)
        #expect(mapped.with(port: 10).port == 10)
    }

    @Test("survive text and bytes", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            // Groups of zeros are common, so that every place of the gap is met.
            let groups = (0..<8).map { _ in
                Bool.random(using: &generator) ? 0 : UInt64.random(in: 0...0xFFFF, using: &generator)
            }
            let port = UInt16.random(in: 0 ... .max, using: &generator)
            let address =
                Bool.random(using: &generator)
                ? SocketAddress(ipv4: .random(in: 0 ... .max, using: &generator), port: port)
                : SocketAddress(
                    ipv6High: groups[..<4].reduce(0) { $0 << 16 | $1 }, low: groups[4...].reduce(0) { $0 << 16 | $1 },
                    port: port)
            #expect(SocketAddress(address.description) == address, "seed \(seed): \(address)")
            #expect(address.addressBytes.withUnsafeBytes { SocketAddress(addressBytes: $0, port: port) } == address)
        }
    }
}
