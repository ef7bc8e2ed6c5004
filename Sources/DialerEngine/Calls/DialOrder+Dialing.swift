import DialerModel
import Telephony

extension DialOrder {
    /// The order that places a claimed dialing.
    init(_ dialing: Dialing) {
        let target: Target =
            switch dialing.destinationKind {
            case .application:
                .application(name: dialing.application ?? "", data: dialing.data ?? "")
            case .extension:
                .extension(
                    exten: dialing.exten ?? "", context: dialing.context ?? "", priority: dialing.priority ?? "1")
            }
        self.init(
            dialing: dialing.uuid,
            actionID: dialing.actionID,
            channel: dialing.dialChannel,
            target: target,
            timeout: .milliseconds(dialing.dialTimeout),
            callerID: dialing.callerID,
            earlyMedia: dialing.earlyMedia,
            codecs: dialing.codecs,
            variables: VariableMerge.wireTexts(dialing.variables).map { Variable(name: $0.name, value: $0.value) }
        )
    }
}
