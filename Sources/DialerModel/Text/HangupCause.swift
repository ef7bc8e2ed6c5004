/// A Q.850 hang-up cause as Asterisk counts them; `res_hangup` on the wire.
package struct HangupCause: RawRepresentable, Sendable, Hashable {
    package var rawValue: Int

    package init(rawValue: Int) {
        self.rawValue = rawValue
    }

    /// No cause was told.
    package static let none = HangupCause(rawValue: 0)
    package static let unallocated = HangupCause(rawValue: 1)
    package static let normalClearing = HangupCause(rawValue: 16)
    package static let userBusy = HangupCause(rawValue: 17)
    package static let noUserResponse = HangupCause(rawValue: 18)
    package static let noAnswer = HangupCause(rawValue: 19)
    package static let callRejected = HangupCause(rawValue: 21)
    package static let answeredElsewhere = HangupCause(rawValue: 26)
    package static let outOfOrder = HangupCause(rawValue: 27)
    package static let circuitCongestion = HangupCause(rawValue: 34)
    package static let networkOutOfOrder = HangupCause(rawValue: 38)
    package static let temporaryFailure = HangupCause(rawValue: 41)
    package static let switchCongestion = HangupCause(rawValue: 42)

    /// The cause in words, as Asterisk's `Cause-txt` has them where it was seen, else as jade's manual (table 13) does.
    package var text: String? { Self.texts[self.rawValue] }

    private static let texts: [Int: String] = [
        0: "Unknown",
        1: "Unallocated (unassigned) number",
        2: "No route to specified transmit network",
        3: "No route to destination",
        5: "Misdialled trunk prefix",
        6: "Channel unacceptable",
        7: "Call awarded and being delivered in an established channel",
        8: "Pre-empted",
        14: "Number ported elsewhere",
        16: "Normal Clearing",
        17: "User busy",
        18: "No user responding",
        19: "User alerting, no answer",
        20: "Subscriber absent",
        21: "Call Rejected",
        22: "Number changed",
        23: "Redirected to new destination",
        26: "Answered elsewhere",
        27: "Destination out of order",
        28: "Invalid number format",
        29: "Facility rejected",
        30: "Response to STATus ENQuiry",
        31: "Normal, unspecified",
        34: "Circuit/channel congestion",
        38: "Network out of order",
        41: "Temporary failure",
        42: "Switching equipment congestion",
        43: "Access information discarded",
        44: "Requested channel not available",
        50: "Facility not subscribed",
        52: "Outgoing call barred",
        54: "Incoming call barred",
        57: "Bearer capability not authorized",
        58: "Bearer capability not available",
        65: "Bearer capability not implemented",
        66: "Channel type not implemented",
        69: "Facility not implemented",
        81: "Invalid call reference value",
        88: "Incompatible destination",
        95: "Invalid message unspecified",
        96: "Mandatory information element is missing",
        97: "Message type nonexist.",
        98: "Wrong message",
        99: "Info. element nonexist or not implemented",
        100: "Invalid information element contents",
        101: "Message not compatible with call state",
        102: "Recover on timer expiry",
        103: "Mandatory IE length error",
        111: "Protocol error, unspecified",
        127: "Interworking, unspecified",
    ]
}
