/// Whether one part works.
package struct ComponentHealth: Sendable, Hashable {
    /// `postgresql`, `asterisk:<name>`, `results`, `spool`.
    package var component: String
    package var isHealthy: Bool
    /// Whether the service can do without while this part does not work.
    package var isOptional: Bool
    /// What is wrong, in words for an operator; nil when all is well. A part that works may lack something all the same.
    package var detail: String?

    package init(component: String, isHealthy: Bool, isOptional: Bool = false, detail: String? = nil) {
        self.isOptional = isOptional
        self.component = component
        self.isHealthy = isHealthy
        self.detail = detail
    }
}
