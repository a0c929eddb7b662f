internal import AudioRelay
internal import HTTPEdge
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Values

extension RoomGateway {
    private static let fragmentType = "application/trickle-ice-sdpfrag"
    /// A fragment is a dozen lines for each interface; browsers stay below 4 KiB.
    private static let fragmentLimit = 16 * 1024

    /// `PATCH /rooms/{room}/sessions/{admission}`: further candidates (204), or new ICE credentials (200 with ours).
    func patch<Context: RequestContext>(_ request: Request, _ context: Context) async throws -> Response {
        let room = try context.identifier("room", as: RoomID.self)
        let claims = try await claims(of: request, room: room)
        let admission = try context.identifier("admission", as: AdmissionID.self)
        let type = request.headers[.contentType]?.split(separator: ";").first?.filter { $0 != " " }.lowercased()
        guard type == Self.fragmentType else { throw GatewayRefusal.fragmentTypeUnsupported }
        guard let header = request.headers[.ifMatch] else { throw GatewayRefusal.preconditionMissing }
        let text = String(decoding: try await request.bytes(limit: Self.fragmentLimit), as: UTF8.self)
        let outcome = try await rooms.patch(
            admission, room: room, by: claims, try ICEPatch(parsing: text), if: EntityTagCondition(header))
        switch outcome {
        case .noted: return Response(status: .noContent)
        case .restarted(let answer, let entityTag):
            return Response(
                status: .ok,
                headers: [.contentType: Self.fragmentType, .eTag: entityTag, .cacheControl: "no-store"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: answer)))
        }
    }
}
