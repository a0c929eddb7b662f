import MediaWire
import Simulation
import Testing

@testable import AudioRelay

/// The relay's lite half of ICE against checks of every kind.
@Suite("Checks")
struct ChecksTests {
    private struct Check {
        var receiver: String
        var sender: String
        var password: String
        var nominates = true
        var isControlled = false
        var kind = STUNKind.bindingRequest

        var bytes: [UInt8] {
            [UInt8](unsafeUninitializedCapacity: 600) { buffer, count in
                var writer = STUNWriter(
                    UnsafeMutableRawBufferPointer(buffer), kind: kind,
                    transactionID: STUNTransactionID(high: 1, low: 2))
                var receiver = receiver
                var sender = sender
                receiver.withUTF8 { receiver in
                    sender.withUTF8 {
                        writer.append(
                            receiverFragment: UnsafeRawBufferPointer(receiver),
                            senderFragment: UnsafeRawBufferPointer($0))
                    }
                }
                writer.append(priority: 1)
                if isControlled { writer.append(controlled: 5) } else { writer.append(controlling: 5) }
                if nominates { writer.appendUseCandidate() }
                writer.appendIntegrity(STUNKey(password: password))
                writer.appendFingerprint()
                count = writer.finish() ?? 0
            }
        }
    }

    /// A hall with one admitted peer that nobody drives, and the check that it would send.
    private func admitted() throws -> (Hall, Check) {
        let hall = try Hall()
        let guest = try hall.admit(.listen(slots: 1), participant: 1)
        hall.sent.removeAll()
        let index = try #require(hall.relay.peerByID[guest.id])
        let negotiated = try #require(hall.relay.peers[index]?.negotiated)
        return (
            hall,
            Check(
                receiver: negotiated.localFragment, sender: negotiated.peerFragment, password: negotiated.password)
        )
    }

    private let source = SocketAddress(ipv4: 0x0808_0808, port: 53)

    @Test("A right check is answered with the address it came from, once")
    func success() throws {
        let (hall, check) = try admitted()
        hall.inject(check.bytes, from: source)
        #expect(hall.sent.count == 1)
        let answer = try #require(hall.sent.first)
        #expect(answer.destination == source)
        answer.bytes.withUnsafeBytes { bytes in
            let message = STUNMessage(bytes)
            #expect(message?.kind == .bindingSuccess && message?.xorMappedAddress == source)
            #expect(message?.verifies(STUNKey(password: check.password)) == true)
            #expect(message?.hasValidFingerprint == true)
        }
    }

    @Test("A wrong password, fragment or kind gets no answer at all")
    func silence() throws {
        let (hall, check) = try admitted()
        var wrong = check
        wrong.password = "0123456789abcdefghijklmn"
        hall.inject(wrong.bytes, from: source)
        #expect(hall.relay.drops[.stunIntegrity] == 1)
        wrong = check
        wrong.sender = "else"
        hall.inject(wrong.bytes, from: source)
        #expect(hall.relay.drops[.stunIntegrity] == 2)
        wrong = check
        wrong.receiver = "AAAAAAAA"
        hall.inject(wrong.bytes, from: source)
        wrong.receiver = "short"
        hall.inject(wrong.bytes, from: source)
        #expect(hall.relay.drops[.unknownFragment] == 2)
        wrong = check
        wrong.kind = .bindingSuccess
        hall.inject(wrong.bytes, from: source)
        #expect(hall.relay.drops[.malformedSTUN] == 1)
        hall.inject(Array(check.bytes.dropLast(4)), from: source)
        #expect(hall.relay.drops[.malformedSTUN] == 2)
        #expect(hall.sent.isEmpty && hall.relay.peerByAddress.isEmpty)
    }

    @Test("Whoever also claims to be controlled is told to change roles")
    func roleConflict() throws {
        let (hall, check) = try admitted()
        var wrong = check
        wrong.isControlled = true
        hall.inject(wrong.bytes, from: source)
        hall.sent.first?.bytes.withUnsafeBytes { #expect(STUNMessage($0)?.errorCode == 487) }
        #expect(hall.sent.count == 1 && hall.relay.peerByAddress.isEmpty)
    }

    @Test("A peer's addresses are bounded, and what is nominated stays known")
    func manyAddresses() throws {
        let (hall, check) = try admitted()
        hall.inject(check.bytes, from: source)
        var quiet = check
        quiet.nominates = false
        for port in 1...100 { hall.inject(quiet.bytes, from: SocketAddress(ipv4: 9, port: UInt16(port))) }
        #expect(hall.relay.peerByAddress.count == Peer.maximumAddresses)
        #expect(hall.relay.peerByAddress[source] != nil)
    }

    @Test("An address in use by one peer is not given to another, whoever asks")
    func takenAddress() throws {
        let (hall, _) = try admitted()
        hall.connectAll()
        let victim = hall.guests[0]
        let other = try hall.admit(.listen(slots: 1), participant: 2)
        let index = try #require(hall.relay.peerByID[other.id])
        let negotiated = try #require(hall.relay.peers[index]?.negotiated)
        let check = Check(
            receiver: negotiated.localFragment, sender: negotiated.peerFragment, password: negotiated.password)
        hall.inject(check.bytes, from: victim.address)
        #expect(hall.relay.drops[.addressTaken] == 1)
        #expect(hall.relay.peerByAddress[victim.address] == hall.relay.peerByID[victim.id])
    }

    @Test("A listener who moves to another network hears on from there")
    func migration() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        hall.connectAll()
        let index = try #require(hall.relay.peerByID[listener.id])
        let negotiated = try #require(hall.relay.peers[index]?.negotiated)
        hall.inject(
            Check(
                receiver: negotiated.localFragment, sender: negotiated.peerFragment, password: negotiated.password
            ).bytes, from: source)
        hall.sent.removeAll()
        hall.say(voice(7, 0), speaker, level: 30)
        hall.run(milliseconds: 10)
        #expect(hall.sent.map(\.destination) == [source])
    }

    @Test(
        "An address that has ended is nobody's: what was sent there goes nowhere, and the next one from there gets in")
    func forgotten() throws {
        let hall = try Hall()
        let speaker = try hall.admit(.publish, participant: 7)
        let listener = try hall.admit(.listen(slots: 1), participant: 8)
        let next = try hall.admit(.listen(slots: 1), participant: 9)
        hall.connectAll()
        let left = listener.address
        hall.relay.forget(left)
        hall.relay.forget(source)
        let isKnown = hall.relay.knows(left)
        #expect(!isKnown)
        hall.sent.removeAll()
        hall.say(voice(7, 0), speaker, level: 30)
        hall.run(milliseconds: 10)
        #expect(hall.sent.allSatisfy { $0.destination != left })
        #expect(next.heard.count == 1)
        // Another one has that port now.
        func check(of guest: Guest) throws -> [UInt8] {
            let index = try #require(hall.relay.peerByID[guest.id])
            let negotiated = try #require(hall.relay.peers[index]?.negotiated)
            return Check(
                receiver: negotiated.localFragment, sender: negotiated.peerFragment, password: negotiated.password
            ).bytes
        }
        hall.inject(try check(of: next), from: left)
        #expect(hall.relay.drops[.addressTaken] == 0 && hall.relay.peerByAddress[left] == hall.relay.peerByID[next.id])
        // And the first is found where it says that it is.
        hall.inject(try check(of: listener), from: source)
        hall.sent.removeAll()
        hall.say(voice(7, 1), speaker, level: 30)
        hall.run(milliseconds: 10)
        #expect(Set(hall.sent.map(\.destination)) == [source, left])
    }
}
