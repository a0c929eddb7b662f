internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Values

private struct NewWebhook: Decodable {
    let url: String
    let events: [String]?
    let host: HostID?
}

private struct EventsAgain: Decodable {
    let after: Int64
}

private struct WebhookList: Encodable {
    let webhooks: [WebhookView]
}

private struct AttemptList: Encodable {
    let attempts: [WebhookAttemptView]
}

extension LedgerRoutes {
    /// What goes out to other systems, and what they may ask for.
    func addWebhooks(_ router: some RouterMethods<Context>) {
        router.get("/v1/events") { [service] request, _ in
            let caller = try await caller(request)
            guard let after = Int64(request.query("after") ?? "0"), after >= 0 else {
                throw EdgeRefusal.parameterMalformed(path: "after")
            }
            let limit = try request.count("limit") ?? LedgerService.eventsPerPage
            return JSON.response(try await service.events(after: after, limit: limit, by: caller).json)
        }
        router.post("/v1/webhooks") { [service] request, _ in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewWebhook.self)
            let draft = WebhookDraft(url: body.url, events: body.events ?? [], host: body.host)
            return JSON.response(try await service.addWebhook(draft, key: key, by: caller), status: .created)
        }
        router.get("/v1/webhooks") { [service] request, _ in
            JSON.response(WebhookList(webhooks: try await service.webhooks(by: try await caller(request))))
        }
        router.get("/v1/webhooks/:webhook") { [service] request, context in
            JSON.response(try await service.webhook(context.identifier("webhook"), by: try await caller(request)))
        }
        router.get("/v1/webhooks/:webhook/attempts") { [service] request, context in
            let caller = try await caller(request)
            return JSON.response(
                AttemptList(attempts: try await service.webhookAttempts(context.identifier("webhook"), by: caller)))
        }
        router.post("/v1/webhooks/:webhook/replay") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(EventsAgain.self)
            return JSON.response(
                try await service.replayWebhook(
                    context.identifier("webhook"), after: body.after, key: key, by: caller))
        }
        addCommand("enable", router) { [service] in try await service.enableWebhook($0, key: $1, by: $2) }
        addCommand("disable", router) { [service] in try await service.disableWebhook($0, key: $1, by: $2) }
        addCommand("rotate", router) { [service] in try await service.rotateWebhook($0, key: $1, by: $2) }
        addCommand("test", router) { [service] in try await service.testWebhook($0, key: $1, by: $2) }
        addCommand("remove", router) { [service] in try await service.removeWebhook($0, key: $1, by: $2) }
    }

    private func addCommand(
        _ verb: String, _ router: some RouterMethods<Context>,
        _ carryOut: @escaping @Sendable (WebhookID, IdempotencyKey, Caller) async throws -> WebhookView
    ) {
        router.post("/v1/webhooks/:webhook/\(verb)") { request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let key = try request.idempotencyKey()
            return JSON.response(try await carryOut(context.identifier("webhook"), key, caller))
        }
    }
}
