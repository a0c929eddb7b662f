internal import BoxOffice
internal import Values

/// What a writer remembers while it serves: within a group the head, which moves with every entry and is written once
/// at the end, the rooms, price lists and seats that its commands have read, and what they wrote that a later one may
/// ask for; across groups the accounts that are stored, since accounts are never removed.
///
/// It lives beside one connection, on its thread. Whatever a group learned is forgotten if the group is not stored.
final class GroupMemory {
    /// Postings behind which a balance gets a mark. A mark costs about as much as adding up this many.
    static let postingsPerMark = 128
    /// 200,000 names are about 30 MB; with more the memory starts again from nothing.
    private static let maximumAccounts = 200_000

    struct AccountName: Hashable {
        let account: String
        let currency: Currency
    }

    struct Mark {
        let account: String
        let currency: Currency
        let sequence: Int64
        let balance: Int64
    }

    /// All of it that a command may change, to be put back where the command is undone.
    struct State {
        fileprivate var head: JournalHead?
        fileprivate var isHeadMoved = false
        fileprivate var isTimeMoved = false
        fileprivate var learned: Set<AccountName> = []
        fileprivate var marks: [Mark] = []
        fileprivate var rooms: [RoomID: Room] = [:]
        fileprivate var prices: [RoomID: PriceList] = [:]
        /// An empty text for a room that has chosen none.
        fileprivate var terms: [RoomID: String] = [:]
        fileprivate var queues: [RoomID: Bool] = [:]
        fileprivate var bans: [HostID: Bool] = [:]
        fileprivate var event: Int64?
        fileprivate var posted: Set<AccountName> = []
        fileprivate var outcomes: [OutcomeName: StoredOutcome] = [:]
        fileprivate var highestSeats: [RoomID: Int] = [:]
        fileprivate var seated: Set<RoomID> = []
        fileprivate var hasFreedSeats = false
    }

    struct OutcomeName: Hashable {
        let scope: String
        let key: String
    }

    typealias StoredOutcome = (requestHash: String, outcome: String)

    private var state = State()
    private var accounts: Set<AccountName> = []

    var head: JournalHead? { state.head }
    /// The head to be written, if it moved.
    var movedHead: JournalHead? { state.isHeadMoved ? state.head : nil }
    /// Whether the last entry is of this group and later than all that were stored before it.
    var isTimeMoved: Bool { state.isTimeMoved }
    /// The marks to be written.
    var marks: [Mark] { state.marks }

    /// The last event of the outbox, once it was asked for.
    var event: Int64? { state.event }

    func note(event: Int64) { state.event = event }

    func read(_ head: JournalHead) { state.head = head }

    func move(to head: JournalHead) {
        if let old = state.head, head.postedAt > old.postedAt { state.isTimeMoved = true }
        state.head = head
        state.isHeadMoved = true
    }

    func knows(_ account: AccountName) -> Bool { accounts.contains(account) || state.learned.contains(account) }

    func learn(_ account: AccountName) { state.learned.insert(account) }

    func mark(_ mark: Mark) {
        // Its owner may ask several times in one group; the last word is as good as the first.
        guard !state.marks.contains(where: { $0.account == mark.account && $0.currency == mark.currency }) else {
            return
        }
        state.marks.append(mark)
    }

    /// A room as a command of this group has read it. In a rush a group is many buyers of one room.
    func room(_ id: RoomID) -> Room? { state.rooms[id] }

    func remember(_ room: Room) { state.rooms[room.id] = room }

    /// Whoever writes what a room is read from.
    func forgetRoom(_ id: RoomID) { state.rooms[id] = nil }

    func prices(of room: RoomID) -> PriceList? { state.prices[room] }

    func remember(_ prices: PriceList, of room: RoomID) { state.prices[room] = prices }

    /// Whoever writes what a price list is read from: a version, or the count of a tier's places.
    func forgetPrices(of room: RoomID) { state.prices[room] = nil }

    /// What was read of a room's terms, which never change: a text, or that there is none.
    func terms(of room: RoomID) -> String?? { state.terms[room].map { $0.isEmpty ? nil : $0 } }

    func remember(terms: String?, of room: RoomID) { state.terms[room] = terms ?? "" }

    /// Whether the group has posted to an account.
    func hasPosted(to account: AccountName) -> Bool { state.posted.contains(account) }

    func notePosting(to account: AccountName) { state.posted.insert(account) }

    /// The outcome of a command of this group.
    func outcome(_ name: OutcomeName) -> StoredOutcome? { state.outcomes[name] }

    func remember(_ outcome: StoredOutcome, as name: OutcomeName) { state.outcomes[name] = outcome }

    /// The highest seat of a room of which no lower one is free; `nil` where that is not known.
    func highestSeat(of room: RoomID) -> Int? { state.highestSeats[room] }

    func remember(highestSeat: Int, of room: RoomID) { state.highestSeats[room] = highestSeat }

    /// Whoever frees a seat, of any room.
    func forgetSeats() {
        state.highestSeats = [:]
        state.hasFreedSeats = true
    }

    /// Whether the group has changed who sits in a room.
    func hasSeated(in room: RoomID) -> Bool { state.hasFreedSeats || state.seated.contains(room) }

    /// Whoever gives or keeps a seat.
    func noteSeat(in room: RoomID) { state.seated.insert(room) }

    /// Whether somebody waits for seats of a room.
    func hasQueue(for room: RoomID) -> Bool? { state.queues[room] }

    func remember(hasQueue: Bool, for room: RoomID) { state.queues[room] = hasQueue }

    /// Whoever writes who waits.
    func forgetQueue(for room: RoomID) { state.queues[room] = nil }

    /// Whether a host has ever banned anybody.
    func hasBans(of host: HostID) -> Bool? { state.bans[host] }

    func remember(hasBans: Bool, of host: HostID) { state.bans[host] = hasBans }

    /// Whoever writes a ban.
    func forgetBans(of host: HostID) { state.bans[host] = nil }

    /// As it is now, for ``goBack(to:)``.
    var current: State { state }

    /// A command was undone: what it changed is forgotten.
    func goBack(to earlier: State) { state = earlier }

    /// The group is stored: what it learned holds from now on.
    func keep() {
        if accounts.count + state.learned.count > Self.maximumAccounts { accounts = [] }
        accounts.formUnion(state.learned)
        forget()
    }

    /// Nothing of the group is stored, or a new one begins.
    func forget() { state = State() }
}
