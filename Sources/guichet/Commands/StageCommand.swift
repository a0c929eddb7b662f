import ArgumentParser
import Foundation
import Values

struct StageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stage", abstract: "A live room's stage: hands, invitations, mutes, the lock, who takes over.",
        discussion: """
            With the pass of a host or co-host ('guichet room pass ROOM'), or with a listener's own ticket:
              guichet stage show --ticket PASS
              guichet stage invite 7 --ticket PASS
              guichet stage raise --ticket TICKET
            People are named by their number or their admission, as 'guichet stage show' prints them.
            The log of all that was done: guichet room acts ROOM
            """,
        subcommands: [
            Show.self, Raise.self, Lower.self, Accept.self, Decline.self, StepDown.self, Invite.self, Withdraw.self,
            Dismiss.self, Mute.self, Unmute.self, Remove.self, Lock.self, Unlock.self, Mode.self, Succession.self,
        ])
}

/// Whose stage, and with which ticket.
struct StageOptions: ParsableArguments {
    @Option(help: "The pass of a host or co-host, or a listener's ticket. Default: GUICHET_TICKET.")
    var ticket: String?

    @Option(help: "The room. Default: the one that the ticket names.") var room: String?

    @Option(help: "The gateway's address. Default: GUICHET_URL, else http://127.0.0.1:8080.") var server: String?

    @Option(help: "The key file to which the ticket is bound, as 'guichet ticket claim' made it.")
    var holderKey: String?

    @Flag(help: "Print JSON.") var json = false

    private func endpoint() throws -> (client: APIClient, path: String) {
        let environment = ProcessInfo.processInfo.environment
        guard let token = ticket ?? environment["GUICHET_TICKET"] else {
            throw CommandFailure(.usage, "Give --ticket, or GUICHET_TICKET.")
        }
        guard let room = room ?? TicketText.room(of: token) else {
            throw CommandFailure(.usage, "The ticket does not say its room; give --room.")
        }
        let given = server ?? environment["GUICHET_URL"] ?? "http://127.0.0.1:8080"
        let address = given.hasSuffix("/") ? String(given.dropLast()) : given
        var client = APIClient(address: address, key: token)
        client.proof = try holderKey.map { try HolderKeyFile.read($0).proof(with: token) }
        return (client, "/rooms/\(room)")
    }

    func view() async throws -> Data {
        let (client, path) = try endpoint()
        return try await client.get("\(path)/stage")
    }

    /// Sends a command and prints the stage as it is then.
    func command(_ name: String, _ body: some Encodable) async throws {
        let (client, path) = try endpoint()
        try StageOutput.state(try await client.post("\(path)/\(name)", body), self)
    }

    /// The admission of a person who was named by number or by admission.
    func admission(of person: String) async throws -> String {
        guard let number = Int(person) else { return person }
        let view: StageOutput.View = try APIClient.decode(try await view())
        // Who listens and speaks has two; what is done to one is done to the person.
        guard let found = view.participants.first(where: { $0.participant == number }) else {
            throw CommandFailure(.usage, "Nobody of number \(number) is connected: 'guichet stage show' lists them.")
        }
        return found.admission
    }
}

/// What a moderator does to one person.
struct StageTarget: ParsableArguments {
    @Argument(help: "The person: number or admission.") var person: String
    @Option(help: "Why, for the log.") var reason: String?
    @OptionGroup var stage: StageOptions

    struct Body: Encodable {
        let admission: String
        var post: String?
        var muted: Bool?
        var raised: Bool?
        let reason: String?
    }

    func run(_ name: String, post: String? = nil, muted: Bool? = nil) async throws {
        try await reportingFailures {
            let body = Body(
                admission: try await stage.admission(of: person), post: post, muted: muted, reason: reason)
            try await stage.command(name, body)
        }
    }
}

extension StageCommand {
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show who is there, the raised hands in their order, the lock and who leads.")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try StageOutput.view(try await stage.view(), stage) }
        }
    }

    struct Raise: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Raise your hand, behind those that are up.")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/hand", ["raised": true]) }
        }
    }

    struct Lower: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lower your hand; as host or co-host that of a person.")
        @Argument(help: "The person whose hand it is: number or admission. Default: your own.") var person: String?
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures {
                guard let person else { return try await stage.command("stage/hand", ["raised": false]) }
                let body = StageTarget.Body(
                    admission: try await stage.admission(of: person), raised: false, reason: nil)
                try await stage.command("stage/hand", body)
            }
        }
    }

    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Accept an invitation; then speak with the same ticket: guichet publish --ticket TICKET")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/answer", ["accept": true]) }
        }
    }

    struct Decline: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Decline an invitation.")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/answer", ["accept": false]) }
        }
    }

    struct StepDown: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "step-down", abstract: "Give up your place on stage and listen on.")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/step-down", [String: String]()) }
        }
    }

    struct Invite: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Invite a person to speak; nothing is heard before the person accepts.")
        @Flag(help: "As co-host; only the host can.") var cohost = false
        @OptionGroup var target: StageTarget

        func run() async throws { try await target.run("stage/invite", post: cohost ? "cohost" : "speaker") }
    }

    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Withdraw an invitation.")
        @OptionGroup var target: StageTarget

        func run() async throws { try await target.run("stage/withdraw") }
    }

    struct Dismiss: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move a person from the stage to the audience; they listen on.")
        @OptionGroup var target: StageTarget

        func run() async throws { try await target.run("stage/dismiss") }
    }

    struct Mute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Mute a person; only a host or co-host can undo it.")
        @OptionGroup var target: StageTarget

        func run() async throws { try await target.run("mute", muted: true) }
    }

    struct Unmute: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Unmute a person.")
        @OptionGroup var target: StageTarget

        func run() async throws { try await target.run("mute", muted: false) }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove a person from the room for good, with any ticket.")
        @OptionGroup var target: StageTarget

        func run() async throws { try await target.run("remove") }
    }

    struct Lock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lock the stage: nobody new comes on it; who is there stays.")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/lock", ["locked": true]) }
        }
    }

    struct Unlock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Unlock the stage.")
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/lock", ["locked": false]) }
        }
    }

    struct Mode: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Choose who may speak: on_request (raised hands), invited, everyone.")
        @Argument(help: "on_request, invited or everyone.") var mode: String
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures { try await stage.command("stage/mode", ["mode": mode]) }
        }
    }

    struct Succession: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Name the co-hosts who take over when the host is gone, the first one first.",
            discussion: "Without anybody named the longest present co-host takes over.")
        @Argument(help: "Co-hosts: number or admission.") var people: [String] = []
        @OptionGroup var stage: StageOptions

        func run() async throws {
            try await reportingFailures {
                var admissions: [String] = []
                for person in people { admissions.append(try await stage.admission(of: person)) }
                try await stage.command("stage/succession", ["admissions": admissions])
            }
        }
    }
}
