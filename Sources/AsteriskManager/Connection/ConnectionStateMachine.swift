/// One connection from its greeting to its end: login, what is to be heard, whether the server is fully booted, keep-alive.
/// Knows no socket and no clock; the owner feeds messages and moments and carries the steps out.
struct ConnectionStateMachine {
    private enum State {
        /// Greeting and login.
        case loggingIn(LoginStateMachine)
        /// Logged in; masks and filters are being set and the boot is waited for.
        case settingUp(SetUp)
        /// Usable.
        case ready
        /// Given up; the owner closes.
        case closed
    }

    private struct SetUp {
        var acceptedAt: Duration
        var isBooted = false
        var unanswered: Set<String> = []
        /// The probe for servers that do not tell this user when they are booted.
        var probe: String?
        var nextProbeAt: Duration
    }

    enum Step {
        case send(AMIAction, actionID: String)
        case becameReady
        /// A setting the server refused; the connection works without it.
        case settingRefused(setting: String, message: String)
        case close(AMIError)
    }

    /// How long a booted server may take to say so after the login before it is asked.
    static let bootGrace = Duration.seconds(1)

    private let configuration: AMIClientConfiguration
    private let idPrefix: String
    private var nextID = 0
    private let startedAt: Duration
    private var state: State
    private var keepAlive: KeepAlive

    /// - Parameter idPrefix: Begins the `ActionID`s of this machine; no other action may use it.
    init(configuration: AMIClientConfiguration, idPrefix: String, now: Duration) {
        self.configuration = configuration
        self.idPrefix = idPrefix
        self.startedAt = now
        self.state = .loggingIn(
            LoginStateMachine(
                username: configuration.username,
                secret: configuration.secret,
                authentication: configuration.authentication
            )
        )
        self.keepAlive = KeepAlive(
            interval: configuration.pingInterval,
            timeout: configuration.pingTimeout,
            now: now
        )
    }

    var isReady: Bool {
        switch self.state {
        case .ready: true
        case .loggingIn, .settingUp, .closed: false
        }
    }

    /// Bytes arrived.
    mutating func heard(now: Duration) { self.keepAlive.heard(now: now) }

    /// A message arrived before the connection was ready, or an answer to one of this machine's own actions.
    mutating func received(_ message: AMIMessage, now: Duration) -> [Step] {
        switch self.state {
        case .loggingIn(var login):
            let step: LoginStateMachine.Step
            if let line = message.greeting {
                step = login.greetingReceived(line)
            } else if message.has("Response"), !message.has("Event") {
                step = login.responseReceived(message)
            } else {
                step = .wait
            }
            self.state = .loggingIn(login)
            switch step {
            case .send(let action): return [.send(action, actionID: self.makeID())]
            case .accepted: return self.loginAccepted(now: now)
            case .fail(let error):
                self.state = .closed
                return [.close(error)]
            case .wait: return []
            }
        case .settingUp(var setUp):
            var steps: [Step] = []
            if message.isEvent("FullyBooted") {
                setUp.isBooted = true
            } else if let id = message.actionID, !message.has("Event") {
                if let setting = setUp.unanswered.first(where: { $0.hasPrefix(id + " ") }) {
                    setUp.unanswered.remove(setting)
                    if !message.isResponse("Success") {
                        steps.append(
                            .settingRefused(
                                setting: String(setting.dropFirst(id.count + 1)),
                                message: message["Message"] ?? ""
                            )
                        )
                    }
                } else if id == setUp.probe {
                    setUp.probe = nil
                    setUp.nextProbeAt = now + Self.bootGrace
                    if !message.isResponse("Success") {
                        // Not allowed to ask: whoever acts next finds out from the answers.
                        setUp.isBooted = true
                        steps.append(.settingRefused(setting: "CoreStatus", message: message["Message"] ?? ""))
                    } else if message["CoreStartupDate"].map({ !$0.hasPrefix("1970") }) ?? true {
                        // The start-up date is set when the modules are loaded (main/asterisk.c).
                        setUp.isBooted = true
                    }
                }
            }
            if setUp.isBooted, setUp.unanswered.isEmpty {
                self.state = .ready
                return steps + [.becameReady]
            }
            self.state = .settingUp(setUp)
            return steps
        case .ready, .closed:
            return []
        }
    }

    /// Time passes.
    mutating func tick(now: Duration, isReaderBusy: Bool) -> [Step] {
        switch self.state {
        case .loggingIn:
            guard now - self.startedAt >= self.configuration.loginTimeout else { return [] }
            self.state = .closed
            return [.close(.notReadyInTime(stage: "login"))]
        case .settingUp(var setUp):
            if now - setUp.acceptedAt >= self.configuration.bootTimeout {
                self.state = .closed
                return [.close(.notReadyInTime(stage: "boot"))]
            }
            var steps: [Step] = []
            if !setUp.isBooted, setUp.probe == nil, now >= setUp.nextProbeAt {
                let id = self.makeID()
                setUp.probe = id
                steps.append(.send(AMIAction("CoreStatus"), actionID: id))
            }
            self.state = .settingUp(setUp)
            return steps + self.keepAliveSteps(now: now, isReaderBusy: isReaderBusy)
        case .ready:
            return self.keepAliveSteps(now: now, isReaderBusy: isReaderBusy)
        case .closed:
            return []
        }
    }

    private mutating func keepAliveSteps(now: Duration, isReaderBusy: Bool) -> [Step] {
        switch self.keepAlive.tick(now: now, isReaderBusy: isReaderBusy) {
        case .wait: return []
        case .ping: return [.send(AMIAction("Ping"), actionID: self.makeID())]
        case .dead:
            self.state = .closed
            return [.close(.unresponsive)]
        }
    }

    private mutating func loginAccepted(now: Duration) -> [Step] {
        var setUp = SetUp(acceptedAt: now, nextProbeAt: now + Self.bootGrace)
        var steps: [Step] = []
        if let mask = self.configuration.eventMask {
            let id = self.makeID()
            setUp.unanswered.insert("\(id) Events")
            steps.append(.send(AMIAction("Events", headers: [("EventMask", mask)]), actionID: id))
        }
        if !self.configuration.eventNames.isEmpty {
            // The regular expressions every version knows; they match anywhere, so longer names slip in, which costs little.
            let names = self.configuration.eventNames.joined(separator: "|")
            for expression in ["Event: (\(names))"] + self.configuration.eventExpressions {
                let id = self.makeID()
                setUp.unanswered.insert("\(id) Filter")
                let headers = [("Operation", "Add"), ("Filter", expression)]
                steps.append(.send(AMIAction("Filter", headers: headers), actionID: id))
            }
        }
        self.state = .settingUp(setUp)
        return steps
    }

    private mutating func makeID() -> String {
        self.nextID += 1
        return "\(self.idPrefix)c\(self.nextID)"
    }
}
