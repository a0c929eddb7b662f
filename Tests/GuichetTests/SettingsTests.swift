import Foundation
import MediaWire
import Testing

@testable import guichet

@Suite struct SettingsTests {
    private func folder() throws -> URL {
        let path = FileManager.default.temporaryDirectory.appending(path: "guichet-settings-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        return path
    }

    private func file(_ text: String) throws -> String {
        let path = try folder().appending(path: "guichet.json")
        try Data(text.utf8).write(to: path)
        return path.path
    }

    @Test func `a flag beats the environment, the environment beats the file, the file beats the default`() async throws
    {
        let path = try file(#"{"http": {"port": 1}, "platform": {"name": "File"}, "policy": "from-file"}"#)
        let reader = try await SettingsReader(
            flags: ["http.port": "3"], environment: ["GUICHET_HTTP_PORT": "2", "GUICHET_PLATFORM_NAME": "Environment"],
            filePath: path)
        #expect(reader.resolve(.httpPort).value == "3")
        #expect(reader.resolve(.httpPort).origin == "flag")
        #expect(reader.resolve(.platformName).value == "Environment")
        #expect(reader.resolve(.policy).origin == "file")
        #expect(reader.resolve(.httpHost).value == "127.0.0.1")
        #expect(reader.resolve(.httpHost).origin == "default")
    }

    @Test func `every setting is read from the environment under the name that is printed`() async throws {
        for setting in Setting.all {
            let reader = try await SettingsReader(
                flags: [:], environment: [setting.environmentName: "spoken"], filePath: nil)
            #expect(reader.resolve(setting).value == "spoken", "\(setting.environmentName)")
        }
    }

    @Test func `numbers and booleans of a file are taken as they are`() async throws {
        let path = try file(#"{"payments": {"sandbox": true}, "media": {"port": 0}}"#)
        let settings = try ServerSettings(
            try await SettingsReader(flags: [:], environment: [:], filePath: path))
        #expect(settings.paymentsSandbox)
        #expect(settings.mediaAddresses.map(\.port) == [0])
    }

    @Test(arguments: [
        (["http.port": "99999"], "http.port"), (["media.host": "somewhere"], "media.host"),
        (["payments.sandbox": "maybe"], "payments.sandbox"), (["log.level": "loud"], "log.level"),
        (["http.idleSeconds": "0"], "http.idleSeconds"), (["http.idleSeconds": "x"], "http.idleSeconds"),
        (["media.announce": "1.2.3.4, nowhere"], "media.announce"),
        (["media.announce": "1.2.3.4:70000"], "media.announce"), (["gateway.id": "x"], "gateway.id"),
        (["media.pace": "sometimes"], "media.pace"), (["media.pace": "20ms..at-once"], "media.pace"),
        (["media.pace": "at-once.20ms"], "media.pace"), (["media.busyPercent": "0"], "media.busyPercent"),
        (["media.busyPercent": "91"], "media.busyPercent"), (["media.busyPercent": "half"], "media.busyPercent"),
        (["media.host": "127.0.0.1, 127.0.0.1"], "media.host"), (["media.host": ""], "media.host"),
        (["media.tcpPort": "ten"], "media.tcpPort"),
        (["media.tcpPort": "65535", "media.threads": "2"], "media.tcpPort"),
        (["media.threads": "0"], "media.threads"), (["media.threads": "65"], "media.threads"),
        (["media.threads": "2", "media.port": "65535"], "media.threads"),
        (["gateway.staleSeconds": "4"], "gateway.staleSeconds"),
        (["gateway.staleSeconds": "x"], "gateway.staleSeconds"),
        (["night.at": "3:30"], "night.at"), (["night.at": "24:00"], "night.at"),
    ])
    func `a value that can't be is refused with the name of its setting`(flags: [String: String], name: String)
        async throws
    {
        let reader = try await SettingsReader(flags: flags, environment: [:], filePath: nil)
        #expect {
            _ = try ServerSettings(reader)
        } throws: { error in
            (error as? CommandFailure)?.description.contains(name) == true
        }
    }

    @Test(arguments: [#"{"http": {"prot": 1}}"#, "[1]", "{", #"{"htpp": 1}"#])
    func `a file with an unknown key or another shape is refused`(text: String) async throws {
        let path = try file(text)
        await #expect(throws: CommandFailure.self) {
            try await SettingsReader(flags: [:], environment: [:], filePath: path)
        }
    }

    @Test func `an unknown key given by a flag is refused`() async {
        await #expect(throws: CommandFailure.self) {
            try await SettingsReader(flags: ["no.such": "1"], environment: [:], filePath: nil)
        }
    }

    @Test func `a key and a password are secrets, and no other setting is`() {
        let secrets = ["databasePassword", "ledger.key", "payments.stripe.key", "payments.stripe.webhookSecret"]
        #expect(Setting.all.filter(\.isSecret).map(\.key) == secrets)
    }
}
