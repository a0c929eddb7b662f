import Datagrams
import Foundation
import RoomClient
import RoomGateway
import Stage
import Synchronization
import Testing
import Tickets
import Values

@Suite("The stage", .serialized, .timeLimit(.minutes(2)))
struct StageTests {
    private static var hasty: StagePolicy {
        var policy = StagePolicy()
        policy.graceSeconds = 1
        policy.pauseSeconds = 2
        return policy
    }

    @Test("a listener raises a hand, is invited, speaks with the same ticket, is muted, and steps down")
    func wayToTheStage() async throws {
        try await TestHouse.open { house in
            let (host, ann, ben) = (house.ticket(.host), house.ticket(.listener), house.ticket(.listener))
            let (annHears, benHears) = (Ear(), Ear())
            let anns = house.listen(ann.token, into: annHears)
            #expect(try await holds { try await house.people(host).count == 1 })
            let bens = house.listen(ben.token, into: benHears)
            #expect(try await holds { try await house.people(host).count == 2 })
            let admission = try #require(try await house.people(host).first?["admission"] as? String)

            // Without an invitation a listener's ticket sends nothing.
            let early = house.publish(ann.token, packets(200))
            await #expect { try await early.value } throws: { ($0 as? RefusedByServer)?.code == "ticket_role" }
            #expect(try await house.stage("stage/answer", ann.token, #"{"accept":true}"#).code == "invitation_unknown")

            let raised = try await house.stage("stage/hand", ann.token, #"{"raised":true}"#)
            #expect(raised.status == 200)
            #expect(try await house.stage("stage/hand", ben.token, #"{"raised":true}"#).status == 200)
            #expect(raised.member("handCount") as? Int == 1)
            #expect(
                try await house.stage("stage/invite", ben.token, #"{"admission":"\#(admission)"}"#).code
                    == "stage_not_permitted")
            let invited = try await house.stage(
                "stage/invite", host.token, #"{"admission":"\#(admission)","reason":"a good question"}"#)
            #expect(invited.member("handCount") as? Int == 1)
            let accepted = try await house.stage("stage/answer", ann.token, #"{"accept":true}"#)
            #expect((accepted.member("you") as? [String: Any])?["maySpeak"] as? Bool == true)

            let speaking = house.publish(ann.token, packets(200))
            #expect(try await benHears.hears(20))
            // The listening connection stays as it is, and nobody hears themself.
            #expect(annHears.count == 0)
            let stage = try await house.send("GET", "stage", token: host.token)
            #expect(stage.member("listeners") as? Int == 2)
            let voice = try #require(
                try await house.admission(host) { $0["direction"] as? String == "speaking" })
            #expect(
                try await house.people(host).contains {
                    $0["role"] as? String == "speaker" && $0["onStage"] as? Bool == true
                })

            #expect(try await house.stage("mute", host.token, #"{"admission":"\#(voice)","muted":true}"#).status == 200)
            #expect(
                try await house.stage("mute", ann.token, #"{"admission":"\#(voice)","muted":false}"#).code
                    == "muted_by_moderator")
            let muted = monotonicNanoseconds()
            try await Task.sleep(for: .milliseconds(700))
            #expect(benHears.count(after: muted + 500_000_000) == 0)
            // Coming in anew does not undo it.
            let again = house.publish(ann.token, packets(200))
            #expect(try await house.ledger.receipt { $0.kind.leftReason == .replaced } != nil)
            try await Task.sleep(for: .milliseconds(700))
            #expect(benHears.count(after: muted + 500_000_000) == 0)
            let second = try #require(try await house.admission(host) { $0["direction"] as? String == "speaking" })
            #expect(
                try await house.stage("mute", host.token, #"{"admission":"\#(second)","muted":false}"#).status == 200)
            let before = benHears.count
            #expect(try await benHears.hears(before + 10))

            #expect(try await house.stage("stage/step-down", ann.token).status == 200)
            #expect(try await house.ledger.receipt { $0.kind.leftReason == .steppedDown } != nil)
            #expect(try await house.stage("stage/step-down", ann.token).code == "not_on_stage")
            let after = house.publish(ann.token, packets(200))
            await #expect { try await after.value } throws: { ($0 as? RefusedByServer)?.code == "ticket_role" }
            // Both listen on.
            let publishing = house.publish(host.token, packets(200))
            let (annsCount, bensCount) = (annHears.count, benHears.count)
            #expect(try await annHears.hears(annsCount + 10))
            #expect(try await benHears.hears(bensCount + 10))
            for task in [speaking, again, publishing] { task.cancel() }
            anns.cancel()
            bens.cancel()

            let kinds = [
                "hand_raised", "hand_raised", "invited", "invited", "accepted", "muted", "unmuted", "unmuted",
                "stepped_down", "stepped_down",
            ]
            #expect(
                try await holds {
                    await house.ledger.acts.filter { $0.kind.text != "accepted" || $0.refused == nil }.count
                        >= kinds.count
                })
            let acts = await house.ledger.acts
            #expect(acts.map(\.sequence) == Array(1...Int64(acts.count)))
            #expect(acts.filter { $0.kind.text != "accepted" || $0.refused == nil }.map(\.kind.text) == kinds)
            #expect(acts.first { $0.kind.text == "invited" && $0.refused == nil }?.reason == "a good question")
            #expect(
                acts.compactMap(\.refused?.text) == [
                    "invitation_unknown", "stage_not_permitted", "muted_by_moderator", "not_on_stage",
                ])
        }
    }

