import MediaWire

/// The password of the vectors of RFC 5769, so that they are seeds whose integrity holds.
private let stunKey = STUNKey(password: "VOkJxbRl1RmTxUk/WvJxBt")

/// What a message says, apart from where it lies.
private struct STUNContent: Equatable {
    let kind: STUNKind
    let transaction: STUNTransactionID
    let username: [UInt8]?
    let priority: UInt32?
    let controlling: UInt64?
    let controlled: UInt64?
    let nominates: Bool
    let mapped: SocketAddress?
    let error: Int?
    let software: [UInt8]?

    init(_ message: STUNMessage) {
        kind = message.kind
        transaction = message.transactionID
        username = message.username.map(Array.init)
        priority = message.priority
        controlling = message.controlling
        controlled = message.controlled
        nominates = message.hasUseCandidate
        mapped = message.xorMappedAddress
        error = message.errorCode
        software = message.software.map(Array.init)
    }

    /// The message with MESSAGE-INTEGRITY and FINGERPRINT; `nil` beyond what a message may have.
    var bytes: [UInt8]? {
        written(capacity: STUNMessage.maximumByteCount) { buffer in
            var writer = STUNWriter(buffer, kind: kind, transactionID: transaction)
            username?.withUnsafeBytes { writer.append(username: $0) }
            if let priority { writer.append(priority: priority) }
            if let controlling { writer.append(controlling: controlling) }
            if let controlled { writer.append(controlled: controlled) }
            if nominates { writer.appendUseCandidate() }
            if let mapped { writer.append(xorMappedAddress: mapped) }
            if let error { writer.append(errorCode: error) }
            software?.withUnsafeBytes { writer.append(software: $0) }
            writer.appendIntegrity(stunKey)
            writer.appendFingerprint()
            return writer.finish()
        }
    }
}

func checkSTUN(_ input: UnsafeRawBufferPointer) throws(Violation) {
    guard let message = STUNMessage(input) else { return }
    _ = message.verifies(stunKey)
    _ = message.hasValidFingerprint
    _ = message.mappedAddress
    try require(message.unknownRequiredAttributes.count <= 8, "unknown attributes are listed up to eight")
    try require(
        (message.receiverFragment == nil) == (message.senderFragment == nil), "a user name has two halves or none")
    let content = STUNContent(message)
    // Each attribute stood in the input; the two at the end add 32 bytes.
    guard let again = content.bytes else {
        return try require(input.count + 32 > STUNMessage.maximumByteCount, "what was read can be written")
    }
    try inExactMemory(again) { bytes throws(Violation) in
        let second = try require(STUNMessage(bytes), "what was written is read")
        try require(STUNContent(second) == content, "a message says the same after writing and reading")
        try require(second.verifies(stunKey) && second.hasValidFingerprint, "what was signed holds")
    }
    // The input chooses a bit; with it changed the message is another, and both seals must break.
    let place = Int(input[input.count - 1]) + Int(input[8]) << 8
    var forged = again
    forged[place / 8 % forged.count] ^= 1 << UInt8(place % 8)
    try inExactMemory(forged) { bytes throws(Violation) in
        guard let third = STUNMessage(bytes) else { return }
        try require(!third.hasValidFingerprint, "a changed bit breaks the fingerprint")
        // FINGERPRINT itself lies behind what MESSAGE-INTEGRITY covers.
        let isCovered = place / 8 % forged.count < forged.count - 8
        try require(!isCovered || !third.verifies(stunKey), "a changed bit breaks the integrity")
    }
}
