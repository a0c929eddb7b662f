import Foundation
import MediaWire

/// What the relay costs: CPU of a packet forwarded to one listener, of a listener's joining, and memory.
///
/// Three voices of 20 ms packets with 100 bytes of Opus and a level go to every listener, each sent on at once. The
/// floor is what nobody can leave out: one AES-128-GCM seal by OpenSSL and the kernel's way of the datagram, through
/// the same socket, to the same ports, in turn with the relay.
struct RelayBenchmark {
    /// 20 ms slices that relay and floor take in turn.
    private static let ticksPerSlice = 10

    let seconds: Double

    func run() throws -> MeasurementTable {
        var table = MeasurementTable(
            title: "Relay, 3 voices, one thread; baseline: bare AES-128-GCM seal and sendmmsg of the same datagrams")
        for listeners in [50, 500] { try measure(listeners: listeners, into: &table) }
        table.notes += [
            "A packet is one RTP packet to one listener. Voices are handed over in memory, so their recvmmsg is not in it",
            "(3 of every 3 x L + 3 datagrams). Destinations are bound loopback ports that nobody reads: the kernel drops",
            "at their full buffers, which is cheaper than delivery, for floor and relay alike. Trust the ratio first.",
            "Joining: offer, answer, ICE check, DTLS and keys, the server's part of it; its baseline is X25519 key and",
            "agreement, one P-256 signature and one verification by OpenSSL. Memory: growth of the resident set, while no",
            "more than one client at a time is alive.",
        ]
        return table
    }

    private func measure(listeners: Int, into table: inout MeasurementTable) throws {
        Progress.say("connecting \(listeners) listeners")
        let ports = try SilentPorts(listeners)
        var room = try RelayRoom.open()
        // What OpenSSL and the allocator set up once is no listener's memory; what they kept from before is not theirs.
        let first = listeners / 10
        for address in ports.addresses.prefix(first) { try room.admitListener(at: address) }
        Machine.returnFreeMemory()
        let before = Machine.residentBytes()
        for address in ports.addresses.dropFirst(first) { try room.admitListener(at: address) }
        let bytes = (Machine.residentBytes() - before) / (listeners - first)
        let costs = try forward(in: &room, to: ports.addresses)
        let name = "L=\(listeners)"
        var floor = Measurement(what: "\(name) floor: seal and sendmmsg", cpuMicroseconds: costs.floorSent)
        floor.target = listeners == 500 ? "(3.0 µs where the target was set)" : ""
        var sent = Measurement(what: "\(name) relay, sent at once", cpuMicroseconds: costs.relaySent)
        sent.ratio = String(format: "%.2f x the floor", costs.relaySent / costs.floorSent)
        sent.target = listeners == 500 ? "3.9–5.9 µs" : ""
        let seal = Measurement(what: "\(name) floor: seal", cpuMicroseconds: costs.floorSealed)
        var sealed = Measurement(what: "\(name) relay, not sent", cpuMicroseconds: costs.relaySealed)
        sealed.ratio = String(format: "%.2f x the floor", costs.relaySealed / costs.floorSealed)
        table.rows += [floor, sent, seal, sealed]
        try table.rows += joining(room.joiningCPUSeconds / Double(listeners) * 1e6, bytes: bytes, name)
        table.notes.append(
            String(
                format: "%@: %.0f µs per listener-second of a voice (50 packets), floor %.0f; %d bytes a datagram.",
                name,
                costs.relaySent * 50, costs.floorSent * 50, costs.datagramBytes))
    }

    private func joining(_ microseconds: Double, bytes: Int, _ name: String) throws -> [Measurement] {
        let operations = try HandshakeFloor()
        let bare = try Clocks.measure("\(name) bare operations of a handshake", seconds: 0.3, batch: 50) {
            for _ in 0..<50 { try operations.operate() }
        }
        var joining = Measurement(what: "\(name) a listener joins", cpuMicroseconds: microseconds)
        joining.ratio = String(format: "%.2f x the bare operations", microseconds / (bare.cpuMicroseconds ?? .nan))
        joining.target = "1,000 µs"
        var memory = Measurement(what: String(format: "%@ memory of a listener: %.1f KiB", name, Double(bytes) / 1024))
        memory.ratio = String(format: "%.1f x the limit", Double(bytes) / 16_384)
        memory.target = "16 KiB"
        return [bare, joining, memory]
    }

    /// CPU time per packet, in microseconds.
    private struct Costs {
        let relaySent: Double
        let relaySealed: Double
        let floorSent: Double
        let floorSealed: Double
        let datagramBytes: Int
    }

    private func forward(in room: inout RelayRoom, to ports: [SocketAddress]) throws -> Costs {
        // The first slice warms up the caches, fills the silent ports, and tells how large a datagram is.
        let first = try room.forward(room.voices(ticks: Self.ticksPerSlice), sending: true)
        let headerBytes = first.datagramBytes - RelayRoom.payloadBytes - 16
        var floor = try SealFloor(
            listeners: ports.count, headerBytes: headerBytes, payloadBytes: RelayRoom.payloadBytes)
        var relaySent = RelayRoom.Forwarded()
        var relaySealed = RelayRoom.Forwarded()
        var floorSent = RelayRoom.Forwarded()
        var floorSealed = RelayRoom.Forwarded()
        let begun = Clocks.wallSeconds()
        var ticks = Self.ticksPerSlice
        repeat {
            relaySent.add(try room.forward(room.voices(ticks: Self.ticksPerSlice), sending: true))
            floorSent.add(try Self.seal(&floor, room: &room, to: ports, sending: true))
            relaySealed.add(try room.forward(room.voices(ticks: Self.ticksPerSlice), sending: false))
            floorSealed.add(try Self.seal(&floor, room: &room, to: ports, sending: false))
            ticks += 2 * Self.ticksPerSlice
        } while ticks + 2 * Self.ticksPerSlice <= RelayRoom.maximumTicks
            && Clocks.wallSeconds() - begun < seconds * 2
        // A full send buffer would make packets look cheap.
        guard (relaySent.unsent + floorSent.unsent) * 100 < relaySent.packets else {
            throw BaselineMissing(text: "the kernel refused \(relaySent.unsent) and \(floorSent.unsent) datagrams")
        }
        return Costs(
            relaySent: relaySent.microseconds, relaySealed: relaySealed.microseconds,
            floorSent: floorSent.microseconds, floorSealed: floorSealed.microseconds,
            datagramBytes: first.datagramBytes)
    }

    /// As many packets as the relay forwards in a slice, by the bare operations.
    private static func seal(
        _ floor: inout SealFloor, room: inout RelayRoom, to ports: [SocketAddress], sending: Bool
    ) throws -> RelayRoom.Forwarded {
        var result = RelayRoom.Forwarded()
        let begun = Clocks.threadCPUSeconds()
        for _ in 0..<(ticksPerSlice * RelayRoom.voices) {
            guard floor.sealAll() else { throw BaselineMissing(text: "OpenSSL does not seal") }
            result.packets += ports.count
            guard sending else { continue }
            let sent = room.send(
                from: UnsafeRawBufferPointer(floor.arena), stride: SealFloor.strideBytes, bytes: floor.datagramBytes,
                to: ports)
            result.unsent += ports.count - sent
        }
        result.cpuSeconds = Clocks.threadCPUSeconds() - begun
        return result
    }
}

extension RelayRoom.Forwarded {
    fileprivate mutating func add(_ other: Self) {
        packets += other.packets
        cpuSeconds += other.cpuSeconds
        unsent += other.unsent
    }

    fileprivate var microseconds: Double { cpuSeconds / Double(packets) * 1e6 }
}
