internal import Embedded
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
        let texts = Shelf.pages.names(startingWith: "texts/")
        for file in Shelf.pages.names(startingWith: "assets/") + texts {
            let name = String(file.drop { $0 != "/" }.dropFirst())
            let bytes = Shelf.pages[file]
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

}
