import Testing
import Values

@Suite struct IPAddressTests {
    @Test func `addresses are read in their usual forms and in no others`() throws {
        for text in ["192.0.2.1", "0.0.0.0", "2001:db8::1", "::1", "::ffff:192.0.2.1"] {
            #expect(try #require(IPAddress(text)).description == text)
        }
        for text in [
            "", "localhost", "127.1", "0x7f000001", "2130706433", "192.0.2.256", "192.0.2.1.", "1.2.3", "[::1]",
            "fe80::1%eth0",
            "::g",
        ] {
            #expect(IPAddress(text) == nil, "\(text)")
        }
        #expect(IPAddress([1, 2, 3]) == nil)
    }

    @Test(arguments: [
        "8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.0", "100.63.255.255", "192.169.0.1", "223.255.255.255",
        "2606:4700::1111", "2a00:1450::1", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8",
    ])
    func `an address of the internet is public`(text: String) throws {
        #expect(try #require(IPAddress(text)).isPublic)
    }

    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.255", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1", "239.1.1.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::1", "2001::1",
        "2001:db8::1", "fc00::1", "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1", "100::1", "::127.0.0.1",
    ])
    func `an address that only some networks know is not`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!address.isPublic)
    }

    @Test func `a range holds what begins with its bits`() throws {
        let range = try #require(IPRange("10.1.0.0/16"))
        #expect(range.contains(try #require(IPAddress("10.1.255.255"))))
        #expect(!range.contains(try #require(IPAddress("10.2.0.0"))))
        #expect(!range.contains(try #require(IPAddress("::ffff:10.1.0.1"))))
        let odd = try #require(IPRange("192.168.128.0/17"))
        #expect(odd.contains(try #require(IPAddress("192.168.200.1"))))
        #expect(!odd.contains(try #require(IPAddress("192.168.127.255"))))
        let one = try #require(IPRange("127.0.0.1"))
        #expect(one.contains(try #require(IPAddress("127.0.0.1"))))
        let local = try #require(IPRange("fd00::/8"))
        #expect(local.contains(try #require(IPAddress("fd12::1"))))
        let all = try #require(IPRange("0.0.0.0/0"))
        #expect(all.contains(try #require(IPAddress("255.1.2.3"))))
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8/8", "x/8", "10.0.0.0/", "::/129"] {
            #expect(IPRange(text) == nil, "\(text)")
        }
    }
}
