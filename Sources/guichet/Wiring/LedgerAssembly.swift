import BoxOffice
import HTTPEdge
import Hummingbird
import LedgerService
import Reporting
import Schemas
import Store
import Tickets
import Values

/// The ledger service as one server has it: database, service, API, pages.
struct LedgerAssembly: Sendable {
    let service: LedgerService
    let payments: PaymentAssembly
    private let settings: ServerSettings
    private let links = ReportLinks()

    init(_ settings: ServerSettings) async throws {
        self.settings = settings
        let policies = try InstallationCheck().policies()
        let folder = try DataFolder(settings.dataDirectory)
        let taxes: TaxTable
        do { taxes = try TaxTable(json: TaxRates.json) } catch {
            throw CommandFailure(.configuration, "The tax rates can't be read: \(error)")
        }
        guard
            var ledgerSettings = LedgerSettings(
                issuer: settings.issuer, audience: settings.audience, platform: settings.platformName,
                gatewayURL: settings.gatewayURL, sandboxTopups: settings.paymentsSandbox, policies: policies,
                taxes: taxes, terms: try InstallationCheck().terms(), policy: settings.policy)
        else { throw CommandFailure(.configuration, "There is no policy '\(settings.policy)'.") }
        ledgerSettings.headsFolder = folder.headsFolder
        ledgerSettings.waitingOfferSeconds = settings.waitingOfferSeconds
        ledgerSettings.deliveryPatienceSeconds = settings.deliveryPatienceSeconds
        ledgerSettings.payouts = settings.payouts
        ledgerSettings.statementProviders = PaymentAssembly.statementProviders(of: settings)
        ledgerSettings.reports = try Self.reports(settings.reportsFolder)
        ledgerSettings.debtors = settings.debtors
        ledgerSettings.webhooks = WebhookPolicy(allowed: settings.webhookNetworks)
        let database: Database
        let place = settings.database ?? .file(folder.ledgerDatabase)
        do { database = try place.open() } catch {
            throw CommandFailure(place.exitCode, "The database \(place) can't be opened: \(error)")
        }
        do {
            service = try await LedgerService.open(
                database: database, settings: ledgerSettings, keys: folder.ticketKeys)
        } catch let refusal as KeyRefusal {
            let words = Problem(refusal, in: .en)
            throw CommandFailure(.configuration, "\(words.title). \(words.detail)\n  What to do: \(words.next)")
        }
        do { try await service.checkReports() } catch let refusal as ReportRefusal {
            throw Self.broken(refusal)
        }
        do { try await service.writeHeadFiles() } catch {
            throw CommandFailure(.file, "The heads of the journal can't be written to \(folder.headsFolder): \(error)")
        }
        payments = try PaymentAssembly(settings, service: service)
        try await service.install(key: try folder.operatorKey(), .operator, subject: "operator")
    }

    /// The reports of the product and those of a folder.
    private static func reports(_ folder: String?) throws -> ReportShelf {
        guard let folder else { return .builtIn }
        do { return try ReportShelf(folder: folder) } catch let refusal as ReportRefusal {
            throw broken(refusal)
        } catch let fault as ReportFolderFault { throw CommandFailure(.file, "\(fault)") }
    }

    private static func broken(_ refusal: ReportRefusal) -> CommandFailure {
        let words = Problem(refusal, in: .en)
        return CommandFailure(.configuration, "\(words.title). \(words.detail)\n  What to do: \(words.next)")
    }

    private var gatewayOrigins: [String] { settings.gatewayURL.map { [$0] } ?? [] }

    /// A router with the API and the pages.
    func makeRouter() throws -> HouseRouter {
        let web = try WebRoutes(
            configuration: .init(sandbox: settings.paymentsSandbox, gatewayOrigins: gatewayOrigins),
            now: service.clock.now, room: card, series: seriesTitle,
            gateways: { [service] in try await service.gatewayOrigins() })
        let router: HouseRouter = makeEdgeRouter(gateways: gatewayOrigins)
        router.add(middleware: TrustedProxies(settings.trustedProxies))
        if let limit = settings.networkLimit { router.add(middleware: NetworkLimit(limit, clock: service.clock)) }
        router.add(middleware: WebErrorPages(web))
        LedgerRoutes(service, perKey: settings.keyLimit, wallets: settings.walletLimit, payments: payments.desk)
            .add(to: router)
        web.add(to: router)
        ReportRoutes(
            links: links, pagesOf: web, now: service.clock.now,
            authorize: { [service] request, _ in try await service.requireFinanceReading(request) },
            file: { [service] day, name in
                // The link was made by somebody with a finance key; it stands for that key for one night.
                let files = try await service.reportFiles(of: day, language: .en, by: .finance)
                return files.first { $0.name == name }.map { ($0.bytes, $0.contentType) }
            }
        ).add(to: router)
        return router
    }

    func close() async {
        await payments.close()
        await service.database.close()
    }

    /// The title of a series; `nil` where there is none.
    private func seriesTitle(_ id: SeriesID) async throws -> String? {
        do {
            return try await service.series(id).title
        } catch let refusal as any Refusal where refusal.code == "series_unknown" {
            return nil
        }
    }

    /// A room as pages show it; `nil` where there is none.
    private func card(_ id: RoomID) async throws -> RoomCard? {
        let view: RoomView
        do {
            view = try await service.room(id)
        } catch let refusal as any Refusal where refusal.code == "room_unknown" {
            return nil
        }
        guard let state = RoomCard.State(rawValue: view.state) else {
            // The view's states are those of the box office's machine, and so are the card's.
            preconditionFailure("A room is in a state that pages do not know: \(view.state).")
        }
        return RoomCard(
            id: view.room, title: view.title, hostName: view.hostName, language: view.language, state: state,
            doorsOpenAt: view.doorsOpenAt, startsAt: view.startsAt, endsAt: view.endsAt, capacity: view.capacity,
            seatsLeft: view.seatsLeft, price: view.price)
    }
}
