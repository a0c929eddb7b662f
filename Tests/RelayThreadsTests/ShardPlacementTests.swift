import AudioRelay
import Testing

@testable import RelayThreads

@Suite("Who is on which media thread")
struct ShardPlacementTests {
    private func join(
        _ placement: inout ShardPlacement, _ number: UInt64, _ room: RoomKey, listens: Bool = true
    ) -> (shard: Int, consequences: ShardPlacement.Consequences) {
        let shard = placement.place(in: room)
        let then = placement.add(PeerID(number), to: room, on: shard, listens: listens)
        placement.giveBack(shard, in: room)
        return (shard, then)
    }

    @Test("small rooms stay together, on the thread that has least to do")
    func small() {
        var placement = ShardPlacement(shards: 3, smallRoomPeers: 10)
        for room in 0..<30 as Range<UInt64> {
            for peer in 0..<5 as Range<UInt64> {
                let (shard, then) = join(&placement, room * 100 + peer, RoomKey(room), listens: peer > 0)
                #expect(shard == Int(room % 3))
                #expect(then.commands.isEmpty && then.speaking == nil)
            }
        }
        #expect(placement.load == [50, 50, 50])
    }

    @Test("a big room spreads evenly, also when all come at one moment")
    func big() {
        var placement = ShardPlacement(shards: 4, smallRoomPeers: 8)
        let room = RoomKey(1)
        let shards = (0..<1_000).map { _ in placement.place(in: room) }
        for (number, shard) in shards.enumerated() {
            _ = placement.add(PeerID(UInt64(number)), to: room, on: shard, listens: true)
            placement.giveBack(shard, in: room)
        }
        #expect(placement.load == [250, 250, 250, 250])
    }

    @Test("voices go where listeners are and to the thread that leads, and nowhere else")
    func spreads() {
        var placement = ShardPlacement(shards: 3, smallRoomPeers: 0)
        let room = RoomKey(1)
        #expect(join(&placement, 1, room, listens: false).shard == 0)
        let (second, then) = join(&placement, 2, room, listens: true)
        #expect(second == 1)
        #expect(spread(then) == [0: ShardSet([1]), 1: ShardSet([0])])
        let (third, later) = join(&placement, 3, room, listens: false)
        #expect(third == 2)
        #expect(spread(later) == [2: ShardSet([0, 1])])
        #expect(placement.said([7], in: room, by: 1) == nil)
        #expect(placement.said([7, 8], in: room, by: 0) == .speaking(room, participants: [7, 8]))
        // The lead goes: another takes over, and what it says counts.
        let gone = placement.remove(PeerID(1))
        #expect(gone.speaking == .speaking(room, participants: [7]))
        #expect(spread(gone) == [0: ShardSet(), 1: ShardSet(), 2: ShardSet([1])])
        #expect(placement.said([], in: room, by: 1) == .speaking(room, participants: []))
        #expect(spread(placement.remove(PeerID(2))) == [2: ShardSet()])
        _ = placement.remove(PeerID(3))
        #expect(placement.load == [0, 0, 0])
        // All is forgotten: the next room of that number begins anew.
        #expect(join(&placement, 4, room).consequences.commands.isEmpty)
    }

    @Test("when all leave at once nobody is said to speak any more, whatever the threads still say")
    func emptied() {
        var placement = ShardPlacement(shards: 2, smallRoomPeers: 0)
        let room = RoomKey(1)
        let listener = join(&placement, 1, room, listens: true).shard
        _ = join(&placement, 2, room, listens: false)
        #expect(placement.said([2], in: room, by: listener) == .speaking(room, participants: [2]))
        #expect(placement.remove(PeerID(2)).speaking == nil)
        #expect(placement.remove(PeerID(1)).speaking == .speaking(room, participants: []))
    }

    private func spread(_ consequences: ShardPlacement.Consequences) -> [Int: ShardSet] {
        var found: [Int: ShardSet] = [:]
        for case (let shard, .spread(_, let others)) in consequences.commands { found[shard] = others }
        return found
    }
}
