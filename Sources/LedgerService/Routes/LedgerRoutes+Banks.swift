internal import BankFiles
internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import Values

private struct NewBankAccount: Decodable {
    struct Address: Decodable {
        let street, building, postcode: String?
        let town, country: String
    }
    let legalName: String
    let iban, bic: String?
    let routing, account: String?
    let accountKind: PayeeAccount.Kind?
    let holder: PayeeAccount.Holder?
    let address: Address

    /// Either an IBAN, or a bank of the United States with an account, its kind and its holder's.
    func parsed() throws -> PayeeAccount {
        let place: PayeeAccount.Place
        switch (iban, routing) {
        case (let iban?, nil):
            guard account == nil, accountKind == nil, holder == nil else { throw BankRefusal.account }
            place = .sepa(try IBAN(iban), try bic.map { try BIC($0) })
        case (nil, let routing?):
            guard let account, let accountKind, let holder, bic == nil else { throw BankRefusal.account }
            place = .us(try RoutingNumber(routing), account: account, accountKind, holder)
        case (nil, nil), (.some, .some): throw BankRefusal.iban
        }
        return try PayeeAccount(
            legalName: legalName, place: place,
            address: try PostalAddress(
                street: address.street, building: address.building, postcode: address.postcode, town: address.town,
                country: address.country))
    }
}

private struct NewBankFile: Decodable {
    let family: CreditTransferFile.Family
}

extension LedgerRoutes {
    /// Accounts of payees, files to banks, and files from them.
    func addBanks(_ router: some RouterMethods<Context>) {
        router.get("/v1/hosts/:host/bank-account") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            return JSON.response(try await service.bankAccount(of: context.identifier("host"), by: caller))
        }
        router.put("/v1/hosts/:host/bank-account") { [service] request, context in
            let caller = try await caller(request)
            try requireKey(caller)
            let account = try await request.json(NewBankAccount.self).parsed()
            return JSON.response(
                try await service.setBankAccount(account, of: context.identifier("host"), by: caller))
        }
        router.get("/v1/payout-batches/:day/files") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(try await service.bankFiles(of: try businessDay(context), by: caller))
        }
        router.post("/v1/payout-batches/:day/files") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let body = try await request.json(NewBankFile.self)
            return JSON.response(
                try await service.makeBankFile(
                    of: try businessDay(context), family: body.family, key: key, by: caller),
                status: .created)
        }
        router.get("/v1/payout-batches/:day/files/:file") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            guard let number = context.parameters.get("file").flatMap({ Int64($0) }) else { throw EdgeRefusal.notFound }
            guard let format = request.query("format").flatMap({ CreditTransferFile.Format(rawValue: $0) }) else {
                throw BankRefusal.format
            }
            let file = try await service.bankFile(
                of: try businessDay(context), file: number, as: format, by: caller)
            return Response(
                status: .ok,
                headers: [
                    .contentType: file.contentType, .cacheControl: "private, no-store",
                    .contentDisposition: "attachment; filename=\"\(file.name)\"",
                ], body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
        }
        router.post("/v1/bank-reports") { [service] request, _ in
            let caller = try await caller(request)
            try service.requireFinance(caller)
            let key = try request.idempotencyKey()
            let type = request.headers[.contentType]?.lowercased().split(separator: ";").first?.filter { $0 != " " }
            guard ["application/xml", "text/xml", "text/plain"].contains(type ?? "") else {
                throw EdgeRefusal.contentType
            }
            let bytes = try await request.bytes(limit: BankReport.byteLimit)
            return JSON.response(try await service.takeBankReport(bytes, key: key, by: caller), status: .created)
        }
        router.get("/v1/bank-reports/:report") { [service] request, context in
            let caller = try await caller(request)
            try service.requireFinanceReading(caller)
            return JSON.response(
                try await service.bankReport(context.parameters.get("report") ?? "", by: caller))
        }
    }
}
