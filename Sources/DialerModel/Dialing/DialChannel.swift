/// The name of the channel to originate.
package enum DialChannel {
    /// `tech/number`, `tech/number@trunk`; `Local/…` gets `/n`, without which Asterisk optimises the channel away while the call lives
    /// and its Hangup comes when the conversation begins.
    ///
    /// - Parameters:
    ///   - techName: with or without a trailing slash, in any case.
    ///   - trunkName: nil and empty mean none.
    package static func name(techName: String, number: String, trunkName: String?) -> String {
        let tech = techName.hasSuffix("/") ? String(techName.dropLast()) : techName
        var channel = "\(tech)/\(number)"
        if let trunkName, !trunkName.isEmpty { channel += "@\(trunkName)" }
        if tech.lowercased() == "local", !channel.hasSuffix("/n") { channel += "/n" }
        return channel
    }

    /// The channel for one number of a contact by its plan.
    package static func name(
        plan: Plan,
        number: String,
        defaultTechName: String = Plan.defaultTechName
    ) -> String {
        let techName = plan.techName.flatMap { $0.isEmpty ? nil : $0 } ?? defaultTechName
        return Self.name(techName: techName, number: number, trunkName: plan.trunkName)
    }
}
