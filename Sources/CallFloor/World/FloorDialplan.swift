/// The dialplan of the floor: which applications an extension runs, one after the other, before it hangs up with cause 16.
package struct FloorDialplan: Sendable, Hashable {
    /// One priority of an extension.
    package struct Step: Sendable, Hashable {
        package var application: String
        /// With `${NAME}` for a variable of the channel and `${EXTEN:N}` for the extension without its first N characters.
        package var data: String

        package init(_ application: String, _ data: String = "") {
            self.application = application
            self.data = data
        }
    }

    /// An extension: its name, or `_NAME.` for all longer ones that begin so.
    package struct Extension: Sendable, Hashable {
        package var name: String
        package var steps: [Step]

        package init(_ name: String, _ steps: Step...) {
            self.name = name
            self.steps = steps
        }
    }

    /// Extensions that belong together.
    package struct Context: Sendable, Hashable {
        package var name: String
        package var extensions: [Extension]
        /// Whether a call that is sent to any other extension of it is dropped; otherwise the customer stays there for a while.
        package var isComplete: Bool

        package init(_ name: String, isComplete: Bool, _ extensions: [Extension]) {
            self.name = name
            self.isComplete = isComplete
            self.extensions = extensions
        }
    }

    package var contexts: [Context]

    package init(contexts: [Context] = []) {
        self.contexts = contexts
    }

    /// The `outpace` of `config/outpace-dialplan.conf`, and some of the `destinations` of `config/asterisk-floor`.
    package static let standard = FloorDialplan(contexts: [
        Context(
            "outpace", isComplete: true,
            ["Queue", "Playback", "Park", "ConfBridge", "VoiceMail", "MusicOnHold", "Echo", "Milliwatt", "Wait"]
                .map { Extension($0.lowercased(), Step($0, "${OUTPACE_DATA}"), Step("Hangup", "16")) }
                + [Extension("hangup", Step("Hangup", "${OUTPACE_DATA}"))]
        ),
        Context(
            "destinations", isComplete: false,
            [
                Extension("_queue_.", Step("Queue", "${EXTEN:6}")),
                Extension("_amd_.", Step("AMD"), Step("Queue", "${EXTEN:4}")),
                Extension("message", Step("Wait", "2"), Step("Hangup", "16")),
            ]
        ),
    ])

    package func context(named name: String) -> Context? { self.contexts.first { $0.name == name } }

    /// What an extension runs; `nil` when it is not known.
    package func steps(of exten: String, in context: String) -> [Step]? {
        self.context(named: context)?.extensions.first { Self.matches(exten, $0.name) }?.steps
    }

    /// Whether a call may be sent there.
    package func hasExtension(_ exten: String, in context: String) -> Bool {
        guard let found = self.context(named: context), found.isComplete else { return true }
        return self.steps(of: exten, in: context) != nil
    }

    private static func matches(_ exten: String, _ pattern: String) -> Bool {
        guard pattern.hasPrefix("_"), pattern.hasSuffix(".") else { return exten == pattern }
        let start = pattern.dropFirst().dropLast()
        return exten.hasPrefix(start) && exten.count > start.count
    }

    /// Puts values into a step's data. A value is not looked at again: what stands in it like a variable is none.
    static func substitute(_ data: String, exten: String, variables: [String: String]) -> String {
        var result = ""
        var rest = data[...]
        while let open = rest.firstRange(of: "${"), let close = rest[open.upperBound...].firstIndex(of: "}") {
            result += rest[..<open.lowerBound]
            result += self.value(of: rest[open.upperBound..<close], exten: exten, variables: variables)
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    private static func value(of name: Substring, exten: String, variables: [String: String]) -> String {
        guard name.hasPrefix("EXTEN") else { return variables[String(name)] ?? "" }
        let skipped = name.split(separator: ":").dropFirst().first.flatMap { Int($0) } ?? 0
        return String(exten.dropFirst(max(0, skipped)))
    }
}
