/// From the greeting to the accepted login; no I/O.
struct LoginStateMachine {
    private enum State {
        /// Connected; the greeting hasn't been read.
        case awaitingGreeting
        /// The challenge was asked for.
        case awaitingChallenge
        /// The login was sent.
        case awaitingVerdict
        /// Accepted or refused; nothing more to do here.
        case finished
    }

    /// What the owner has to do next.
    enum Step {
        case send(AMIAction)
        case accepted
        case fail(AMIError)
        case wait
    }

    private let username: String
    private let secret: String
    private let authentication: AMIClientConfiguration.Authentication
    private var state = State.awaitingGreeting

    init(username: String, secret: String, authentication: AMIClientConfiguration.Authentication) {
        self.username = username
        self.secret = secret
        self.authentication = authentication
    }

    mutating func greetingReceived(_ line: String) -> Step {
        switch self.state {
        case .awaitingGreeting:
            guard line.hasPrefix("Asterisk Call Manager") else {
                self.state = .finished
                return .fail(.notAnAsterisk)
            }
            switch self.authentication {
            case .md5:
                self.state = .awaitingChallenge
                return .send(AMIAction("Challenge", headers: [("AuthType", "MD5")]))
            case .plain:
                self.state = .awaitingVerdict
                return .send(AMIAction("Login", headers: [("Username", self.username), ("Secret", self.secret)]))
            }
        case .awaitingChallenge, .awaitingVerdict, .finished:
            return .wait
        }
    }

    mutating func responseReceived(_ response: AMIMessage) -> Step {
        switch self.state {
        case .awaitingGreeting:
            self.state = .finished
            return .fail(.notAnAsterisk)
        case .awaitingChallenge:
            guard response.isResponse("Success"), let challenge = response["Challenge"] else {
                self.state = .finished
                return .fail(.loginRefused(message: response["Message"] ?? "no challenge"))
            }
            guard let key = md5Hexadecimal(challenge + self.secret) else {
                self.state = .finished
                return .fail(.md5Unavailable)
            }
            self.state = .awaitingVerdict
            return .send(
                AMIAction("Login", headers: [("AuthType", "MD5"), ("Username", self.username), ("Key", key)])
            )
        case .awaitingVerdict:
            self.state = .finished
            guard response.isResponse("Success") else {
                return .fail(.loginRefused(message: response["Message"] ?? "no reason given"))
            }
            return .accepted
        case .finished:
            return .wait
        }
    }
}
