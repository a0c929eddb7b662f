import ArgumentParser
import AsyncHTTPClient
import Configuration
import Hummingbird

@main
struct Guichet: AsyncParsableCommand {
    func run() async throws {}
}
