internal import BoxOffice
internal import HTTPEdge
internal import Hummingbird
internal import Values

extension LedgerRoutes {
    /// The long lists behind a batch: whom it pays, whom its night looked at, and how they divide.
    func addPayoutLists(_ router: some RouterMethods<Context>) {
        router.get("/v1/payout-batches/:day/items") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let filter = PayoutItemFilter(
                find: try find(request), state: try choice("state", of: PayoutItemFilter.states, request),
                finding: try choice("finding", of: PayoutItemFilter.findings, request))
            return JSON.response(
                try await service.payoutItems(
                    of: try businessDay(context), try PageRequest(request, list: "payout-items"), filter,
                    through: payments.payoutNames, by: caller))
        }
        router.get("/v1/payout-batches/:day/payees") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            let filter = PayeeFilter(
                find: try find(request), reason: try choice("reason", of: PayoutReason.codes, request))
            return JSON.response(
                try await service.payoutPayees(
                    of: try businessDay(context), try PageRequest(request, list: "payout-payees"), filter,
                    in: request.language, through: payments.payoutNames, by: caller))
        }
        router.get("/v1/payout-batches/:day/reasons") { [service, payments] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(
                try await service.payoutReasonCounts(
                    of: try businessDay(context), through: payments.payoutNames, by: caller))
        }
    }

    private func find(_ request: Request) throws(EdgeRefusal) -> NameSearch? {
        guard let text = request.query("find") else { return nil }
        return try NameSearch(text)
    }

    private func choice(_ name: String, of words: [String], _ request: Request) throws(EdgeRefusal) -> String? {
        guard let word = request.query(name) else { return nil }
        guard words.contains(word) else { throw .parameterMalformed(path: name) }
        return word
    }
}
