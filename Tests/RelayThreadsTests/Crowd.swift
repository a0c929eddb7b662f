import AudioRelay
import Datagrams
import MediaWire
import Synchronization
import Testing

@testable import RelayThreads

/// Somebody who speaks or listens, with a socket of their own.
///
/// `@unchecked Sendable`: touched by whoever makes it, and then by the thread of its ``Crowd`` only.
final class Person: @unchecked Sendable {
    let id: PeerID
    let participant: UInt32
    let purpose: ClientPurpose
    let offer: String
    fileprivate var peer: ClientPeer
    fileprivate var socket: UDPSocket
    fileprivate var answer = ""
    fileprivate var said = 0

    init(_ id: PeerID, _ purpose: ClientPurpose, participant: UInt32, certificate: RelayCertificate) throws {
        var generator = SystemRandomNumberGenerator()
        self.id = id
        self.purpose = purpose
        self.participant = participant
        socket = try UDPSocket(bind: SocketAddress(ipv4: 0x7F00_0001, port: 0))
        peer = try ClientPeer(
            purpose, certificate: certificate, candidates: [socket.localAddress], using: &generator)
        offer = peer.offer
    }
}

/// People on one thread, who come while it runs. Speakers say a packet of 20 ms after the other as long as they may.
final class Crowd: Sendable {
    private struct State {
        var arriving: [Person] = []
        var isStopping = false
        var heard: [PeerID: [HeardPacket]] = [:]
        var connected: Set<PeerID> = []
        var closed: Set<PeerID> = []
    }

    private let state = Mutex(State())
    private let thread = Mutex<OwnThread?>(nil)

    init() {
        let started = OwnThread(named: "crowd") { [self] in run() }
        thread.withLock { $0 = started }
    }

    func add(_ person: Person, answer: String) {
        person.answer = answer
        state.withLock { $0.arriving.append(person) }
    }

    func heard(by person: PeerID) -> [HeardPacket] { state.withLock { $0.heard[person] ?? [] } }
    func isConnected(_ person: PeerID) -> Bool { state.withLock { $0.connected.contains(person) } }
    func isClosed(_ person: PeerID) -> Bool { state.withLock { $0.closed.contains(person) } }

    func stop() async {
        state.withLock { $0.isStopping = true }
        await thread.withLock { $0 }?.finished()
    }

    /// What the `number`th packet of a participant holds.
    static func voice(_ participant: UInt32, _ number: Int) -> [UInt8] {
        [0x78, UInt8(truncatingIfNeeded: participant), UInt8(truncatingIfNeeded: number >> 8)]
            + [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: 60)
    }

    private var now: MonotonicInstant { MonotonicInstant(nanoseconds: monotonicNanoseconds()) }

    private func run() {
        // Nobody sends to the one and nobody signals the other: a pause that is short enough for all.
        guard let wake = try? Wake(), let pause = try? UDPSocket(bind: SocketAddress(ipv4: 0x7F00_0001, port: 0)) else {
            return
        }
        var people: [Person] = []
        var outbox = Outbox()
        var nextWord = monotonicNanoseconds()
        while true {
            let (arrived, isStopping) = state.withLock { state in
                defer { state.arriving = [] }
                return (state.arriving, state.isStopping)
            }
            guard !isStopping else { return }
            for person in arrived {
                try? person.peer.accept(answer: person.answer, at: now, into: &outbox)
                send(&outbox, by: person)
            }
            people += arrived
            let speaks = monotonicNanoseconds() >= nextWord
            if speaks { nextWord += 20_000_000 }
            for person in people { attend(person, speaks: speaks, &outbox) }
            _ = try? pause.wait(wake: wake, timeoutNanoseconds: 2_000_000)
        }
    }

    private func attend(_ person: Person, speaks: Bool, _ outbox: inout Outbox) {
        for _ in 0..<4 {
            let count = (try? person.socket.fetch()) ?? 0
            for index in 0..<count {
                guard let (bytes, from) = person.socket.datagram(index) else { continue }
                person.peer.receive(UnsafeRawBufferPointer(bytes), from: from, at: now, into: &outbox)
            }
            if count < UDPSocket.batchCapacity { break }
        }
        if person.peer.deadline <= now { person.peer.advance(to: now, into: &outbox) }
        if speaks, person.purpose == .publish {
            let level = AudioLevel(decibelsBelowFullScale: UInt8(25 + person.said % 4 * 3), hasVoice: true)
            if person.peer.send(
                Self.voice(person.participant, person.said), sampleCount: 960, level: level, into: &outbox)
            {
                person.said += 1
            }
        }
        send(&outbox, by: person)
        let events = person.peer.takeEvents()
        guard !events.isEmpty else { return }
        state.withLock { state in
            for event in events {
                switch event {
                case .connected: state.connected.insert(person.id)
                case .heard(let packet): state.heard[person.id, default: []].append(packet)
                case .stalled: break
                case .closed: state.closed.insert(person.id)
                }
            }
        }
    }

    private func send(_ outbox: inout Outbox, by person: Person) {
        guard !outbox.isEmpty else { return }
        outbox.forEach { bytes, destination in
            // A datagram that the kernel does not take is lost, as anywhere.
            _ = person.socket.send(from: UnsafeRawBufferPointer(bytes), count: 1) { _ in (0, bytes.count, destination) }
        }
        outbox.removeAll()
    }
}
