import MediaWire
import Simulation
import Testing

@testable import AudioRelay

@Suite("Where listeners are")
struct ListenerPlaceTests {
    @Test("Each is found at its place, however others came and went", arguments: 1...20)
    func places(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let profile = SRTPProfile.aeadAES128GCM
        let exported = (0..<2 * (16 + profile.masterSaltBytes)).map { _ in UInt8.random(in: 0...255, using: &generator)
        }
        let session = try SRTPSession(
            SRTPKeyingMaterial(profile: profile, exported: exported), role: .server, sharing: ControlCiphers())
        var slots = SlotClass(room: RoomKey(1), slotCount: 1, using: &generator)
        // What a class should know, kept in the plainest way.
        var expected: [Int: SocketAddress] = [:]
        for step in 0..<600 {
            let peer = Int.random(in: 0..<40, using: &generator)
            let address = SocketAddress(ipv4: UInt32(step + 1), port: 9)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                guard expected[peer] == nil else { continue }
                slots.add(
                    Listener(
                        peer: peer, participant: UInt32(peer), destination: address, transform: session.sealRTP,
                        payloadType: 111, levelExtension: 0), firstIndex: 1)
                expected[peer] = address
            case 2:
                slots.removeListener(peer)
                expected[peer] = nil
            default:
                slots.redirect(peer, to: address)
                if expected[peer] != nil { expected[peer] = address }
            }
            #expect(slots.listeners.count == expected.count, "seed \(seed), step \(step)")
            for peer in 0..<40 {
                let position = slots.position(of: peer)
                #expect(position.map { slots.listeners[$0].peer } == (expected[peer] == nil ? nil : peer))
                #expect(slots.listener(peer)?.destination == expected[peer], "seed \(seed), step \(step), \(peer)")
            }
        }
        withExtendedLifetime(session) {}
    }
}
