internal import HTTPEdge
internal import Hummingbird
internal import Values

extension LedgerRoutes {
    func addNights(_ router: some RouterMethods<Context>) {
    }
}
