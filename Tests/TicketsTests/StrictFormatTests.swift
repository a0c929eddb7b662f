import Foundation
import Simulation
import Testing

@testable import Tickets

@Suite struct StrictFormatTests {
    private func read(_ text: String) throws(JSONFault) -> JSONValue {
        try read(Array(text.utf8))
    }

    private func read(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        let result = bytes.withUnsafeBufferPointer { buffer in
            Result<JSONValue, JSONFault>(catching: { () throws(JSONFault) in try StrictJSONReader.read(buffer) })
        }
        return try result.get()
    }

    @Test func `base64url gives back every length, and has one spelling`() throws {
        var generator = SeededGenerator(seed: 5)
        for count in 0..<70 {
            let bytes = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            let text = Base64URL.encode(bytes)
            #expect(
                text
                    == Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing(
                        "=", with: ""))
            #expect(Base64URL.decode(text) == bytes)
        }
        // RFC 4648 section 10, and what is not the spelling of "f".
        #expect(Base64URL.decode("Zg") == Array("f".utf8))
        for wrong in ["Zg==", "Zh", "Z", "Zg ", " Zg", "Z\ng", "Z+", "Z/", "Zgé", "Zg="] {
            #expect(Base64URL.decode(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `plain JSON is read as it stands`() throws {
        #expect(
            try read(#" {"a" : [1, -2, true, null], "b":{"c":"é\u00e9\ud83c\udfab\n"} } "#)
                == .object([
                    JSONMember(name: "a", value: .array([.integer(1), .integer(-2), .boolean(true), .null])),
                    JSONMember(name: "b", value: .object([JSONMember(name: "c", value: .string("éé🎫\n"))])),
                ]))
        #expect(try read("9007199254740991") == .integer(9_007_199_254_740_991))
        #expect(try read("[[[[]]]]") == .array([.array([.array([.array([])])])]))
    }

    @Test func `what two readers could read in two ways is refused`() {
        let malformed = [
            "", " ", "{", "}", "[", "nul", "truee", "{}{}", "{} x", "[1,]", "{\"a\":1,}", "{,}", "{a:1}", "{'a':1}",
            "{\"a\" 1}", "01", "-", "-0", "1.0", "1e3", "+1", "9007199254740992", "99999999999999999999", "NaN",
            "[[[[[]]]]]", "\"", "\"\u{1}\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
            "\"\\udc00\"", "\u{FEFF}{}", "/**/{}",
            "{" + (0..<65).map { "\"\($0)\":0" }.joined(separator: ",") + "}",
            "[" + Array(repeating: "0", count: 65).joined(separator: ",") + "]",
        ]
        for text in malformed {
            #expect(throws: JSONFault.malformed, "\(text)") { _ = try read(text) }
        }
        #expect(throws: JSONFault.malformed) { _ = try read([0x22, 0xC0, 0x80, 0x22]) }
        #expect(throws: JSONFault.malformed) { _ = try read([0x22, 0xED, 0xA0, 0x80, 0x22]) }
    }

    @Test func `a member twice is found at every depth, however it is spelled`() {
        for text in [#"{"a":1,"a":1}"#, #"{"x":{"a":1,"b":2,"a":3}}"#, #"{"a":1,"\u0061":1}"#, #"{"":1,"":2}"#] {
            #expect(throws: JSONFault.duplicateMember, "\(text)") { _ = try read(text) }
        }
        // Two names that look alike are two names: nothing is normalised.
        #expect(throws: Never.self) { _ = try read(["{\"\u{E9}\":1,", "\"e\u{301}\":2}"].joined()) }
    }

    @Test func `whatever this reader accepts another reader accepts too`() {
        let seedText = #"{"a":[1,-2,{"b":"x\u00e9\n"}],"cc":true,"d":null,"e":"é🎫"}"#
        var generator = SeededGenerator(seed: 6)
        let alphabet = Array(#"{}[]",:\u0019ae-+. tfn"#.utf8)
        var accepted = 0
        for _ in 0..<4_000 {
            var bytes = Array(seedText.utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0...2, using: &generator) {
                case 0: bytes[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
                case 1: bytes.remove(at: index)
                default: bytes.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &generator)], at: index)
                }
            }
            guard (try? read(bytes)) != nil else { continue }
            accepted += 1
            #expect(
                (try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)) != nil,
                "\(String(decoding: bytes, as: UTF8.self))")
        }
        #expect(accepted > 100)
    }
}
