import AudioRelay
import Datagrams
import Dispatch
import Foundation

/// The thread that takes the steps of handshakes beside a relay in memory, as a gateway has it: one at a time, and
/// whoever hands one over waits for it.
final class HandshakeHand: @unchecked Sendable {
    // `@unchecked`: one side writes while the other waits, by turns of the semaphores.
    private let asked = DispatchSemaphore(value: 0)
    private let answered = DispatchSemaphore(value: 0)
    private var step: HandshakeStep?
    private var cpuSeconds = 0.0
    private var isOver = false

    init() {
        _ = OwnThread(named: "bench.hand") { [self] in
            while true {
                asked.wait()
                guard !isOver else { return }
                let begun = Clocks.threadCPUSeconds()
                step?.run()
                cpuSeconds = Clocks.threadCPUSeconds() - begun
                answered.signal()
            }
        }
    }

    /// Takes the step; says what it cost, in seconds of CPU.
    func take(_ step: HandshakeStep) -> Double {
        self.step = step
        asked.signal()
        answered.wait()
        self.step = nil
        return cpuSeconds
    }

    /// Ends the thread, which keeps this object until then.
    func end() {
        isOver = true
        asked.signal()
    }
}
