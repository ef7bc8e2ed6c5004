import DialerModel
import Telephony

extension DialOrder {
    /// The order that places a claimed dialing.
    ///
    /// - Parameter mayMove: Whether its plan may send it elsewhere later.
    init(_ dialing: Dialing, mayMove: Bool) {
        self.init(
            dialing: dialing.uuid,
            actionID: dialing.actionID,
            channel: dialing.dialChannel,
            target: Target(dialing),
            timeout: .milliseconds(dialing.dialTimeout),
            callerID: dialing.callerID,
            earlyMedia: dialing.earlyMedia,
            codecs: dialing.codecs,
            variables: VariableMerge.wireTexts(dialing.variables).map { Variable(name: $0.name, value: $0.value) },
            mayMove: mayMove
        )
    }
}

extension DialOrder.Target {
    /// Where a claimed dialing goes at its answer.
    init(_ dialing: Dialing) {
        switch dialing.destinationKind {
        case .application:
            self = .application(name: dialing.application ?? "", data: dialing.data ?? "")
        case .extension:
            self = .extension(
                exten: dialing.exten ?? "", context: dialing.context ?? "", priority: dialing.priority ?? "1")
        }
    }

    /// - Returns: nil when the destination is incomplete.
    init?(_ destination: Destination) {
        switch destination.kind {
        case .application:
            guard let name = destination.application, !name.isEmpty else { return nil }
            self = .application(name: name, data: destination.data ?? "")
        case .extension:
            guard let exten = destination.exten, !exten.isEmpty, let context = destination.context, !context.isEmpty
            else { return nil }
            self = .extension(exten: exten, context: context, priority: destination.priority ?? "1")
        }
    }
}
