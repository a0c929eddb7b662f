public import Hummingbird
internal import NIOCore
internal import Synchronization
public import Values

/// Limits wrong guesses at something short enough to be guessed, such as the code of a voucher: of one network, and of
/// one key. A right one costs nothing, so a class that types the same code at once is never held up.
public final class GuessLimiter: Sendable {
    // Protects the buckets; held for one look-up.
    private let limiter: Mutex<RateLimiter>
    private let rate: RateLimiter.Rate

    public init(_ rate: RateLimiter.Rate, capacity: Int = 20_000) {
        self.rate = rate
        limiter = Mutex(RateLimiter(rate, capacity: capacity))
    }

    /// Carries out what a guess is part of. The guess is paid for before, and given back where it was right or nobody
    /// came to look at it: many at once get no more than many in a row.
    /// - Parameter isWrong: whether what was thrown says that the guess was wrong.
    /// - Throws: `too_many_requests`, or what `body` throws.
    public func guess<Value: Sendable>(
        by key: String?, _ context: some RequestContext, at now: Instant, isWrong: (any Error) -> Bool,
        _ body: () async throws -> Value
    ) async throws -> Value {
        // A key of the API has no space in it, and a network is hexadecimal digits: they never meet.
        let network = (context as? any RemoteAddressRequestContext)?.remoteAddress?.limitedNetwork
        let names = [key.map { "key \($0)" }, network.map { "network \($0)" }].compactMap(\.self)
        try take(names, at: now)
        do {
            let value = try await body()
            giveBack(names)
            return value
        } catch {
            if !isWrong(error) { giveBack(names) }
            throw error
        }
    }

    private func take(_ names: [String], at now: Instant) throws(EdgeRefusal) {
        let isAllowed = limiter.withLock { limiter in
            for (index, name) in names.enumerated() where !limiter.admit(name, at: now) {
                for taken in names.prefix(index) { limiter.giveBack(taken) }
                return false
            }
            return true
        }
        guard isAllowed else { throw .tooManyRequests(seconds: max(1, Int((1 / rate.perSecond).rounded(.up)))) }
    }

    private func giveBack(_ names: [String]) {
        limiter.withLock { limiter in for name in names { limiter.giveBack(name) } }
    }
}
