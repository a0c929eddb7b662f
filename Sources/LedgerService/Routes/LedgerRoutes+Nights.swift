internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Reporting
internal import Values

private struct NewNight: Decodable {
    let day: LocalDay
    let cutNow: Bool?
}

private struct NightList: Encodable {
    let nights: [NightView]
    let next: String?
}

private struct ReportList: Encodable {
    let day: LocalDay?
    let reports: [NightFileView]
}

extension LedgerRoutes {
    func addNights(_ router: some RouterMethods<Context>) {
        router.post("/v1/nights") { [service, payments] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let body = try await request.json(NewNight.self)
            let signatory = try await service.signatory(caller, key: request.bearer)
            // What providers state is held against the books before the night counts them and gates look.
            if try await service.isToRun(body.day, cutNow: body.cutNow ?? false) {
                await payments.readStatements(within: .seconds(60))
            }
            return JSON.response(
                try await service.runNight(
                    body.day, cutNow: body.cutNow ?? false, by: caller, signature: signatory.signature),
                status: .created)
        }
        router.get("/v1/nights") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let (nights, next) = try await service.nights(try PageRequest(request, list: "nights"), by: caller)
            return JSON.response(NightList(nights: nights, next: next))
        }
        router.get("/v1/nights/:day") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            guard let day = context.parameters.get("day").flatMap({ LocalDay($0) }) else { throw EdgeRefusal.notFound }
            return JSON.response(try await service.night(day, by: caller))
        }
        router.get("/v1/reports") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            guard let day = try await reportDay(request, by: caller) else {
                return JSON.response(ReportList(day: nil, reports: []))
            }
            let files = try await service.reportFiles(of: day, language: request.language, by: caller)
            return JSON.response(
                ReportList(
                    day: day,
                    reports: files.map {
                        NightFileView(name: $0.name, contentType: $0.contentType, bytes: $0.bytes.count)
                    }))
        }
        router.get("/v1/reports/:name") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            guard let day = try await reportDay(request, by: caller) else { throw LedgerRefusal.nightUnknown }
            let files = try await service.reportFiles(of: day, language: request.language, by: caller)
            let name = context.parameters.get("name") ?? ""
            let file = try find(name, format: request.query("format"), in: files)
            return Response(
                status: .ok, headers: [.contentType: file.contentType, .cacheControl: "private, no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
        }
    }

    /// The day that was asked for, or that of the last night.
    private func reportDay(_ request: Request, by caller: Caller) async throws -> LocalDay? {
        if let text = request.query("day") {
            guard let day = LocalDay(text) else { throw EdgeRefusal.parameterMalformed(path: "day") }
            return day
        }
        return try await service.nights(by: caller).first { $0.state == "done" }?.day
    }

    /// A file by its full name, or by its name without the ending and a format.
    private func find(_ name: String, format: String?, in files: [ReportFile]) throws(LedgerRefusal) -> ReportFile {
        if let exact = files.first(where: { $0.name == name }) { return exact }
        let named = files.filter { $0.name.hasPrefix(name + ".") }
        guard !named.isEmpty else { throw .reportUnknown }
        guard
            let file = named.first(where: { $0.name == "\(name).\(format ?? "csv")" })
                ?? (format == nil ? named[0] : nil)
        else { throw .reportFormat }
        return file
    }
}
