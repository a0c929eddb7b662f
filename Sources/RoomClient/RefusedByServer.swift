public import Foundation

/// A server's "no", read from problem details (RFC 9457) with our members `code` and `next` where it has them.
public struct RefusedByServer: Error, Sendable, CustomStringConvertible {
    /// HTTP status, 400…599.
    public let status: Int
    /// The stable code, for example `sold_out`; `http_404` where the answer carries none.
    public let code: String
    /// One sentence in plain words.
    public let title: String
    /// More about this very case; may be empty.
    public let detail: String
    /// What to do next, if the server says so.
    public let next: String?

    /// Reads the body of a refusal; anything that is not problem details keeps the status and little more.
    public init(status: Int, problem body: Data) {
        struct Problem: Decodable {
            var code: String?
            var title: String?
            var detail: String?
            var next: String?
        }
        let problem = try? JSONDecoder().decode(Problem.self, from: body)
        self.status = status
        code = problem?.code ?? "http_\(status)"
        title = problem?.title ?? "The server answered with status \(status)."
        detail = problem?.detail ?? ""
        next = problem?.next
    }

    public var description: String { "\(code): \(title)" }
}
