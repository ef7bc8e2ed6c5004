/// Whether one part works.
package struct ComponentHealth: Sendable, Hashable {
    /// `postgresql`, `asterisk:<name>`, `results`, `spool`.
    package var component: String
    package var isHealthy: Bool
    /// What is wrong, in words for an operator; nil when healthy.
    package var detail: String?

    package init(component: String, isHealthy: Bool, detail: String? = nil) {
        self.component = component
        self.isHealthy = isHealthy
        self.detail = detail
    }
}
