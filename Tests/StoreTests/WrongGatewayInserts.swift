/// The rules of gateways and of whose each room is, for ``WrongInsertTests``.
extension WrongInsertTests {
    /// Two gateways, of which the first was told of twice, and the room of the world, which is its own.
    static let gatewayWorld = """
        INSERT INTO feed (shard, sequence, kind, body, at_us) VALUES ('0', 1, 'room', '{}', 0);
        INSERT INTO gateway_facts (shard, gateway, n, prev_n, url, takes_rooms, actor, at_us) VALUES
          ('0', 'g1', 1, NULL, 'https://one', 1, 'x', 0), ('0', 'g2', 1, NULL, 'https://two', 1, 'x', 0);
        INSERT INTO room_gateways (shard, room, n, prev_n, before, gateway, known, feed, actor, at_us)
          SELECT '0', min(r.room), 1, NULL, NULL, 'g1', 1, 1, 'x', 0 FROM rooms r;
        """

    static let gatewayCases: [Case] = [
        Case(
            "what is said of a gateway follows what was said", "gateway_facts",
            "gateway = 'g1'; n = 2; prev_n = 1; url = 'https://new'; takes_rooms = 0; actor = 'x'; at_us = 1",
            wrong: "n = 1; prev_n = NULL", "n = 3; prev_n = 2", "prev_n = NULL", "gateway = 'other'", "url = ''",
            "takes_rooms = 2"),
        Case(
            "a room is one gateway's, of which was told, and goes from the one that had it", "room_gateways",
            """
            room = (SELECT min(room) FROM rooms); n = 2; prev_n = 1; before = 'g1'; gateway = 'g2'; known = 1; \
            feed = 1; actor = 'x'; at_us = 1
            """,
            wrong: "n = 1; prev_n = NULL; before = NULL", "n = 3; prev_n = 2", "prev_n = NULL", "before = 'g2'",
            "before = NULL", "gateway = 'g1'", "gateway = 'other'", "known = 2", "feed = 0", "room = 'nowhere'"),
    ]
}
