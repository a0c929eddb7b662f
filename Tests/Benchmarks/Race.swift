import Synchronization

/// One way to do something, measured in turn with others.
struct Contender: Sendable {
    let what: String
    /// Tasks that do it at the same time, each one time after the other.
    let callers: Int
    /// CPU time so far, in seconds, of the process that does the work.
    var cpuSeconds: @Sendable () throws -> Double = { Clocks.cpuSeconds() }
    /// Does it once; no number comes twice.
    let act: @Sendable (_ number: Int) async throws -> Void
}

/// Measures contenders in short slices, one after the other and round again, so that a noisy moment of the machine
/// hits all of them and not one.
enum Race {
    private static let rounds = 4

    /// - Parameter seconds: of each contender, over all its slices.
    static func run(_ contenders: [Contender], seconds: Double) async throws -> [Measurement] {
        let numbers = contenders.map { _ in Numbers() }
        var tallies = contenders.map { _ in Tally() }
        let slice = seconds / Double(rounds)
        for (contender, numbers) in zip(contenders, numbers) {
            _ = try await run(contender, numbers, seconds: slice / 2)
        }
        for round in 1...rounds {
            Progress.say("round \(round) of \(rounds)")
            for index in contenders.indices {
                let tally = try await run(contenders[index], numbers[index], seconds: slice)
                tallies[index].add(tally)
            }
        }
        return zip(contenders, tallies).map { contender, tally in
            Measurement(
                what: contender.what, perSecond: Double(tally.done) / tally.wallSeconds,
                cpuMicroseconds: tally.cpuSeconds / Double(tally.done) * 1e6)
        }
    }

    private struct Tally {
        var done = 0
        var wallSeconds = 0.0
        var cpuSeconds = 0.0

        mutating func add(_ other: Tally) {
            done += other.done
            wallSeconds += other.wallSeconds
            cpuSeconds += other.cpuSeconds
        }
    }

    private static func run(_ contender: Contender, _ numbers: Numbers, seconds: Double) async throws -> Tally {
        let (wall, cpu) = (Clocks.wallSeconds(), try contender.cpuSeconds())
        let done = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<contender.callers {
                group.addTask {
                    var done = 0
                    repeat {
                        try await contender.act(numbers.next())
                        done += 1
                    } while Clocks.wallSeconds() - wall < seconds
                    return done
                }
            }
            return try await group.reduce(0, +)
        }
        return Tally(
            done: done, wallSeconds: Clocks.wallSeconds() - wall, cpuSeconds: try contender.cpuSeconds() - cpu)
    }
}

/// Numbers from 0, each handed out once.
private final class Numbers: Sendable {
    private let taken = Atomic<Int>(0)

    func next() -> Int { taken.wrappingAdd(1, ordering: .relaxed).oldValue }
}
