import Hummingbird

/// What travels with one request through the middleware to its handler.
package struct ControlRequestContext: RequestContext {
    package var coreContext: CoreRequestContextStorage

    package init(source: ApplicationRequestContextSource) {
        self.coreContext = .init(source: source)
    }
}
