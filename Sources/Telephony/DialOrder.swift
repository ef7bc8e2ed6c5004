import DialerModel

import struct Foundation.UUID

/// One call to place.
package struct DialOrder: Sendable, Hashable {
    /// The dialing; also the id the channel gets at the PBX.
    package var dialing: UUID
    /// `ActionID` of the request, for the results file.
    package var actionID: String
    /// `Technology/number[@trunk]`, `Local` with `/n`.
    package var channel: String
    package var target: Target
    /// How long the call may ring.
    package var timeout: Duration
    package var callerID: String?
    /// The plan's `early_media`; sent when it is a true word.
    package var earlyMedia: String?
    /// The plan's `codecs`, a comma list.
    package var codecs: String?
    /// In the order they are set; names are `[A-Za-z_][A-Za-z0-9_]*`.
    package var variables: [Variable]
    /// The call may have to be sent elsewhere after its answer: place it so that it can be, if the PBX allows that.
    package var mayMove: Bool

    /// Where the call goes once it is answered.
    package enum Target: Sendable, Hashable {
        case application(name: String, data: String)
        case `extension`(exten: String, context: String, priority: String)
    }

    /// One channel variable.
    package struct Variable: Sendable, Hashable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package init(
        dialing: UUID,
        actionID: String,
        channel: String,
        target: Target,
        timeout: Duration,
        callerID: String? = nil,
        earlyMedia: String? = nil,
        codecs: String? = nil,
        variables: [Variable] = [],
        mayMove: Bool = false
    ) {
        self.dialing = dialing
        self.actionID = actionID
        self.channel = channel
        self.target = target
        self.timeout = timeout
        self.callerID = callerID
        self.earlyMedia = earlyMedia
        self.codecs = codecs
        self.variables = variables
        self.mayMove = mayMove
    }
}
