internal import Foundation

/// How often the calling thread asked the Swift runtime for an object, and how often it counted references.
///
/// Linux's runtime calls these through pointers that instruments may exchange. Counts of an optimised build tell what
/// the code costs; a debug build counts references that an optimised one does not.
public struct RuntimeCounts: Sendable {
    /// Objects: classes, arrays' storage, boxes and contexts of closures.
    public var allocations = 0
    public var retains = 0

    /// Counts what `body` does on this thread; `nil` where the runtime can't be watched. One caller at a time.
    public static func during(_ body: () throws -> Void) rethrows -> RuntimeCounts? {
        guard let allocate = dlsym(nil, "_swift_allocObject")?.assumingMemoryBound(to: Allocate.self),
            let retain = dlsym(nil, "_swift_retain")?.assumingMemoryBound(to: Retain.self),
            let isWatched = dlsym(
                nil, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")?
                .assumingMemoryBound(to: Bool.self)
        else { return nil }
        watch = Watch(thread: pthread_self(), allocate: allocate.pointee, retain: retain.pointee)
        allocate.pointee = countingAllocate
        retain.pointee = countingRetain
        isWatched.pointee = true
        defer {
            isWatched.pointee = false
            if let original = watch.allocate { allocate.pointee = original }
            if let original = watch.retain { retain.pointee = original }
        }
        try body()
        return RuntimeCounts(allocations: watch.allocations, retains: watch.retains)
    }
}

private typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?
private typealias Retain = @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?

private struct Watch {
    var thread: pthread_t?
    var allocate: Allocate?
    var retain: Retain?
    var allocations = 0
    var retains = 0
}

/// `nonisolated(unsafe)`: only the thread that counts writes, and before the runtime's pointers lead here.
private nonisolated(unsafe) var watch = Watch()

private func countingAllocate(
    _ metadata: UnsafeRawPointer?, _ size: Int, _ alignment: Int
) -> UnsafeMutableRawPointer? {
    if watch.thread == pthread_self() { watch.allocations += 1 }
    return watch.allocate?(metadata, size, alignment)
}

private func countingRetain(_ object: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if watch.thread == pthread_self() { watch.retains += 1 }
    return watch.retain?(object)
}
