import AudioRelay
import BoxOffice
import Foundation
import HTTPEdge
import LedgerService
import Logging
import MediaWire
import RelayThreads
import RoomGateway
import Stage
import Store
import Values

/// The server's configuration, read once at start and typed; nothing below the wiring reads a setting itself.
struct ServerSettings: Sendable {
    let dataDirectory: String
    /// Where the ledger is; `nil`: in the data folder.
    let database: LedgerPlace?
    let httpHost: String
    let httpPort: Int
    let httpIdleSeconds: Int
    let publicURL: String
    /// The same, where somebody said it.
    let statedURL: String?
    /// `iss` and `aud` of tickets.
    var issuer: String { publicURL }
    var audience: String { publicURL + "/rooms" }
    let mediaAddresses: [SocketAddress]
    let mediaStreams: StreamPort
    let mediaThreads: Int
    /// Port 0 stands for the socket's own.
    let mediaAnnounce: [SocketAddress]
    let pace: PaceRange
    let gatewayURL: String?
    let gatewayID: GatewayID?
    let ledgerURL: String
    let ledgerKey: String?
    let paymentsSandbox: Bool
    let paymentsManual: Bool
    let stripe: StripeSettings
    let policy: String
    let timeZone: String
    let platformName: String
    let logLevel: Logger.Level
    /// Requests of one network and with one key; `nil` without a limit.
    let networkLimit, keyLimit, walletLimit: RateLimiter.Rate?
    let trustedProxies: [IPRange]

    /// For which seats are offered to somebody who waits.
    let waitingOfferSeconds: Int64
    let deliveryPatienceSeconds: Int64

    /// What is asked for before payouts leave.
    let payouts: PayoutSafeguards
    let debtors: DebtorAccounts

    /// How long things last on a stage.
    let stage: StagePolicy
    let admission: AdmissionPolicy

    /// Where report definitions of the house are.
    let reportsFolder: String?
    /// Minutes of the local day at which nights run by themselves.
    let nightMinutes: Int?

    /// Networks besides the public ones that webhooks may go to.
    let webhookNetworks: [IPRange]

