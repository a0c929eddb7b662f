// What libFuzzer calls; `Scripts/fuzz` compiles it with the bodies, SwiftPM doesn't.
import Fuzzing
import Glibc

/// The body of this process, set once before the first input.
nonisolated(unsafe) private var body: FuzzBody?

/// `--body=NAME` among the arguments; libFuzzer passes over what begins with two dashes.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    count: UnsafeMutablePointer<CInt>,
    arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
    for index in 0..<Int(count.pointee) {
        guard let argument = arguments.pointee[index].map({ String(cString: $0) }), argument.hasPrefix("--body=")
        else { continue }
        body = FuzzBody(rawValue: String(argument.dropFirst(7)))
    }
    guard body == nil else { return 0 }
    print("Say which body: \(FuzzBody.allCases.map { "--body=\($0.rawValue)" }.joined(separator: " "))")
    exit(64)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(bytes: UnsafePointer<UInt8>?, count: Int) -> CInt {
    do {
        try body?.check(UnsafeRawBufferPointer(start: bytes, count: count))
    } catch {
        fatalError("A property does not hold: \(error)")
    }
    return 0
}
