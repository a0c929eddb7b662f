internal import HTTPEdge
internal import Schemas
internal import Stage
internal import Values

/// Tells a person why their own admission is over; the words stand in `Schemas` under `ended_…`.
struct EndedNotice: Encodable, Sendable, Hashable {
    let admission: AdmissionID?
    let code: String
    let title: String
    let detail: String
    let next: String

    init(_ reason: ReasonCode, admission: AdmissionID?, in language: Language) {
        // A ledger that is newer than this gateway may name reasons unknown here.
        let text = RefusalTexts.all["ended_\(reason.text)"] ?? RefusalTexts.all["ended_other"]
        let words = text?.words(in: language.rawValue, facts: ["reason": reason.text])
        self.admission = admission
        code = reason.text
        title = words?.title ?? reason.text
        detail = words?.detail ?? ""
        next = words?.next ?? ""
    }
}
