/// A customer of the test's Asterisk: what the number dialed makes the far end do.
///
/// Dial `Local/<number>@customers/n`. The dialplan is `config/asterisk-floor/extensions.conf`.
package enum TestCustomer: Sendable, Hashable {
    /// Rings, answers, and hangs up with cause 16 after talking.
    case answers(ringing: Duration = .milliseconds(100), talking: Duration)
    /// Rings, answers, and never hangs up.
    case answersAndStays(ringing: Duration = .milliseconds(100))
    case busy(ringing: Duration = .milliseconds(100))
    case congested(ringing: Duration = .milliseconds(100))
    /// Rings for ever.
    case neverAnswers
    /// Rings, then refuses with a Q.850 cause of at most three digits.
    case refuses(cause: Int, ringing: Duration = .milliseconds(100))
    /// An answering machine: answers, and talks on and on.
    case machine(ringing: Duration = .milliseconds(100))
    /// A person who says hello, listens, and never hangs up.
    case greets(ringing: Duration = .milliseconds(100))
    /// 300, 301 or 302 of jade's tutorial: answers, talks three seconds, hangs up.
    case tutorial(Int)

    /// The context they live in; a plan reaches them by trunk name.
    package static let context = "customers"

    /// The number to dial. Ringing goes up to 9.99 s in steps of 10 ms, talking up to 99.9 s in steps of 100 ms;
    /// longer is cut off there.
    package var number: String {
        switch self {
        case .answers(let ringing, let talking): "1" + hundredths(ringing) + tenths(talking)
        case .busy(let ringing): "2" + hundredths(ringing)
        case .congested(let ringing): "3" + hundredths(ringing)
        case .neverAnswers: "4000"
        case .refuses(let cause, let ringing): "5" + hundredths(ringing) + threeDigits(cause)
        case .answersAndStays(let ringing): "6" + hundredths(ringing)
        case .machine(let ringing): "7" + hundredths(ringing)
        case .greets(let ringing): "8" + hundredths(ringing)
        case .tutorial(let number): String(number)
        }
    }

    /// The number as a channel to originate.
    package var channel: String { "Local/\(number)@\(Self.context)/n" }

    private func hundredths(_ duration: Duration) -> String {
        threeDigits(Int(duration / .milliseconds(10)))
    }

    private func tenths(_ duration: Duration) -> String {
        threeDigits(Int(duration / .milliseconds(100)))
    }

    private func threeDigits(_ number: Int) -> String {
        let digits = String(min(max(number, 0), 999))
        return String(repeating: "0", count: 3 - digits.count) + digits
    }
}
