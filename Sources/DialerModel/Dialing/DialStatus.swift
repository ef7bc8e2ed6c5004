/// `DialStatus` of AMI's `DialEnd`.
package enum DialStatus: String, Sendable, Hashable, CaseIterable {
    case answer = "ANSWER"
    case busy = "BUSY"
    case congestion = "CONGESTION"
    case noAnswer = "NOANSWER"
    case channelUnavailable = "CHANUNAVAIL"
    case cancel = "CANCEL"
    case abort = "ABORT"
}
