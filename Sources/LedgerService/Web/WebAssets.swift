internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Values

/// The files that pages load, by name: styles, scripts, texts and pictures, all inside the binary.
struct WebAssets: Sendable {
    struct Asset: Sendable {
        let bytes: ByteBuffer
        let contentType: String
        let etag: String
    }

    let byName: [String: Asset]
    /// The first 16 digits of the hash over every file: a new build has new addresses, so caches never mix two.
    let version: String

    /// Modules import each other by relative address and so stay inside one version.
    var path: String { "/assets/\(version)" }

    init() {
        var byName: [String: Asset] = [:]
        var everything: [UInt8] = []
        for (name, bytes) in Self.files.sorted(by: { $0.key < $1.key }) {
            let digest = SHA256Digest(of: bytes)
            everything += Array(name.utf8) + digest.bytes
            byName[name] = Asset(
                bytes: ByteBuffer(bytes: bytes), contentType: Self.contentType(of: name),
                etag: "\"\(digest.description.prefix(32))\"")
        }
        self.byName = byName
        version = String(SHA256Digest(of: everything).description.prefix(16))
    }

    /// Answers with a file. The address of this version never changes its bytes, so a browser may keep them for a
    /// year; an old page that asks during an upgrade gets today's bytes and has to ask again.
    func response(to request: Request, version asked: String?, name: String?) -> Response? {
        guard let name, let asset = byName[name] else { return nil }
        var headers: HTTPFields = [
            .contentType: asset.contentType, .eTag: asset.etag,
            .cacheControl: asked == version ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        PageHeaders.addCommon(to: &headers)
        if request.headers[.ifNoneMatch]?.contains(asset.etag) == true {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: asset.bytes))
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/json"
        }
    }

    private static let files: [String: [UInt8]] = [
        "api.js": PackageResources.api_js,
        "app.css": PackageResources.app_css,
        "basket.js": PackageResources.basket_js,
        "charge.js": PackageResources.charge_js,
        "chart.js": PackageResources.chart_js,
        "claim.js": PackageResources.claim_js,
        "checkout.js": PackageResources.checkout_js,
        "countdown.js": PackageResources.countdown_js,
        "countries.js": PackageResources.countries_js,
        "desk.js": PackageResources.desk_js,
        "events.js": PackageResources.events_js,
        "favicon.svg": PackageResources.favicon_svg,
        "finance.css": PackageResources.finance_css,
        "finance.js": PackageResources.finance_js,
        "finance-acts.js": PackageResources.finance_acts_js,
        "finance-api.js": PackageResources.finance_api_js,
        "finance-batch.js": PackageResources.finance_batch_js,
        "finance-charts.js": PackageResources.finance_charts_js,
        "finance-desk.js": PackageResources.finance_desk_js,
        "finance-explain.js": PackageResources.finance_explain_js,
        "finance-files.js": PackageResources.finance_files_js,
        "finance-gates.js": PackageResources.finance_gates_js,
        "finance-list.js": PackageResources.finance_list_js,
        "finance-payees.js": PackageResources.finance_payees_js,
        "finance-words.js": PackageResources.finance_words_js,
        "giveback.js": PackageResources.giveback_js,
        "guilloche.svg": PackageResources.guilloche_svg,
        "heal.js": PackageResources.heal_js,
        "holder-key.js": PackageResources.holder_key_js,
        "home.js": PackageResources.home_js,
        "host.js": PackageResources.host_js,
        "host-rehearsal.js": PackageResources.host_rehearsal_js,
        "host-stage.js": PackageResources.host_stage_js,
        "i18n.js": PackageResources.i18n_js,
        "keep.js": PackageResources.keep_js,
        "listen.js": PackageResources.listen_js,
        "money.js": PackageResources.money_js,
        "offer.js": PackageResources.offer_js,
        "office-api.js": PackageResources.office_api_js,
        "office-cancel.js": PackageResources.office_cancel_js,
        "office-door.js": PackageResources.office_door_js,
        "office-move.js": PackageResources.office_move_js,
        "office-prices.js": PackageResources.office_prices_js,
        "office-tips.js": PackageResources.office_tips_js,
        "office-vouchers.js": PackageResources.office_vouchers_js,
        "office.js": PackageResources.office_js,
        "page.js": PackageResources.page_js,
        "passing.js": PackageResources.passing_js,
        "pay.js": PackageResources.pay_js,
        "peer.js": PackageResources.peer_js,
        "qr.js": PackageResources.qr_js,
        "quote.js": PackageResources.quote_js,
        "rehearsal.js": PackageResources.rehearsal_js,
        "room.js": PackageResources.room_js,
        "sound.js": PackageResources.sound_js,
        "speak.js": PackageResources.speak_js,
        "stage.js": PackageResources.stage_js,
        "ticket.js": PackageResources.ticket_js,
        "tip.js": PackageResources.tip_js,
        "visit.js": PackageResources.visit_js,
        "wallet.js": PackageResources.wallet_js,
        "wish.js": PackageResources.wish_js,
        "web-texts-en.json": PackageResources.web_texts_en_json,
        "web-texts-fr.json": PackageResources.web_texts_fr_json,
    ]
}
