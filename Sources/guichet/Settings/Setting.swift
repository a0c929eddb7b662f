import Store

/// One key of the server's configuration: its name in a file, its default and what it means.
///
/// The same key is `http.port` in a file and with `--set`, and `GUICHET_HTTP_PORT` in the environment.
struct Setting: Sendable {
    let key: String
    let fallback: String
    let meaning: String
    var isSecret = false

    /// The value as it may be printed.
    func shown(_ value: String) -> String {
        if isSecret && !value.isEmpty { return "<hidden>" }
        return key == Self.database.key ? LedgerPlace(value).description : value
    }

    /// The environment's spelling, made as swift-configuration makes it: `ledger.keyFile` is GUICHET_LEDGER_KEY_FILE.
    var environmentName: String {
        var name = "GUICHET_"
        for character in key {
            if character.isUppercase { name += "_" }
            name += character == "." ? "_" : character.uppercased()
        }
        return name
    }
}

extension Setting {
    static let all: [Setting] = [
        dataDirectory, database, databasePassword, httpHost, httpPort, httpIdle, trustedProxies, publicURL, mediaHost,
        mediaPort,
        mediaThreads, mediaTCPPort, mediaAnnounce, pace, busy, gatewayURL, gatewayID, gatewayStale,
        ledgerURL, ledgerKey, ledgerKeyFile, paymentsSandbox, paymentsManual,
        stripeKey, stripeKeyFile, stripeWebhookSecret, stripeWebhookSecretFile, stripeURL,
        policy, timeZone, platformName, logLevel,
        networkLimit, keyLimit, walletLimit, webhookNetworks, waitingOffer,
        payoutsOneApproval, payoutsItemAbove, payoutsTotalAbove, payoutsGrowth, payoutsCoolOff, payoutsDetails,
        payoutsFirstDetails, payoutsSuspense, payoutsInbox, payoutsAudit,
        sepaName, sepaIBAN, sepaBIC, sepaTown, sepaCountry, achCompany, achCompanyID, achRouting, achBank,
        reportsFolder, nightAt, nightPatience, stageGrace, stagePause, stageInvitation,
    ]

