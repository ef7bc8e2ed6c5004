import DialerModel
import Foundation
import TestSupport

/// What the floor noted of the calls it was asked for: the witness that shares nothing with the engine.
struct FloorWitness: Sendable {
    /// One call the floor was asked for.
    struct Call: Sendable, Hashable {
        var dialing: String
        var number: String
        /// Seconds of the floor's clock.
        var begun: Double
        /// nil while it is up.
        var ended: Double?
        /// Whether the customer, or a machine, picked up.
        var isAnswered = false
    }

    /// In the order of the originates; a try that came twice stands here twice.
    var calls: [Call]

    init(calls: [Call]) { self.calls = calls }

    /// Reads `outpace floor --log`'s file. A last line that is being written is left out.
    init(log: URL) throws {
        self.calls = []
        var places: [Int: Int] = [:]
        let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        let whole = text.lastIndex(of: "\n").map { text[..<$0] } ?? ""
        for line in whole.split(separator: "\n") {
            let record = try JSONValue.parse(Array(line.utf8))
            guard let ordinal = record.member("ordinal")?.whole, let id = record.member("id")?.word,
                let number = record.member("number")?.word, let time = record.member("floor")?.seconds
            else { throw StageError("a line of the floor's log that cannot be read: \(line)") }
            if record.member("event")?.word == "originate" {
                places[ordinal] = self.calls.count
                self.calls.append(Call(dialing: id.lowercased(), number: number, begun: time))
            } else if let place = places[ordinal] {
                self.calls[place].ended = time
                self.calls[place].isAnswered = record.member("answered") != nil
            } else {
                throw StageError("the floor's log ends a call it never began: \(line)")
            }
        }
    }
}
