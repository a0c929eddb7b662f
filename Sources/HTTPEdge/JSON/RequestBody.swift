/// The one way from the bytes of a request to a value.
public enum RequestBody {
    /// Reads one strict JSON value: no unknown, missing or doubled members, nothing behind it.
    ///
    /// - Throws: ``EdgeRefusal``.
    public static func decode<Body: Decodable>(_ type: Body.Type, from bytes: [UInt8]) throws -> Body {
        try StrictDecoder.decode(type, from: JSONReader.read(bytes), path: "")
    }
}
