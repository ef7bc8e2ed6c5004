/// Something that does not add up between what the floor saw, what the database holds and what the results file says.
enum Discrepancy: Hashable, Sendable, CustomStringConvertible {
    /// The floor was asked twice for the same try.
    case originatedTwice(dialing: String, times: Int)
    /// The floor was asked for a call no claim stands behind.
    case originatedUnclaimed(dialing: String)
    /// The floor was asked to call a number more often than tries were counted on it.
    case moreCallsThanTries(number: String, calls: Int, tries: Int)
    /// Two calls to one number were up at the same time.
    case calledTwiceAtOnce(number: String, first: String, second: String)
    /// A contact's tries and its result rows differ.
    case triesWithoutRows(entry: String, tries: [Int], rows: [Int])
    /// A number the campaign's counters, rows, lines or tries give in another way than the others.
    case totalsDiffer(tries: Int, claims: Int, rows: Int, lines: Int)
    /// The numbers of the result rows have a hole or a repetition.
    case sequenceBroken(expected: Int, found: Int)
    case openDialings(Int)
    /// A contact that is still held by a call.
    case heldContact(entry: String)
    case missingLine(dialing: String)
    /// A line no row stands behind.
    case strayLine(dialing: String)
    case duplicateLine(dialing: String, times: Int)
    /// A line in the file of an engine that is not the row's.
    case misplacedLine(dialing: String, file: String, engine: String)
    /// The line in the file is not the one in the row.
    case alteredLine(dialing: String)
    /// Text in the file that is no line of ours.
    case unreadableLine(String)
    /// The result tells of a call the floor never saw.
    case phantomCall(dialing: String, status: Int)
    /// The result says that nothing was placed; the floor had the call.
    case deniedCall(dialing: String, status: Int)
    /// A call that is not known to have been placed, and no word of why.
    case unexplained(dialing: String, status: Int)
    /// The result says answered, the floor says not.
    case answerInvented(dialing: String)
    /// The result of a call that was followed to its end says not answered, the floor says otherwise.
    case answerLost(dialing: String, status: Int)

    var description: String {
        switch self {
        case .originatedTwice(let dialing, let times): "try \(dialing) was originated \(times) times"
        case .originatedUnclaimed(let dialing): "\(dialing) was originated and nobody claimed it"
        case .moreCallsThanTries(let number, let calls, let tries): "\(number): \(calls) calls for \(tries) tries"
        case .calledTwiceAtOnce(let number, let first, let second):
            "\(number) was called by \(first) and \(second) at the same time"
        case .triesWithoutRows(let entry, let tries, let rows): "contact \(entry): tries \(tries), rows \(rows)"
        case .totalsDiffer(let tries, let claims, let rows, let lines):
            "tries \(tries), claims \(claims), rows \(rows), lines \(lines)"
        case .sequenceBroken(let expected, let found): "row number \(found) where \(expected) should be"
        case .openDialings(let count): "\(count) dialings are still open"
        case .heldContact(let entry): "contact \(entry) is still held"
        case .missingLine(let dialing): "\(dialing) has a row and no line"
        case .strayLine(let dialing): "\(dialing) has a line and no row"
        case .duplicateLine(let dialing, let times): "\(dialing) has \(times) lines"
        case .misplacedLine(let dialing, let file, let engine):
            "\(dialing)'s line belongs into the file of \(engine) and is in that of \(file)"
        case .alteredLine(let dialing): "\(dialing)'s line is not the row's"
        case .unreadableLine(let text): "no line of ours: \(text.prefix(80))"
        case .phantomCall(let dialing, let status): "\(dialing) has status \(status); the floor never saw it"
        case .deniedCall(let dialing, let status): "\(dialing) has status \(status); the floor had it"
        case .unexplained(let dialing, let status): "\(dialing) has status \(status) and no reason"
        case .answerInvented(let dialing): "\(dialing) is called answered; on the floor nobody did"
        case .answerLost(let dialing, let status): "\(dialing), status \(status), was answered; its result says not"
        }
    }
}
