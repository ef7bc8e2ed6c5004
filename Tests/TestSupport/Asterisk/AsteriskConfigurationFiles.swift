import Foundation

/// Writes the configuration folder of one Asterisk: the floor's files from `config/asterisk-floor`, filled in, and the
/// queues and agents of the test.
struct AsteriskConfigurationFiles {
    var configuration: AsteriskServer.Configuration
    var folder: AsteriskFolder
    var port: Int
    var secret: String

    /// - Parameters:
    ///   - place: the instance's folder as the test sees it.
    ///   - inside: the same folder as Asterisk sees it.
    func write(to place: URL, inside: String) throws {
        let files = FileManager.default
        for name in ["etc", "var", "run", "log", "spool"] {
            try files.createDirectory(at: place.appending(path: name), withIntermediateDirectories: true)
        }
        let etc = place.appending(path: "etc")
        let values = [
            "@FOLDER@": inside, "@MODULES@": folder.modules, "@PORT@": String(port), "@SECRET@": secret,
            "@FILTERS@": try eventFilters,
        ]
        let templates = AsteriskFolder.repository.appending(path: "config/asterisk-floor")
        for template in try files.contentsOfDirectory(at: templates, includingPropertiesForKeys: nil)
        where template.pathExtension == "conf" {
            var text = try String(contentsOf: template, encoding: .utf8)
            for (word, value) in values { text = text.replacing(word, with: value) }
            if template.lastPathComponent == "extensions.conf" { text += "\n" + configuration.dialplan + "\n" }
            try write(text, to: etc.appending(path: template.lastPathComponent))
        }
        try write(members, to: etc.appending(path: "members.conf"))
        try write(agents, to: etc.appending(path: "agents.conf"))
        if configuration.includesMoveDialplan {
            let name = "outpace-dialplan.conf"
            let text = try String(
                contentsOf: AsteriskFolder.repository.appending(path: "config/\(name)"), encoding: .utf8)
            try write(text, to: etc.appending(path: name))
        }
    }

    private func write(_ text: String, to file: URL) throws {
        try text.write(to: file, atomically: false, encoding: .utf8)
    }

    /// The lines an operator would copy.
    private var eventFilters: String {
        get throws {
            guard configuration.filtersEvents else { return "" }
            let name = folder.majorVersion >= 22 ? "event-filters.conf" : "event-filters-old.conf"
            return try String(contentsOf: AsteriskFolder.repository.appending(path: "config/\(name)"), encoding: .utf8)
        }
    }

    /// Included by `queues.conf`.
    private var members: String {
        var lines: [String] = []
        for queue in configuration.queues {
            lines += [
                "[\(queue.name)]", "strategy = \(queue.strategy)", "joinempty = yes", "timeout = \(queue.ringSeconds)",
                "retry = 1", "wrapuptime = \(queue.wrapUpSeconds)", "ringinuse = no",
            ]
            lines += queue.agents.map { "member => \($0.interface),0,\($0.name)" }
            lines.append("")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Included by `extensions.conf` in the context `agents`.
    private var agents: String {
        var lines: [String] = []
        var seen: Set<String> = []
        for agent in configuration.queues.flatMap(\.agents) where seen.insert(agent.name).inserted {
            lines.append("exten => \(agent.name),1,Ringing()")
            switch agent.behaviour {
            case .answers(let delay):
                lines += [" same => n,Wait(\(seconds(delay)))", " same => n,Answer()", " same => n,Wait(86400)"]
            case .answersAndHangsUp(let delay, let talking):
                lines += [
                    " same => n,Wait(\(seconds(delay)))", " same => n,Answer()",
                    " same => n,Wait(\(seconds(talking)))", " same => n,Hangup(16)",
                ]
            case .neverAnswers:
                lines.append(" same => n,Wait(86400)")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func seconds(_ duration: Duration) -> String {
        String(duration / .seconds(1))
    }
}
