/// Who is there, what there is to share out, and what is under way.
package struct LeasePicture: Sendable, Hashable {
    /// In the order of their names.
    package var engines: [EngineRecord]
    /// In the order of their keys.
    package var needs: [LeaseNeed]
    /// Empty while there never was another engine.
    package var calls: [LeaseCalls]

    package init(engines: [EngineRecord], needs: [LeaseNeed], calls: [LeaseCalls] = []) {
        self.engines = engines
        self.needs = needs
        self.calls = calls
    }
}
