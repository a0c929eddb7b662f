import AudioRelay
import Foundation
import MediaWire
import Simulation

/// What the relay costs: CPU of a packet forwarded to one listener, of a listener's joining, and memory.
///
/// Three voices of 20 ms packets with 100 bytes of Opus and a level go to every listener: each sent on at once, or
/// collected. The floors are what nobody can leave out: one AES-128-GCM seal by OpenSSL and the kernel's way of the
/// datagrams, through the same socket, to the same ports, in turn with the relay.
struct RelayBenchmark {
    /// 20 ms slices that relay and floors take in turn.
    private static let ticksPerSlice = 10

    let seconds: Double

    func run() throws -> MeasurementTable {
        var table = MeasurementTable(
            title: "Relay, one thread; baselines: bare AES-128-GCM seal and the kernel's way of the same datagrams")
        for listeners in [50, 500, 2_000] { try measure(listeners: listeners, into: &table) }
        try measureConversation(into: &table)
        try measureRooms([1, 30, 1_000], into: &table)
        try ShardBenchmark(seconds: seconds).measure(into: &table)
        try JoinRush.measure(into: &table)
        table.notes += [
            "A packet is 20 ms of one of 3 voices to one listener. Voices are handed over in memory, so their recvmmsg is",
            "not in it (3 of every 3 x L + 3 datagrams). Destinations are bound loopback ports that nobody reads: the kernel",
            "drops at their full buffers, which is cheaper than delivery, for floors and relay alike. Trust the ratio first.",
            "Joining: offer, answer, ICE check, DTLS and keys, the server's part of it; its baseline is X25519 key and",
            "agreement, one P-256 signature and one verification by OpenSSL. Memory: growth of the resident set, while no",
            "more than one client at a time is alive; settled: 10 s after the handshakes, free memory given back to the",
            "system (malloc_trim), all that the relay holds divided by its listeners.",
        ]
        return table
    }

    private func measure(listeners: Int, into table: inout MeasurementTable) throws {
        Progress.say("connecting \(listeners) listeners")
        let ports = try SilentPorts(listeners)
        var room = try RelayRoom.open(listeners: listeners)
        // What OpenSSL and the allocator set up once is no listener's memory; what they kept from before is not theirs.
        let first = listeners / 10
        Machine.returnFreeMemory()
        let start = Machine.residentBytes()
        for address in ports.addresses.prefix(first) { try room.admitListener(at: address) }
        Machine.returnFreeMemory()
        let before = Machine.residentBytes()
        for address in ports.addresses.dropFirst(first) { try room.admitListener(at: address) }
        let fresh = (Machine.residentBytes() - before) / (listeners - first)
        room.settle()
        Machine.returnFreeMemory()
        let settled = (Machine.residentBytes() - start) / listeners
        let costs = try forward(in: &room, to: ports.addresses, paces: [.atOnce, .tick20, .merged])
        let name = "L=\(listeners)"
        table.rows += rows(costs, name, isMain: listeners == 500)
        for pace in costs.relay.map(\.pace) {
            table.notes += try runtime(of: &room, pace, "\(name), \(pace.words(costs.frames))").map { [$0] } ?? []
        }
        try table.rows += joining(
            room.joiningCPUSeconds / Double(listeners) * 1e6, freshBytes: fresh, settledBytes: settled, name)
        table.notes.append(
            name + ", µs per listener-second of a voice (50 packets): "
                + costs.relay.map {
                    String(format: "%@ %.0f", $0.pace.words(costs.frames), $0.forwarded.microseconds * 50)
                }
                .joined(separator: ", ") + String(format: "; %d bytes a datagram.", costs.datagramBytes))
    }

    /// What the Swift runtime does for packets: nothing for one to a listener, after warm-up.
    private func runtime(of room: inout RelayRoom, _ pace: Pace, _ name: String) throws -> String? {
        room.setPace(pace)
        let packets = try room.voices(ticks: Self.ticksPerSlice)
        var forwarded = 0
        let counts = try RuntimeCounts.during { forwarded = try room.forward(packets, sending: true).packets }
        room.setPace(.atOnce)
        return counts.map {
            String(
                format: "%@: %d objects and %d references counted for %d packets that came in and %d that went out.",
                name, $0.allocations, $0.retains, packets.count, forwarded)
        }
    }

