import Foundation
import RoomClient
import Tickets
import Values

/// The key to which tickets of this terminal are bound: an Ed25519 key in PEM, readable by its owner only.
struct HolderKeyFile {
    let key: SigningKey

    static func read(_ path: String) throws -> HolderKeyFile {
        do { return HolderKeyFile(key: try KeyFile.load(path)) } catch { throw failure(path, error) }
    }

    /// The key at `path`, made on first use.
    static func readOrMake(_ path: String) throws -> HolderKeyFile {
        do { return HolderKeyFile(key: try KeyFile.loadOrGenerate(path)) } catch { throw failure(path, error) }
    }

    private static func failure(_ path: String, _ refusal: KeyRefusal) -> CommandFailure {
        CommandFailure(.file, "\(path) is no holder key that can be used (\(refusal.code)).")
    }

    /// Makes proofs for requests that carry this ticket.
    func proof(with ticket: String?) -> RequestProof {
        { method, url in
            HolderProof.make(
                with: key, method: method, url: url, ticket: ticket, id: UUID().uuidString, at: WallTime.now())
        }
    }
}
