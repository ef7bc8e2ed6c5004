/// Q.850 causes as Asterisk words and translates them.
package enum HangupCauses {
    /// The text in `Cause-txt`.
    package static func text(of cause: Int) -> StaticString {
        switch cause {
        case 1: "Unallocated (unassigned) number"
        case 2: "No route to specified transmit network"
        case 3: "No route to destination"
        case 6: "Channel unacceptable"
        case 7: "Call awarded and being delivered in an established channel"
        case 16: "Normal Clearing"
        case 17: "User busy"
        case 18: "No user responding"
        case 19: "User alerting, no answer"
        case 20: "Subscriber absent"
        case 21: "Call Rejected"
        case 22: "Number changed"
        case 26: "Answered elsewhere"
        case 27: "Destination out of order"
        case 28: "Invalid number format"
        case 29: "Facility rejected"
        case 31: "Normal, unspecified"
        case 34: "Circuit/channel congestion"
        case 38: "Network out of order"
        case 41: "Temporary failure"
        case 42: "Switching equipment congestion"
        case 44: "Requested channel not available"
        case 58: "Bearer capability not available"
        case 102: "Recover on timer expiry"
        case 127: "Interworking, unspecified"
        default: "Unknown"
        }
    }

    /// The DialStatus of a dial that ends with this cause.
    package static func dialStatus(of cause: Int) -> StaticString {
        switch cause {
        case 17: "BUSY"
        case 34: "CONGESTION"
        case 3, 20: "CHANUNAVAIL"
        default: "NOANSWER"
        }
    }

    /// The SIP response that brings this cause about.
    package static func sipCode(of cause: Int) -> Int? {
        switch cause {
        case 1: 404
        case 17: 486
        case 18: 408
        case 19, 20: 480
        case 21: 603
        case 22: 410
        case 27: 502
        case 28: 484
        case 34: 503
        case 38, 41: 500
        case 58: 488
        default: nil
        }
    }
}
