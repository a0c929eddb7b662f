internal import AudioRelay

/// Which media thread each peer is on, and where voices have to be handed to; no I/O.
///
/// A room has a home, the thread with the fewest peers when its first one came. A small room stays there altogether, so
/// that its voices are handed to nobody; what comes to a big one goes to whichever thread has the fewest peers. Of the
/// threads of a room one leads: it gets every voice, whether somebody listens there or not, and what it says of who
/// speaks is what counts.
struct ShardPlacement {
    private struct Member {
        let room: RoomKey
        let shard: Int
        let listens: Bool
    }

    private struct RoomPlaces {
        let home: Int
        /// Places given away of which no peer has come yet.
        var expected = 0
        var peers: [Int]
        var listeners: [Int]
        var lead: Int
        /// Who speaks, as each shard said last, and as the gateway heard last.
        var speaking: [[UInt32]]
        var told: [UInt32] = []
        /// As each shard was told last.
        var spreads: [ShardSet]

        init(home: Int, shards: Int) {
            self.home = home
            lead = home
            peers = [Int](repeating: 0, count: shards)
            listeners = peers
            speaking = [[UInt32]](repeating: [], count: shards)
            spreads = [ShardSet](repeating: ShardSet(), count: shards)
        }

        var isEmpty: Bool { expected == 0 && peers.allSatisfy { $0 == 0 } }
    }

    let shards: Int
    /// Up to so many peers of a room stay together: 64 listeners of three voices are 3 % of a core.
    let smallRoomPeers: Int
    /// Peers, and places given away.
    private(set) var load: [Int]
    private var rooms: [RoomKey: RoomPlaces] = [:]
    private var members: [PeerID: Member] = [:]

    init(shards: Int, smallRoomPeers: Int) {
        precondition((1...ShardSet.maximumShards).contains(shards), "A gateway has one to 64 media threads.")
        self.shards = shards
        self.smallRoomPeers = smallRoomPeers
        load = [Int](repeating: 0, count: shards)
    }

    func shard(of peer: PeerID) -> Int? { members[peer]?.shard }

    /// Chooses the shard for somebody who is about to come; ``giveBack(_:in:)`` ends what this counts.
    mutating func place(in room: RoomKey) -> Int {
        // Both have at least one element.
        let emptiest = load.indices.min { load[$0] < load[$1] }!
        var places = rooms[room] ?? RoomPlaces(home: emptiest, shards: shards)
        let isSmall = places.peers.reduce(places.expected, +) < smallRoomPeers
        places.expected += 1
        rooms[room] = places
        let shard = isSmall ? places.home : emptiest
        load[shard] += 1
        return shard
    }

    /// Whoever a place was chosen for has come, or will not come.
    mutating func giveBack(_ shard: Int, in room: RoomKey) {
        load[shard] -= 1
        rooms[room]?.expected -= 1
        forget(room)
    }

    /// What a change asks for.
    struct Consequences {
        /// For the relays of these shards.
        var commands: [(shard: Int, command: RelayCommand)] = []
        /// The lead is another one now, and says something else.
        var speaking: RelayEvent?
    }

    mutating func add(_ peer: PeerID, to room: RoomKey, on shard: Int, listens: Bool) -> Consequences {
        members[peer] = Member(room: room, shard: shard, listens: listens)
        load[shard] += 1
        var places = rooms[room] ?? RoomPlaces(home: shard, shards: shards)
        places.peers[shard] += 1
        places.listeners[shard] += listens ? 1 : 0
        rooms[room] = places
        return spread(room)
    }

    mutating func remove(_ peer: PeerID) -> Consequences {
        guard let member = members.removeValue(forKey: peer) else { return Consequences() }
        load[member.shard] -= 1
        rooms[member.room]?.peers[member.shard] -= 1
        rooms[member.room]?.listeners[member.shard] -= member.listens ? 1 : 0
        defer { forget(member.room) }
        return spread(member.room)
    }

    /// What a shard says of who speaks in a room; `nil` when another one leads.
    mutating func said(_ participants: [UInt32], in room: RoomKey, by shard: Int) -> RelayEvent? {
        rooms[room]?.speaking[shard] = participants
        guard let places = rooms[room], places.lead == shard else { return nil }
        rooms[room]?.told = participants
        return .speaking(room, participants: participants)
    }

    private mutating func forget(_ room: RoomKey) { if rooms[room]?.isEmpty == true { rooms[room] = nil } }

    private mutating func spread(_ room: RoomKey) -> Consequences {
        var consequences = Consequences()
        guard var places = rooms[room] else { return consequences }
        if places.peers[places.lead] == 0 {
            let next = places.peers.indices.first { places.peers[$0] > 0 }
            places.lead = next ?? places.lead
            // Nobody is left: the relays' own last words on it may be of rooms that are gone.
            let speaking = next.map { places.speaking[$0] } ?? []
            if speaking != places.told {
                places.told = speaking
                consequences.speaking = .speaking(room, participants: speaking)
            }
        }
        let audience = ShardSet(
            places.peers.indices.filter { places.listeners[$0] > 0 || ($0 == places.lead && places.peers[$0] > 0) })
        for shard in places.peers.indices {
            if places.peers[shard] == 0 { places.speaking[shard] = [] }
            var others = places.peers[shard] > 0 ? audience : ShardSet()
            others.remove(shard)
            guard others != places.spreads[shard] else { continue }
            places.spreads[shard] = others
            consequences.commands.append((shard, .spread(room, to: others)))
        }
        rooms[room] = places
        return consequences
    }
}
