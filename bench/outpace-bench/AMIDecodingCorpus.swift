import AsteriskManager
import NIOCore

/// Events as a dialer gets them: about 400 bytes and 15 headers each.
struct AMIDecodingCorpus: Sendable {
    let bytes: ByteBuffer
    let count: Int
    let headers = 15

    init(count: Int) {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(count * 430)
        for number in 0..<count {
            let id = "0f0e0d0c-1111-4222-8333-\(String(1_000_000_000_000 + number).dropFirst())"
            bytes.writeString(
                """
                Event: Hangup\r\nPrivilege: call,all\r\nChannel: PJSIP/trunk-\(number)\r\nChannelState: 6\r\n\
                ChannelStateDesc: Up\r\nCallerIDNum: 5550100\r\nCallerIDName: Campaign One\r\nConnectedLineNum: 5550123\r\n\
                ConnectedLineName: Customer of the campaign\r\nLanguage: en\r\nAccountCode: \r\nUniqueid: \(id)\r\n\
                Linkedid: \(id)\r\nCause: 16\r\nCause-txt: Normal Clearing\r\n\r\n
                """
            )
        }
        self.bytes = bytes
        self.count = count
    }

    /// Reads the event's name and three headers, as a dialer does; 1 when everything is there.
    @inline(__always)
    static func look(at message: AMIMessage) -> Int {
        guard message.eventType == .hangup,
            message.withUnsafeValue(of: "Uniqueid", { $0.count }) == 36,
            message.withUnsafeValue(of: "Linkedid", { $0.count }) == 36,
            message.integer("Cause") == 16
        else { return 0 }
        return 1
    }
}
