public import Values

/// A value that a statement takes as a parameter.
public protocol Bindable: Sendable {
    /// What a column of such values holds.
    static var parameterType: ParameterType { get }

    /// Binds the value to parameter `index` (from 1).
    func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault)
}

extension Bindable {
    /// Most values of the house are texts.
    public static var parameterType: ParameterType { .text }
}

extension Int64: Bindable {
    public static var parameterType: ParameterType { .integer }

    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try statement.bind(integer: self, at: index)
    }
}

extension Int: Bindable {
    public static var parameterType: ParameterType { .integer }

    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try statement.bind(integer: Int64(self), at: index)
    }
}

extension String: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try statement.bind(text: self, at: index)
    }
}

extension [UInt8]: Bindable {
    public static var parameterType: ParameterType { .bytes }

    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try statement.bind(bytes: self, at: index)
    }
}

extension Optional: Bindable where Wrapped: Bindable {
    public static var parameterType: ParameterType { Wrapped.parameterType }

    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        switch self {
        case .some(let value): try value.bind(to: statement, at: index)
        case .none: try statement.bindNull(Wrapped.parameterType, at: index)
        }
    }
}

extension Identifier: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try text.bind(to: statement, at: index)
    }
}

/// Times are stored as whole microseconds since 1970, UTC.
extension Instant: Bindable {
    public static var parameterType: ParameterType { .integer }

    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try microseconds.bind(to: statement, at: index)
    }
}

/// Days are stored as text, `2026-03-29`.
extension LocalDay: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try description.bind(to: statement, at: index)
    }
}

extension Currency: Bindable {
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try code.bind(to: statement, at: index)
    }
}

extension SHA256Digest: Bindable {
    /// Digests are stored as 64 hexadecimal digits, so that a person with a database shell can compare them.
    public func bind(to statement: borrowing Statement, at index: Int32) throws(StoreFault) {
        try hex.bind(to: statement, at: index)
    }
}
