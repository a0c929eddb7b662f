public import Values

/// Something a person in a room may want to do, and to whom.
public enum StageAct: Hashable, Sendable {
    /// Send sound.
    case speak
    /// Give somebody this role.
    case invite(Role)
    /// Mute somebody of this role. Muting oneself needs no right.
    case mute(Role)
    /// Remove somebody of this role, for good.
    case remove(Role)
    /// See who is there by admission.
    case seeStage
    /// Lock the stage, or unlock it.
    case lock
    /// Choose who may speak, and name who takes over.
    case direct
    /// End the room.
    case end
}

extension Role {
    /// The table of rights.
    ///
    /// | act | host | co-host | speaker | listener |
    /// | --- | --- | --- | --- | --- |
    /// | speak | yes | yes | yes | no |
    /// | invite | co-host, speaker, listener | speaker, listener | no | no |
    /// | mute, remove | co-host, speaker, listener | speaker, listener | no | no |
    /// | see the stage | yes | yes | no | no |
    /// | lock the stage | yes | yes | no | no |
    /// | choose who may speak, name who takes over | yes | no | no | no |
    /// | end the room | yes | no | no | no |
    public func may(_ act: StageAct) -> Bool {
        switch (self, act) {
        case (.host, .speak), (.cohost, .speak), (.speaker, .speak): true
        case (.listener, .speak): false
        case (.host, .invite(let other)), (.host, .mute(let other)), (.host, .remove(let other)): other != .host
        case (.cohost, .invite(let other)), (.cohost, .mute(let other)), (.cohost, .remove(let other)):
            other == .speaker || other == .listener
        case (.speaker, .invite), (.speaker, .mute), (.speaker, .remove): false
        case (.listener, .invite), (.listener, .mute), (.listener, .remove): false
        case (.host, .seeStage), (.cohost, .seeStage), (.host, .lock), (.cohost, .lock): true
        case (.speaker, .seeStage), (.listener, .seeStage), (.speaker, .lock), (.listener, .lock): false
        case (.host, .end), (.host, .direct): true
        case (.cohost, .end), (.speaker, .end), (.listener, .end): false
        case (.cohost, .direct), (.speaker, .direct), (.listener, .direct): false
        }
    }

    /// How many people may have this role in a room at one time; `nil` for listeners, whose cap is the room's capacity.
    /// One host, two co-hosts and ten speakers are the thirteen voices that the field knows.
    public var cap: Int? {
        switch self {
        case .host: 1
        case .cohost: 2
        case .speaker: 10
        case .listener: nil
        }
    }
}
