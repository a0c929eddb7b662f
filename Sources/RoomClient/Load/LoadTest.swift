public import AsyncHTTPClient
internal import AudioRelay
internal import Datagrams
internal import Foundation

/// What a load test does, within bounds that keep it from harming the machine it runs on.
public struct LoadPlan: Sendable {
    public static let maximumVoices = 13
    public static let maximumListeners = 5_000
    /// As many frames as a tally counts.
    public static let maximumSeconds = 600.0

    public var voices = 3
    public var listeners = 50
    /// Voices that a listener can hear at once.
    public var slots = 3
    /// Listeners that come in a second.
    public var joinsPerSecond = 15.0
    /// Speech before the measurement: servers that adapt to their load need some time.
    public var warmUpSeconds = 3.0
    public var seconds = 20.0
    /// Threads that serve listeners; voices have one of their own.
    public var threads = 1

    public init() {}
}

/// Where the clients of a load test go.
public enum LoadTarget: Sendable {
    /// A Guichet room's address and a ticket for each voice and each listener.
    case room(String, voices: [String], listeners: [String])
    /// The videoroom of a Janus gateway, by the address of its HTTP interface.
    case janus(String)
}

/// Many clients against one server: they join at a stated rate, voices speak for a stated time, every frame that
/// arrives is counted and timed, and the server's CPU time is read from the system.
public struct LoadTest: Sendable {
    private static let stepsBeforeSound = Duration.seconds(1)

    private let plan: LoadPlan
    private let signalling: any LoadSignalling
    private let server: ServerProcess?

    /// - Parameters:
    ///   - server: whose CPU time and memory are read; `nil` where the server runs elsewhere.
    ///   - http: the caller shuts it down.
    public init(_ plan: LoadPlan, target: LoadTarget, server: ServerProcess?, http: HTTPClient) {
        self.plan = plan
        self.server = server
        switch target {
        case .room(let room, let voices, let listeners):
            signalling = TicketSignalling(room: room, voices: voices, listeners: listeners, http: http)
        case .janus(let base): signalling = JanusSignalling(base: base, http: http)
        }
    }

    /// Runs it all; ends by itself.
    ///
    /// - Parameter say: told of each step.
    /// - Throws: what kept a voice out: without all of them nothing is measured. Listeners' failures are counted.
    public func run(_ say: @escaping @Sendable (String) -> Void) async throws -> LoadReport {
        OpenFiles.allow(plan.listeners + 512)
        let stage = try LoadThread(named: "guichet-voices")
        var ears: [LoadThread] = []
        for number in 0..<plan.threads { ears.append(try LoadThread(named: "guichet-ears-\(number)")) }
        let result: Result<LoadReport, any Error>
        do { result = .success(try await run(stage, ears, say)) } catch { result = .failure(error) }
        for thread in ears + [stage] { await thread.stop() }
        await signalling.finish()
        return try result.get()
    }

    private func run(
        _ stage: LoadThread, _ ears: [LoadThread], _ say: @escaping @Sendable (String) -> Void
    ) async throws -> LoadReport {
        try await signalling.prepare()
        for voice in 0..<plan.voices {
            try await join(LoadJoin(thread: stage, purpose: .publish, voice: voice, number: voice))
        }
        say("\(plan.voices) voices are connected; \(plan.listeners) listeners join")
        var report = LoadReport(plan)
        let before = Usage(server)
        report.joins = await joinListeners(ears)
        try await Task.sleep(for: Self.stepsBeforeSound)
        let settled = Usage(server)
        say("\(report.joins.joined) listeners are connected; \(Int(plan.seconds)) s are measured")
        stage.post(.speak(true))
        try await Task.sleep(for: .seconds(plan.warmUpSeconds))
        let begun = Usage(server)
        stage.post(.count(true))
        try await Task.sleep(for: .seconds(plan.seconds))
        stage.post(.count(false))
        let ended = Usage(server)
        // What is still on its way, merged or sent again.
        try await Task.sleep(for: .seconds(1))
        stage.post(.speak(false))
        report.note(await stage.tally())
        for thread in ears { report.note(await thread.tally()) }
        report.note(before: before, settled: settled, begun: begun, ended: ended, of: server)
        return report
    }

    // MARK: Joining

    private struct LoadJoin: Sendable {
        let thread: LoadThread
        let purpose: ClientPurpose
        let voice: Int?
        let number: Int
    }

    @discardableResult
    private func join(_ one: LoadJoin) async throws -> Double {
        let begun = monotonicNanoseconds()
        let opened = try await one.thread.open(one.purpose, voice: one.voice)
        let client = LoadClient(thread: one.thread, number: opened.client, offer: opened.offer)
        do {
            if let voice = one.voice {
                try await signalling.join(voice: voice, client)
            } else {
                try await signalling.join(listener: one.number, client)
            }
            try await one.thread.connected(opened.client)
        } catch {
            one.thread.post(.close(client: opened.client))
            throw error
        }
        return Double(monotonicNanoseconds() - begun) / 1e6
    }

    private func joinListeners(_ ears: [LoadThread]) async -> LoadReport.Joins {
        let begun = ContinuousClock.now
        return await withTaskGroup(of: Result<Double, any Error>.self) { group in
            for number in 0..<plan.listeners {
                try? await Task.sleep(until: begun + .seconds(Double(number) / plan.joinsPerSecond))
                let one = LoadJoin(
                    thread: ears[number % ears.count], purpose: .listen(slots: plan.slots), voice: nil, number: number)
                group.addTask {
                    do { return .success(try await join(one)) } catch { return .failure(error) }
                }
            }
            var milliseconds: [Double] = []
            var failures: [String: Int] = [:]
            for await result in group {
                switch result {
                case .success(let one): milliseconds.append(one)
                case .failure(let error): failures[Self.code(of: error), default: 0] += 1
                }
            }
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            return LoadReport.Joins(
                asked: plan.listeners, milliseconds: milliseconds, failures: failures, seconds: seconds)
        }
    }

    private static func code(of error: any Error) -> String {
        switch error {
        case let refusal as RefusedByServer: refusal.code
        case MediaFault.unusableAnswer(let code), MediaFault.notConnected(let code): code
        case is SignallingFault: "answer_unusable"
        case let fault as JanusFault: fault.code
        case is SocketFault: "socket"
        default: "unreachable"
        }
    }
}

/// A server's CPU time and memory at a moment.
struct Usage {
    let cpuSeconds: Double?
    let residentBytes: Int?

    init(_ server: ServerProcess?) {
        cpuSeconds = server?.cpuSeconds()
        residentBytes = server?.residentBytes()
    }
}

/// The limit of open files of this process: each client of a load has a socket, each visitor of a server too.
public enum OpenFiles {
    /// Raises the soft limit as far as the hard one lets it.
    public static func allow(_ count: Int) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < rlim_t(count)
        else { return }
        limit.rlim_cur = min(rlim_t(count), limit.rlim_max)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