    @Test("each command that is not right is refused by its code")
    func refusals() async throws {
        try await TestHouse.open { house in
            let (host, cohost, ann) = (house.ticket(.host), house.ticket(.cohost), house.ticket(.listener))
            #expect(try await house.stage("stage/hand", ann.token, #"{"raised":true}"#).code == "not_in_room")
            let listening = house.listen(ann.token, into: Ear())
            #expect(try await holds { try await house.people(host).count == 1 })
            let admission = try #require(try await house.people(host).first?["admission"] as? String)
            let nobody = TestHouse.id(AdmissionID.self)
            for (name, token, body, code) in [
                ("stage/hand", nil, #"{"raised":true}"#, "bearer_missing"),
                ("stage/hand", host.token, #"{"raised":true}"#, "may_speak_already"),
                ("stage/hand", ann.token, #"{"raised":"yes"}"#, "body_wrong_type"),
                ("stage/hand", host.token, #"{"raised":true,"admission":"\#(admission)"}"#, "body_wrong_type"),
                ("stage/invite", host.token, #"{"admission":"\#(nobody)"}"#, "admission_unknown"),
                ("stage/invite", host.token, #"{"admission":"\#(admission)","post":"host"}"#, "body_wrong_type"),
                (
                    "stage/invite", host.token, #"{"admission":"\#(admission)","reason":"two\nlines"}"#,
                    "body_wrong_type"
                ),
                (
                    "stage/invite", cohost.token, #"{"admission":"\#(admission)","post":"cohost"}"#,
                    "stage_not_permitted"
                ),
                ("stage/withdraw", host.token, #"{"admission":"\#(admission)"}"#, "invitation_unknown"),
                ("stage/answer", ann.token, #"{"accept":false}"#, "invitation_unknown"),
                ("stage/step-down", host.token, "{}", "not_on_stage"),
                ("stage/dismiss", host.token, #"{"admission":"\#(admission)"}"#, "not_on_stage"),
                ("stage/lock", ann.token, #"{"locked":true}"#, "stage_not_permitted"),
                ("stage/mode", cohost.token, #"{"mode":"invited"}"#, "stage_not_permitted"),
                ("stage/mode", host.token, #"{"mode":"shouting"}"#, "body_wrong_type"),
                ("stage/succession", host.token, #"{"admissions":["\#(admission)"]}"#, "not_a_cohost"),
            ] as [(String, String?, String, String)] {
                let answer = try await house.send("POST", name, token: token, type: "application/json", body: body)
                #expect(answer.code == code, "\(name) \(body)")
                #expect(answer.header("Content-Type") == "application/problem+json")
            }
            #expect(try await house.stage("stage/lock", cohost.token, #"{"locked":true}"#).status == 200)
            let locked = try await house.stage("stage/hand", ann.token, #"{"raised":true}"#)
            #expect(locked.code == "stage_locked" && locked.status == 423)
            #expect(try await house.stage("stage/lock", cohost.token, #"{"locked":false}"#).status == 200)
            #expect(try await house.stage("stage/mode", host.token, #"{"mode":"invited"}"#).status == 200)
            #expect(try await house.stage("stage/hand", ann.token, #"{"raised":true}"#).code == "hands_not_taken")
            for _ in 0..<30 { _ = try await house.stage("stage/hand", ann.token, #"{"raised":false}"#) }
            #expect(try await house.stage("stage/hand", ann.token, #"{"raised":false}"#).code == "too_many_acts")
            listening.cancel()
        }
    }

    @Test("ten speak and no more, and a place that nobody sends from is free again")
    func caps() async throws {
        try await TestHouse.open(capacity: 20, configure: { $0.stage.placeSeconds = 5 }) { house in
            let host = house.ticket(.host)
            let people = (0..<11).map { _ in house.ticket(.listener) }
            var tasks: [Task<ListenSummary, any Error>] = []
            for (index, person) in people.enumerated() {
                tasks.append(house.listen(person.token, into: Ear()))
                #expect(try await holds { try await house.people(host).count == index + 1 })
            }
            #expect(try await house.stage("stage/mode", host.token, #"{"mode":"everyone"}"#).status == 200)
            for person in people.prefix(10) {
                #expect(try await house.stage("stage/answer", person.token, #"{"accept":true}"#).status == 200)
            }
            let full = try await house.stage("stage/answer", people[10].token, #"{"accept":true}"#)
            #expect(full.code == "stage_full")
            // Who has a speaker's ticket finds no place either: the cap is one.
            let speaker = house.publish(house.ticket(.speaker).token, packets(200))
            // Should there be a place for it after all, it must not speak until the end of days.
            let patience = Task {
                try await Task.sleep(for: .seconds(15))
                speaker.cancel()
            }
            await #expect { try await speaker.value } throws: { ($0 as? RefusedByServer)?.code == "role_full" }
            #expect(
                try await holds {
                    try await house.stage("stage/answer", people[10].token, #"{"accept":true}"#).status == 200
                })
            patience.cancel()
            for task in tasks { task.cancel() }
        }
    }

    @Test("the host's rights pass to a co-host, and without one the room pauses, is cleared, and goes on with the host")
    func succession() async throws {
        try await TestHouse.open(configure: { $0.stage = Self.hasty }) { try await Self.playSuccession($0) }
    }

    private static func playSuccession(_ house: TestHouse) async throws {
        let (host, cohost, speaker) = (house.ticket(.host), house.ticket(.cohost), house.ticket(.speaker))
        let ear = Ear()
        let listener = house.ticket(.listener)
        let listening = house.listen(listener.token, into: ear)
        let reader = EventReader(house, token: listener.token)
        let hosting = house.publish(host.token, packets(200))
        let helping = house.listen(cohost.token, into: Ear())
        #expect(try await holds { try await house.people(cohost).count == 3 })
        #expect(try await house.stage("stage/mode", cohost.token, #"{"mode":"invited"}"#).code == "stage_not_permitted")
        hosting.cancel()
        func lead(_ state: String) async throws -> ReadEvent? {
            try await reader.event("state") { ($0.member("lead") as? [String: Any])?["state"] as? String == state }
        }
        #expect(try await lead("cohost") != nil)
        #expect(try await house.stage("stage/mode", cohost.token, #"{"mode":"everyone"}"#).status == 200)
        let speaking = house.publish(speaker.token, packets(200))
        let before = ear.count
        #expect(try await ear.hears(before + 10))
        helping.cancel()
        #expect(try await lead("paused") != nil)
        let paused = monotonicNanoseconds()
        let ended = try #require(try await reader.event("ended"))
        #expect(ended.member("code") as? String == "room_abandoned")
        // Nobody was heard while nobody led.
        #expect(ear.count(after: paused + 300_000_000) == 0)
        #expect(try await ear.hasEnded())
        #expect(try await house.ledger.receipt { $0.kind.leftReason == .roomAbandoned } != nil)
        let late = house.listen(listener.token, into: Ear())
        await #expect { try await late.value } throws: { ($0 as? RefusedByServer)?.code == "host_away" }
        let away = try #require(ReasonCode("host_away"))
        #expect(try await house.ledger.receipt { $0.ticket == listener.id && $0.kind == .refused(code: away) } != nil)
        let back = house.publish(host.token, packets(200))
        let again = Ear()
        #expect(
            try await holds {
                try await house.send("GET", "stage", token: host.token).body.contains(#""state":"host""#)
            })
        let listeningAgain = house.listen(listener.token, into: again)
        #expect(try await again.hears(10))
        for kind in ["lead_passed", "room_paused", "room_cleared", "room_resumed"] {
            #expect(try await holds { await house.ledger.acts.contains { $0.kind.text == kind } })
        }
        for task in [back, speaking] { task.cancel() }
        for task in [listening, listeningAgain] { task.cancel() }
    }

    @Test("mutes, the lock and places outlive the gateway; acts come once though answers are lost")
    func restart() async throws {
        let spool = TestHouse.temporarySpool()
        defer { TestHouse.removeSpool(spool) }
        let room = TestHouse.brief()
        let key = SigningKey.generate()
        let ledger = ScriptedLedger(jwks: KeyRing([key.verifyingKey]).jwks, rooms: [room])
        let held = Held()
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house in
            let (host, ann) = (house.ticket(.host), house.ticket(.listener))
            held.keep(host, ann)
            await ledger.loseAnswers(3)
            let listening = house.listen(ann.token, into: Ear())
            #expect(try await holds { try await house.people(host).count == 1 })
            let admission = try #require(try await house.people(host).first?["admission"] as? String)
            #expect(try await house.stage("stage/invite", host.token, #"{"admission":"\#(admission)"}"#).status == 200)
            #expect(try await house.stage("stage/answer", ann.token, #"{"accept":true}"#).status == 200)
            #expect(
                try await house.stage("mute", host.token, #"{"admission":"\#(admission)","muted":true}"#).status == 200)
            #expect(try await house.stage("stage/lock", host.token, #"{"locked":true}"#).status == 200)
            listening.cancel()
            #expect(try await holds { await ledger.acts.count >= 4 })
        }
        try await TestHouse.open(spool: spool, key: key, room: room, ledger: ledger) { house in
            let (host, ann) = try #require(held.both)
            let ear = Ear()
            let other = house.listen(house.ticket(.listener).token, into: ear)
            let speaking = house.publish(ann.token, packets(200))
            #expect(try await holds { try await house.people(host).count == 2 })
            let stage = try await house.send("GET", "stage", token: host.token)
            #expect(stage.member("locked") as? Bool == true)
            #expect(try await house.people(host).contains { $0["muted"] as? Bool == true })
            try await Task.sleep(for: .milliseconds(700))
            #expect(ear.count == 0)
            speaking.cancel()
            other.cancel()
        }
        let acts = await ledger.acts
        #expect(acts.map(\.sequence) == Array(1...Int64(acts.count)))
        #expect(acts.prefix(4).map(\.kind.text) == ["invited", "accepted", "muted", "locked"])
    }
}

/// Carries two tickets from one house to the next.
private final class Held: Sendable {
    private let tickets = Mutex<(TestHouse.Held, TestHouse.Held)?>(nil)
    func keep(_ one: TestHouse.Held, _ other: TestHouse.Held) { tickets.withLock { $0 = (one, other) } }
    var both: (TestHouse.Held, TestHouse.Held)? { tickets.withLock { $0 } }
}
