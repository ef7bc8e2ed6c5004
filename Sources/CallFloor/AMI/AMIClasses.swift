/// AMI's event and permission classes, as a manager user's `read` and `write` and the EventMask name them.
package struct AMIClasses: OptionSet, Sendable, Hashable {
    package let rawValue: Int

    package init(rawValue: Int) { self.rawValue = rawValue }

    package static let system = AMIClasses(rawValue: 1)
    package static let call = AMIClasses(rawValue: 2)
    package static let log = AMIClasses(rawValue: 4)
    package static let verbose = AMIClasses(rawValue: 8)
    package static let command = AMIClasses(rawValue: 16)
    package static let agent = AMIClasses(rawValue: 32)
    package static let user = AMIClasses(rawValue: 64)
    package static let config = AMIClasses(rawValue: 128)
    package static let dtmf = AMIClasses(rawValue: 256)
    package static let reporting = AMIClasses(rawValue: 512)
    package static let cdr = AMIClasses(rawValue: 1024)
    package static let dialplan = AMIClasses(rawValue: 2048)
    package static let originate = AMIClasses(rawValue: 4096)
    package static let all = AMIClasses(rawValue: 8191)

    private static let names: [(String, AMIClasses)] = [
        ("system", .system), ("call", .call), ("log", .log), ("verbose", .verbose), ("command", .command),
        ("agent", .agent), ("user", .user), ("config", .config), ("dtmf", .dtmf), ("reporting", .reporting),
        ("cdr", .cdr), ("dialplan", .dialplan), ("originate", .originate), ("all", .all), ("on", .all), ("off", []),
    ]

    /// Reads `call,agent`, `on`, `off`, `all` or a number; words Asterisk doesn't know count for nothing.
    package init(list: String) {
        if let number = Int(list) {
            self.init(rawValue: number & Self.all.rawValue)
            return
        }
        self = list.split(separator: ",").reduce(into: []) { classes, word in
            let word = word.drop { $0 == " " }.lowercased()
            if let known = Self.names.first(where: { $0.0 == word }) { classes.formUnion(known.1) }
        }
    }
}