    /// Listeners who speak too get packets of 40 ms.
    private func measureConversation(into table: inout MeasurementTable) throws {
        let listeners = 500
        Progress.say("connecting \(listeners) listeners who speak too")
        let ports = try SilentPorts(listeners)
        var room = try RelayRoom.open(listeners: listeners, speaking: true)
        for address in ports.addresses { try room.admitListener(at: address) }
        let costs = try forward(in: &room, to: ports.addresses, paces: [.merged])
        table.rows += rows(costs, "L=\(listeners), who speak too,", isMain: false, showsSeal: false)
    }

    /// Small rooms, few and many: one voice each, so that there is nothing to put together.
    private func measureRooms(_ counts: [Int], into table: inout MeasurementTable) throws {
        for rooms in counts {
            let listeners = 4 * rooms
            Progress.say("connecting \(listeners) listeners in \(rooms) rooms")
            let ports = try SilentPorts(listeners, sharing: true)
            var house = try RelayRoom.open(rooms: rooms, voices: 1, listeners: listeners)
            for address in ports.addresses { try house.admitListener(at: address) }
            let costs = try forward(in: &house, to: ports.addresses, paces: [.atOnce, .tick20])
            table.rows += self.rows(costs, "rooms of 4: \(rooms),", isMain: false)
        }
        table.notes += [
            "Rooms of one voice and 4 listeners: one decryption for every 4 packets is in it, which floors lack. What comes",
            "in a millisecond is one turn of the media thread: of 1,000 rooms some 50 packets.",
        ]
    }

    private func rows(
        _ costs: Costs, _ name: String, isMain: Bool, showsSeal: Bool = true
    ) -> [Measurement] {
        var rows: [Measurement] = []
        for (pace, relay) in costs.relay {
            let floor = costs.floors[pace] ?? costs.floorSealed
            var bare = Measurement(
                what: "\(name) floor: seal and " + pace.floor(costs.frames), cpuMicroseconds: floor.microseconds)
            var sent = Measurement(
                what: "\(name) relay, \(pace.words(costs.frames))", cpuMicroseconds: relay.microseconds)
            sent.ratio = String(
                format: "%.2f x the floor, %.2f datagrams a message", relay.microseconds / floor.microseconds,
                Double(relay.datagrams) / Double(relay.messages))
            if isMain { (bare.target, sent.target) = pace.targets }
            rows += [bare, sent]
        }
        guard showsSeal else { return rows }
        let seal = Measurement(what: "\(name) floor: seal", cpuMicroseconds: costs.floorSealed.microseconds)
        var sealed = Measurement(
            what: "\(name) relay, not sent", cpuMicroseconds: costs.relaySealed.microseconds)
        sealed.ratio = String(
            format: "%.2f x the floor", costs.relaySealed.microseconds / costs.floorSealed.microseconds)
        return rows + [seal, sealed]
    }

    private func joining(
        _ microseconds: Double, freshBytes: Int, settledBytes: Int, _ name: String
    ) throws -> [Measurement] {
        let operations = try HandshakeFloor()
        let bare = try Clocks.measure("\(name) bare operations of a handshake", seconds: 0.3, batch: 50) {
            for _ in 0..<50 { try operations.operate() }
        }
        var joining = Measurement(what: "\(name) a listener joins", cpuMicroseconds: microseconds)
        joining.ratio = String(format: "%.2f x the bare operations", microseconds / (bare.cpuMicroseconds ?? .nan))
        joining.target = "1,000 µs"
        var memory = Measurement(
            what: String(format: "%@ memory of a settled listener: %.1f KiB", name, Double(settledBytes) / 1024))
        memory.ratio = String(
            format: "%.1f x the limit (%.1f KiB in its first 10 s)", Double(settledBytes) / 16_384,
            Double(freshBytes) / 1024)
        memory.target = "16 KiB"
        return [bare, joining, memory]
    }

    private struct Costs {
        var relay: [(pace: Pace, forwarded: RelayRoom.Forwarded)]
        var relaySealed = RelayRoom.Forwarded()
        var floors: [Pace: RelayRoom.Forwarded] = [:]
        /// In a merged packet.
        var frames = 3
        var floorSealed = RelayRoom.Forwarded()
        var datagramBytes = 0
    }

