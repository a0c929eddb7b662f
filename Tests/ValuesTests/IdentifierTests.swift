import Foundation
import Simulation
import Testing
import Values

@Suite("Identifiers")
struct IdentifierTests {
    @Test("sort by the time of their making and come back from their text")
    func sorted() {
        var generator = SeededGenerator(seed: 9562)
        var instant = Instant(seconds: 0)
        var last: RoomID?
        for _ in 0..<2_000 {
            instant = instant.advanced(byMicroseconds: Int64.random(in: 1_000...3_000_000_000_000, using: &generator))
            let id = RoomID.make(at: instant, using: &generator)
            if let last { #expect(last < id, "seed \(generator.seed)") }
            #expect(RoomID(id.text) == id)
            last = id
        }
    }

    @Test("are UUIDs of version 7, variant 10, with the milliseconds in front")
    func bits() throws {
        var generator = SeededGenerator(seed: 7)
        // RFC 9562, appendix A.6: 2022-02-22T19:22:22Z is 017F22E279B0.
        let instant = try #require(Instant("2022-02-22T19:22:22Z"))
        for id in [OrderID.make(at: instant, using: &generator), OrderID.derived(at: instant, from: "a sale")] {
            var value: UInt128 = 0
            for byte in id.text.dropFirst("order_".count).utf8 {
                let digit = "0123456789abcdefghjkmnpqrstvwxyz".utf8.enumerated().first { $0.element == byte }
                value = value << 5 | UInt128(try #require(digit).offset)
            }
            #expect(value >> 80 == 0x017F_22E2_79B0)
            #expect(value >> 76 & 0xF == 7)
            #expect(value >> 62 & 0b11 == 0b10)
        }
    }

    @Test("are the digits of one number of 128 bits (RFC 9562, section 5.7)")
    func layout() throws {
        for number in 0..<200 {
            let instant = Instant(microseconds: Int64(number) * 9_000_000_000_000 + 7_000)
            let digest = SHA256Digest(of: "entry|name \(number)").bytes
            let random = digest[0..<10].reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
            let high = (random >> 64) & 0xFFF
            let low = random & 0x3FFF_FFFF_FFFF_FFFF
            var value = UInt128(instant.milliseconds) << 80 | 7 << 76 | high << 64 | 2 << 62 | low
            var digits: [Character] = []
            let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz")
            for _ in 0..<26 {
                digits.append(alphabet[Int(value & 31)])
                value >>= 5
            }
            #expect(EntryID.derived(at: instant, from: "name \(number)").text == "entry_" + String(digits.reversed()))
        }
    }

    @Test("that are derived depend on instant, kind and name alone")
    func derived() {
        let instant = Instant(seconds: 1_767_225_600)
        #expect(EntryID.derived(at: instant, from: "x") == EntryID.derived(at: instant, from: "x"))
        #expect(EntryID.derived(at: instant, from: "x") != EntryID.derived(at: instant, from: "y"))
        #expect(
            EntryID.derived(at: instant, from: "x").text.suffix(16)
                != AccrualID.derived(at: instant, from: "x").text.suffix(16))
        let many = Set((0..<2_000).map { EntryID.derived(at: instant, from: "entry \($0)") })
        #expect(many.count == 2_000)
    }

    @Test(
        "are not read from anything else",
        arguments: [
            "", "room_", "room_00000000000000000000000000", "order_0000000000000000000000000u",
            "order_80000000000000000000000000", "order_0000000000000000000000000", "order_0000000000000000000000000A",
            " order_00000000000000000000000000",
        ])
    func refused(_ text: String) {
        #expect(OrderID(text) == nil)
    }
}

@Suite("SHA-256 digests")
struct DigestTests {
    @Test("are those of FIPS 180-4")
    func vectors() {
        #expect(
            SHA256Digest(of: "abc").hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(SHA256Digest(of: "").hex == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        // A collection without contiguous storage takes the other way and gives the same.
        #expect(SHA256Digest(of: "abc".utf8.reversed().reversed()) == SHA256Digest(of: "abc"))
    }

    @Test("come back from 64 lower-case digits and from nothing else")
    func hex() {
        let digest = SHA256Digest(of: "abc")
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect(SHA256Digest(hex: digest.hex.uppercased()) == nil)
        #expect(SHA256Digest(hex: digest.hex.dropLast()) == nil)
        #expect(SHA256Digest.zero.hex == String(repeating: "0", count: 64))
    }
}