    /// - Throws: ``CommandFailure`` that names the setting and what it should be.
    init(_ reader: SettingsReader) throws {
        func text(_ setting: Setting) -> String { reader.resolve(setting).value }
        func optional(_ setting: Setting) -> String? { text(setting).isEmpty ? nil : text(setting) }
        func port(_ setting: Setting) throws -> Int {
            guard let port = Int(text(setting)), (0...65_535).contains(port) else {
                throw CommandFailure(.configuration, "\(setting.key) must be a port, 0 to 65535.")
            }
            return port
        }
        dataDirectory = text(.dataDirectory)
        database = optional(.database).map { LedgerPlace($0, password: optional(.databasePassword)) }
        httpHost = text(.httpHost)
        httpPort = try port(.httpPort)
        guard let idle = Int(text(.httpIdle)), (1...3_600).contains(idle) else {
            throw CommandFailure(.configuration, "\(Setting.httpIdle.key) must be 1 to 3600 seconds.")
        }
        httpIdleSeconds = idle
        statedURL = optional(.publicURL)
        publicURL = statedURL ?? "http://\(text(.httpHost)):\(text(.httpPort))"
        let firstPort = UInt16(try port(.mediaPort))
        mediaAddresses = try Self.mediaAddresses(text(.mediaHost), port: firstPort)
        mediaThreads = try Self.mediaThreads(text(.mediaThreads), from: firstPort)
        mediaStreams = try Self.mediaStreams(text(.mediaTCPPort), threads: mediaThreads)
        mediaAnnounce = try Self.mediaAnnounce(text(.mediaAnnounce), threads: mediaThreads)
        pace = try Self.pace(text(.pace), busy: text(.busy))
        gatewayURL = optional(.gatewayURL)
        gatewayID = try optional(.gatewayID).map { text in
            guard let id = GatewayID(text) else {
                throw CommandFailure(.configuration, "\(Setting.gatewayID.key) is not an id of the form gateway_….")
            }
            return id
        }
        ledgerURL = text(.ledgerURL)
        ledgerKey = try optional(.ledgerKeyFile).map(ServerOptions.readKey) ?? optional(.ledgerKey)
        guard let sandbox = Bool(text(.paymentsSandbox)) else {
            throw CommandFailure(.configuration, "\(Setting.paymentsSandbox.key) must be true or false.")
        }
        paymentsSandbox = sandbox
        guard let manual = Bool(text(.paymentsManual)) else {
            throw CommandFailure(.configuration, "\(Setting.paymentsManual.key) must be true or false.")
        }
        paymentsManual = manual
        stripe = try StripeSettings(reader)
        policy = text(.policy)
        timeZone = text(.timeZone)
        platformName = text(.platformName)
        networkLimit = try Self.rate(reader.resolve(.networkLimit).value, .networkLimit)
        keyLimit = try Self.rate(reader.resolve(.keyLimit).value, .keyLimit)
        walletLimit = try Self.rate(reader.resolve(.walletLimit).value, .walletLimit, perSeconds: 60)
        trustedProxies = try Self.ranges(text(.trustedProxies), .trustedProxies)
        webhookNetworks = try Self.ranges(text(.webhookNetworks), .webhookNetworks)
        reportsFolder = optional(.reportsFolder)
        nightMinutes = try optional(.nightAt).map { try Self.minutes($0) }
        guard let minutes = Int64(text(.waitingOffer)), (1...10_080).contains(minutes) else {
            throw CommandFailure(.configuration, "\(Setting.waitingOffer.key) must be minutes, 1 to 10080.")
        }
        waitingOfferSeconds = 60 * minutes
        guard let hours = Int64(text(.nightPatience)), (0...720).contains(hours) else {
            throw CommandFailure(.configuration, "\(Setting.nightPatience.key) must be hours, 0 to 720.")
        }
        deliveryPatienceSeconds = 3_600 * hours
        payouts = try PayoutSafeguards(reader)
        debtors = try DebtorAccounts(reader)
        stage = try StagePolicy(reader)
        guard let stale = Int64(text(.gatewayStale)), (5...86_400).contains(stale) else {
            throw CommandFailure(.configuration, "\(Setting.gatewayStale.key) must be 5 to 86400 seconds.")
        }
        admission = AdmissionPolicy(maximumSilenceSeconds: stale)
        guard let level = Logger.Level(rawValue: text(.logLevel)) else {
            throw CommandFailure(.configuration, "\(Setting.logLevel.key) is not a level: \(Setting.logLevel.meaning)")
        }
        logLevel = level
    }

    /// `03:30`: a time of the local day.
    private static func minutes(_ text: String) throws -> Int {
        guard let match = text.wholeMatch(of: /([01]\d|2[0-3]):([0-5]\d)/)?.output, let hours = Int(match.1),
            let minutes = Int(match.2)
        else { throw CommandFailure(.configuration, "\(Setting.nightAt.key) must be a time such as 03:30.") }
        return 60 * hours + minutes
    }

    /// `400/100`: so many at once and so many a second; `off` for none.
    private static func ranges(_ text: String, _ setting: Setting) throws -> [IPRange] {
        try text.split(separator: ",").map { word in
            let network = word.trimmingCharacters(in: .whitespaces)
            guard let range = IPRange(network) else {
                throw CommandFailure(.configuration, "\(setting.key): '\(network)' is no address or network.")
            }
            return range
        }
    }

    private static func rate(
        _ text: String, _ setting: Setting, perSeconds seconds: Double = 1
    ) throws -> RateLimiter.Rate? {
        if text == "off" { return nil }
        let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let burst = numbers[0], let perSecond = numbers[1],
            (1...1_000_000).contains(burst), (1...1_000_000).contains(perSecond)
        else { throw CommandFailure(.configuration, "\(setting.key) must be like \(setting.fallback), or off.") }
        return RateLimiter.Rate(burst: Double(burst), perSecond: Double(perSecond) / seconds)
    }
}
