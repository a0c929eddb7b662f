internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Reporting
internal import Values

private struct DefinitionList: Encodable {
    let definitions: [ReportDefinitionView]
}

extension LedgerRoutes {
    func addReports(_ router: some RouterMethods<Context>) {
        router.get("/v1/reports/definitions") { [service] request, _ in
            let caller = try await caller(request)
            let language = ReportLanguage(rawValue: request.language.rawValue) ?? .english
            return JSON.response(DefinitionList(definitions: try service.reportDefinitions(language, by: caller)))
        }
        router.get("/v1/reports/definitions/:report/export") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let order = try ReportRequest(request)
            let export = try await service.export(context.parameters.get("report") ?? "", order, by: caller)
            if let bundle = export.bundle {
                return response(bundle, export, name: export.name + ".zip", type: "application/zip")
            }
            // A format was asked for, so there is its file.
            guard let file = export.files.first else { throw ReportRunRefusal.formatUnknown }
            return response(file.file, export, name: file.name, type: file.format.contentType)
        }
    }

    /// A file from the disk, piece by piece as the client takes it. Its pages were written a moment ago, so reading them
    /// keeps nobody waiting.
    private func response(_ file: SpooledFile, _ export: FinishedExport, name: String, type: String) -> Response {
        let body = ResponseBody(contentLength: Int(file.count)) { writer in
            var offset: Int64 = 0
            while offset < file.count {
                let piece = try file.read(at: offset, upTo: 1 << 16)
                guard !piece.isEmpty else { break }
                offset += Int64(piece.count)
                try await writer.write(ByteBuffer(bytes: piece))
            }
            try await writer.finish(nil)
        }
        var headers: HTTPFields = [
            .contentType: type, .cacheControl: "private, no-store",
            .contentDisposition: "attachment; filename=\"\(name)\"",
        ]
        let facts: KeyValuePairs<String, String> = [
            // RFC 9530.
            "Repr-Digest": "sha-256=:\(ReportPage.base64(file.sha256.bytes)):",
            "Guichet-Rows": String(export.totals.rows), "Guichet-Through": String(export.scope.through),
        ]
        for (name, value) in facts {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: .ok, headers: headers, body: body)
    }
}

extension ReportRequest {
    /// Reads `format` (or `zip` with `formats`), `profile`, `through` and one kind of period.
    fileprivate init(_ request: Request) throws {
        let format = request.query("format") ?? "csv"
        var formats: [ReportFormat] = []
        for word in (format == "zip" ? request.query("formats") ?? "csv,json,html,xlsx" : format).split(separator: ",")
        {
            guard let known = ReportFormat(rawValue: String(word)), !formats.contains(known) else {
                throw ReportRunRefusal.formatUnknown
            }
            formats.append(known)
        }
        guard !formats.isEmpty, format == "zip" || formats.count == 1 else { throw ReportRunRefusal.formatUnknown }
        guard let profile = ReportProfile(rawValue: request.query("profile") ?? "standard") else {
            throw ReportRunRefusal.profileUnknown
        }
        var through: Int64?
        if let text = request.query("through") {
            guard let number = Int64(text), number >= 0 else { throw EdgeRefusal.parameterMalformed(path: "through") }
            through = number
        }
        self.init(
            period: try Self.period(request), formats: formats, profile: profile,
            language: ReportLanguage(rawValue: request.language.rawValue) ?? .english, through: through,
            isBundled: format == "zip")
    }

    private static func period(_ request: Request) throws -> ReportPeriod? {
        let given = ["day", "month", "quarter", "year", "from"].filter { request.query($0) != nil }
        guard let kind = given.first else {
            guard request.query("to") == nil else { throw ReportRunRefusal.periodMalformed }
            return nil
        }
        let text = request.query(kind) ?? ""
        let period: ReportPeriod?
        switch kind {
        case "day": period = LocalDay(text).map { ReportPeriod(day: $0) }
        case "month": period = ReportPeriod(month: text)
        case "quarter": period = ReportPeriod(quarter: text)
        case "year": period = ReportPeriod(year: text)
        default:
            let last = LocalDay(request.query("to") ?? "")
            period = LocalDay(text).flatMap { first in last.flatMap { ReportPeriod(from: first, to: $0) } }
        }
        guard given.count == 1, kind == "from" || request.query("to") == nil, let period else {
            throw ReportRunRefusal.periodMalformed
        }
        return period
    }
}
