import HTTPEdge
import Stage
import Values

extension Receipt.Kind {
    var leftReason: ReasonCode? {
        if case .left(let reason, _, _, _) = self { return reason }
        return nil
    }
    var isLeft: Bool { leftReason != nil }
}

func wallNow() -> Instant { WallClock.system.now() }
