/// Who is there, and what there is to share out.
package struct LeasePicture: Sendable, Hashable {
    /// In the order of their names.
    package var engines: [EngineRecord]
    /// In the order of their keys.
    package var needs: [LeaseNeed]

    package init(engines: [EngineRecord], needs: [LeaseNeed]) {
        self.engines = engines
        self.needs = needs
    }
}