    private func forward(in room: inout RelayRoom, to ports: [SocketAddress], paces: [Pace]) throws -> Costs {
        // The first slice warms up the caches, fills the silent ports, and tells how large a datagram is.
        let first = try room.forward(room.voices(ticks: Self.ticksPerSlice), sending: true)
        guard first.datagrams >= first.packets else {
            throw BaselineMissing(text: "the relay sent \(first.datagrams) datagrams for \(first.packets) packets")
        }
        let headerBytes = first.datagramBytes - RelayRoom.payloadBytes - 16
        var floor = try SealFloor(
            listeners: ports.count, headerBytes: headerBytes, payloadBytes: RelayRoom.payloadBytes)
        var cut = try SealFloor(
            listeners: ports.count, headerBytes: headerBytes, payloadBytes: RelayRoom.payloadBytes,
            packets: room.voices)
        var costs = Costs(relay: paces.map { ($0, RelayRoom.Forwarded()) })
        costs.frames = room.speaking ? 2 : 3
        // One TOC for all frames, and a count for more than two (RFC 6716, section 3.2).
        var merged = try SealFloor(
            listeners: ports.count, headerBytes: headerBytes,
            payloadBytes: costs.frames * (RelayRoom.payloadBytes - 1) + costs.frames - 1, packets: room.voices)
        costs.datagramBytes = first.datagramBytes
        let begun = Clocks.wallSeconds()
        let ticksPerRound = (paces.count + 1) * (Self.ticksPerSlice + RelayRoom.pauseTicks)
        var ticks = 2 * ticksPerRound
        repeat {
            for position in costs.relay.indices {
                room.setPace(costs.relay[position].pace)
                costs.relay[position].forwarded.add(
                    try room.forward(room.voices(ticks: Self.ticksPerSlice), sending: true))
            }
            room.setPace(.atOnce)
            costs.floors[.atOnce, default: .init()].add(try Self.seal(&floor, room: &room, to: ports, sending: true))
            costs.floors[.tick20, default: .init()].add(try Self.seal(&cut, room: &room, to: ports, sending: true))
            if paces.contains(.merged) {
                costs.floors[.merged, default: .init()].add(
                    try Self.seal(&merged, room: &room, to: ports, frames: costs.frames, sending: true))
            }
            costs.relaySealed.add(try room.forward(room.voices(ticks: Self.ticksPerSlice), sending: false))
            costs.floorSealed.add(try Self.seal(&floor, room: &room, to: ports, sending: false))
            ticks += ticksPerRound
        } while ticks <= RelayRoom.maximumTicks && Clocks.wallSeconds() - begun < seconds * 2
        // A full send buffer would make packets look cheap.
        for sent in costs.relay.map(\.forwarded) + costs.floors.values
        where sent.unsent * 100 >= sent.packets {
            throw BaselineMissing(text: "the kernel refused \(sent.unsent) of \(sent.packets) datagrams")
        }
        return costs
    }

    /// As many packets as the relay forwards in a slice, by the bare operations.
    private static func seal(
        _ floor: inout SealFloor, room: inout RelayRoom, to ports: [SocketAddress], frames: Int = 1, sending: Bool
    ) throws -> RelayRoom.Forwarded {
        var result = RelayRoom.Forwarded()
        let begun = Clocks.threadCPUSeconds()
        for _ in 0..<(ticksPerSlice * room.voices / floor.packets) {
            guard floor.sealAll() else { throw BaselineMissing(text: "OpenSSL does not seal") }
            let packets = ports.count * floor.packets
            result.packets += packets * frames
            if sending { result.unsent += packets - room.send(floor, to: ports) }
        }
        result.cpuSeconds = Clocks.threadCPUSeconds() - begun
        return result
    }
}

extension Pace {
    fileprivate func words(_ frames: Int) -> String {
        switch self {
        case .atOnce: "at once"
        case .merged: "merged to \(20 * frames) ms"
        default: "\(tickMilliseconds) ms tick"
        }
    }

    fileprivate func floor(_ frames: Int) -> String {
        switch self {
        case .atOnce: "sendmmsg"
        case .merged: "UDP_SEGMENT, \(frames) frames a packet"
        default: "UDP_SEGMENT"
        }
    }

    /// Of floor and relay at 500 listeners: what the yardstick needed on the machine where the targets were set.
    fileprivate var targets: (String, String) {
        switch self {
        case .atOnce: ("(3.0 µs there)", "3.9–5.9 µs")
        case .merged: ("", "1.1–1.7 µs")
        default: ("(1.7 µs there)", "2.0–2.7 µs")
        }
    }
}
