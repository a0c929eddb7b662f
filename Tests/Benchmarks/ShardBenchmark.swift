import AudioRelay
import Foundation
import MediaWire

/// The same room on one relay and on two that have half of its listeners each, in turn on one thread: what the second
/// costs beyond its share of listeners is what is missing to twice the speed once each has a core.
struct ShardBenchmark {
    private static let listeners = 500
    private static let ticksPerSlice = 10

    let seconds: Double

    func measure(into table: inout MeasurementTable) throws {
        Progress.say("connecting \(Self.listeners) listeners to one relay and to two")
        let ports = try SilentPorts(Self.listeners)
        var alone = try RelayRoom.open(listeners: Self.listeners)
        for address in ports.addresses { try alone.admitListener(at: address) }
        let half = ports.addresses.count / 2
        var near = try RelayRoom.open(listeners: half)
        for address in ports.addresses.prefix(half) { try near.admitListener(at: address) }
        var far = try RelayRoom.open(voices: 0, listeners: half, peersElsewhere: 1_000_000)
        for address in ports.addresses.dropFirst(half) { try far.admitListener(at: address) }
        let ring = VoiceRing()
        near.relay.connect(to: 1, by: ring)
        near.relay.perform(.spread(RoomKey(1), to: ShardSet([1])), at: near.now, into: &near.outbox)
        for pace in [Pace.atOnce, .tick20] {
            var one = RelayRoom.Forwarded()
            var two = RelayRoom.Forwarded()
            let begun = Clocks.wallSeconds()
            var isFirst = true
            for _ in 0..<12 where isFirst || Clocks.wallSeconds() - begun < seconds * 2 {
                alone.setPace(pace)
                near.setPace(pace)
                far.setPace(pace)
                let single = try alone.forward(alone.voices(ticks: Self.ticksPerSlice), sending: true)
                let double = try Self.forward(near: &near, far: &far, ring)
                guard single.packets == double.packets, single.datagrams == double.datagrams else {
                    throw BaselineMissing(
                        text: "two relays sent \(double.datagrams) datagrams where one sent \(single.datagrams)")
                }
                // The first slice warms up.
                if !isFirst {
                    one.add(single)
                    two.add(double)
                }
                isFirst = false
            }
            let name = pace == .atOnce ? "at once" : "\(pace.tickMilliseconds) ms tick"
            table.rows.append(
                Measurement(what: "L=\(Self.listeners) on one relay, \(name)", cpuMicroseconds: one.microseconds))
            var row = Measurement(
                what: "L=\(Self.listeners) on two relays, \(name)", cpuMicroseconds: two.microseconds)
            row.ratio = String(
                format: "%.2f x one relay: two cores do %.2f times what one does",
                two.microseconds / one.microseconds, 2 * one.microseconds / two.microseconds)
            row.target = "1.8 times"
            table.rows.append(row)
        }
        table.notes += [
            "Two relays: the room's voices are opened by the first, which has half of the listeners, and taken from the ring",
            "by the second; the CPU time is that of both together, on one core in turn.",
        ]
    }

    /// Tick by tick, the second relay after the first.
    private static func forward(
        near: inout RelayRoom, far: inout RelayRoom, _ ring: VoiceRing
    ) throws -> RelayRoom.Forwarded {
        var result = RelayRoom.Forwarded()
        let packets = try near.voices(ticks: ticksPerSlice)
        far.now = near.now
        for tick in 0..<ticksPerSlice {
            let voices = near.voices
            result.add(
                try near.forward(packets[tick * voices..<(tick + 1) * voices], sending: true, pausing: false))
            result.add(far.takeVoices(from: ring, at: near.now, sending: true))
        }
        let begun = Clocks.threadCPUSeconds()
        near.pause(true, into: &result)
        far.pause(true, into: &result)
        result.cpuSeconds += Clocks.threadCPUSeconds() - begun
        return result
    }
}

extension RelayRoom {
    /// Forwards what the other relay of the room has put into the ring.
    fileprivate mutating func takeVoices(
        from ring: VoiceRing, at instant: MonotonicInstant, sending: Bool
    ) -> Forwarded {
        var result = Forwarded()
        let begun = Clocks.threadCPUSeconds()
        now = instant
        let count = relay.takeVoices(from: ring, atMost: 1_000, at: now, into: &outbox)
        send(sending, into: &result)
        result.cpuSeconds = Clocks.threadCPUSeconds() - begun
        result.packets = count * listeners
        _ = relay.takeEvents()
        return result
    }
}