    static let dataDirectory = Setting(
        key: "data.directory", fallback: "guichet-data",
        meaning: "Folder of the database, the keys and the reports; made if missing, readable by its owner only.")
    static let database = Setting(
        key: "database", fallback: "",
        meaning:
            "The ledger's database: path of an SQLite file, or a PostgreSQL address (postgresql://user@host/name, or host=… dbname=…). Default: ledger.sqlite in data.directory."
    )
    static let databasePassword = Setting(
        key: "databasePassword", fallback: "",
        meaning: "Password of the PostgreSQL role; PGPASSWORD and PGPASSFILE work too.", isSecret: true)
    static let httpHost = Setting(
        key: "http.host", fallback: "127.0.0.1",
        meaning: "Address that HTTP listens on. Put a TLS proxy in front before using anything but loopback.")
    static let httpPort = Setting(key: "http.port", fallback: "8080", meaning: "TCP port of HTTP.")
    static let httpIdle = Setting(
        key: "http.idleSeconds", fallback: "30",
        meaning:
            "Close an HTTP connection that says nothing for so long, between requests or in the midst of sending one: 1 to 3600."
    )
    static let trustedProxies = Setting(
        key: "http.trustedProxies", fallback: "",
        meaning:
            "Proxies in front of this server, addresses and networks, comma-separated (127.0.0.1, 10.1.0.0/16): the last address in their X-Forwarded-For that is none of theirs is the client's. Without them everybody behind a proxy is one network."
    )
    static let publicURL = Setting(
        key: "public.url", fallback: "",
        meaning:
            "Address under which people reach the pages, and the issuer of tickets. Default: http.host and http.port.")
    static let mediaHost = Setting(
        key: "media.host", fallback: "127.0.0.1",
        meaning:
            "Addresses, comma-separated and at most 8, that the audio relay's sockets bind to; 0.0.0.0 is every IPv4 one, :: every one of both families."
    )
    static let mediaPort = Setting(
        key: "media.port", fallback: "7882", meaning: "UDP port of the audio relay; 0 takes any free one.")
    static let mediaThreads = Setting(
        key: "media.threads", fallback: "1",
        meaning:
            "Threads of the audio relay, 1 to 64; 'auto' is one for each core, 8 at most. Each has a port of its own from media.port on, so a firewall has to let as many through; one is enough for some 5,000 listeners."
    )
    static let mediaTCPPort = Setting(
        key: "media.tcpPort", fallback: "auto",
        meaning:
            "TCP port of the audio relay, for listeners whose network lets no UDP through: 'auto' is the number of media.port, 'off' or 0 none. Further threads have the ports that follow."
    )
    static let mediaAnnounce = Setting(
        key: "media.announce", fallback: "",
        meaning:
            "Addresses, comma-separated, that answers name as candidates (a public address behind NAT), with a port where it is another than media.port: 203.0.113.7:40000, [2001:db8::7]:40000. It is the first thread's; further threads have the ports that follow. Default: media.host."
    )
    static let pace = Setting(
        key: "media.pace", fallback: "auto",
        meaning:
            "How the relay sends: at-once, collected for 5ms, 10ms or 20ms, or merged (packets of 40 and 60 ms: a third of the work, more delay). 'auto' goes from at-once to merged as the media thread gets busy; a range as at-once..20ms limits it, one name fixes it."
    )
    static let busy = Setting(
        key: "media.busyPercent", fallback: "50",
        meaning:
            "The share of a core, 1 to 90, from which on a media thread goes to the next slower pace of media.pace; after five seconds below two fifths of it it goes back. Less where it shares its core with other work."
    )
    static let gatewayURL = Setting(
        key: "gateway.url", fallback: "",
        meaning:
            "Where listeners' browsers reach the gateway, if it is not the ledger's own address. A gateway of its own that is told it takes proofs of holder keys for this address only."
    )
    static let gatewayID = Setting(
        key: "gateway.id", fallback: "",
        meaning: "Which gateway this is, as 'guichet key add gateway' printed it beside the key.")
    static let gatewayStale = Setting(
        key: "gateway.staleSeconds", fallback: "600",
        meaning:
            "For how long a gateway that does not hear the ledger lets people in by what it heard last, 5 to 86400; then it refuses new ones, and who is in stays in."
    )
    static let ledgerURL = Setting(
        key: "ledger.url", fallback: "http://127.0.0.1:8080",
        meaning: "Where a separate gateway reaches the ledger service.")
    static let ledgerKey = Setting(
        key: "ledger.key", fallback: "", meaning: "Service key with which a gateway speaks to the ledger.",
        isSecret: true)
    static let ledgerKeyFile = Setting(
        key: "ledger.keyFile", fallback: "", meaning: "File that holds the service key; better than the key itself.")
    static let paymentsSandbox = Setting(
        key: "payments.sandbox", fallback: "false",
        meaning: "Wallets may top themselves up with test money. For demonstrations and tests only.")
    static let paymentsManual = Setting(
        key: "payments.manual", fallback: "false",
        meaning: "Buyers may pay by bank transfer or at a desk; an operator confirms with 'guichet payment confirm'.")
    static let stripeKey = Setting(
        key: "payments.stripe.key", fallback: "", meaning: "Secret key of Stripe; without one there is no Stripe.",
        isSecret: true)
    static let stripeKeyFile = Setting(
        key: "payments.stripe.keyFile", fallback: "",
        meaning: "File that holds the key, readable by its owner only; better than the key itself.")
    static let stripeWebhookSecret = Setting(
        key: "payments.stripe.webhookSecret", fallback: "",
        meaning: "Signing secrets of Stripe's webhook (whsec_…), comma-separated while one is exchanged.",
        isSecret: true)
    static let stripeWebhookSecretFile = Setting(
        key: "payments.stripe.webhookSecretFile", fallback: "",
        meaning: "File that holds them, readable by its owner only.")
    static let stripeURL = Setting(
        key: "payments.stripe.url", fallback: "https://api.stripe.com",
        meaning: "Where Stripe answers; a double in tests.")
    static let policy = Setting(
        key: "policy", fallback: "guichet-default-2026",
        meaning: "Preset that new rooms sell under (Schemas/resources/presets.json).")
    static let timeZone = Setting(
        key: "time.zone", fallback: "Europe/Paris", meaning: "IANA name; business days are local days of this zone.")
    static let platformName = Setting(
        key: "platform.name", fallback: "Guichet", meaning: "Name of the house on pages and statements.")
    static let networkLimit = Setting(
        key: "limits.network", fallback: "400/100",
        meaning:
            "Requests of one network (IPv4 address or IPv6 /64): at once, and a second after that; off for none. Loopback is never limited."
    )
    static let keyLimit = Setting(
        key: "limits.key", fallback: "1000/200",
        meaning: "Requests with one API key: at once, and a second after that; off for none.")
    static let walletLimit = Setting(
        key: "limits.wallets", fallback: "30/30",
        meaning: "New wallets of one network: at once, and a minute after that; off for none.")
    static let webhookNetworks = Setting(
        key: "webhooks.allow", fallback: "",
        meaning:
            "Private networks and addresses, comma-separated (127.0.0.1, 10.1.0.0/16), that events may be sent to, without TLS too. Default: public addresses by https only."
    )
    static let waitingOffer = Setting(
        key: "waiting.offerMinutes", fallback: "30",
        meaning:
            "How long seats that get free are kept for whoever is next on the waiting list: 1 to 10080 minutes (a week), and never beyond the room's end."
    )
    static let nightAt = Setting(
        key: "night.at", fallback: "",
        meaning:
            "When nights run by themselves, as a time of the policy's local day (03:30); what was missed is caught up. Default: not at all."
    )
    static let nightPatience = Setting(
        key: "night.patienceHours", fallback: "48",
        meaning:
            "How long behind the end of a metered room nights wait for a gateway that has lost its line, before time that nobody was heard is paid back: 0 to 720 hours."
    )
    static let reportsFolder = Setting(
        key: "reports.folder", fallback: "",
        meaning:
            "Folder with report definitions of the house, a JSON file each; read and checked at the start. Default: only those of the product."
    )
    static let logLevel = Setting(
        key: "log.level", fallback: "notice", meaning: "trace, debug, info, notice, warning, error or critical.")
}
