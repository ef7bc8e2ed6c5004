/// How the control surface listens, and what it takes from a client.
package struct ControlAPIConfiguration: Sendable {
    /// The address to listen on; configuration key `http.host`.
    package var host = "127.0.0.1"
    /// The port to listen on, 0 for any free one; configuration key `http.port`.
    package var port = 8081
    /// The largest request body in bytes; more is answered 413.
    package var maximumBodyBytes = 1_048_576
    /// The longest request target (path and query) in bytes; more is answered 414.
    package var maximumTargetBytes = 8_192
    /// How long a client may take to send one request from its first header to the end of its body.
    package var requestTimeout: Duration = .seconds(30)
    /// How long a connection may stay open without a request.
    package var idleTimeout: Duration = .seconds(75)
    /// Open connections at most; further ones wait in the kernel's backlog.
    package var maximumConnections = 1_024
    /// Requests worked on at the same time at most; further ones are answered 503.
    package var maximumConcurrentRequests = 256
    /// The most items one list answer carries; also what a list call without `limit` or `count` gets.
    package var maximumListItems = 10_000
    /// The `tech_name` of a plan that is posted without one.
    package var defaultTechName = "PJSIP"

    /// The largest upload in bytes, after decompression; more is refused.
    package var maximumUploadBytes = 17_179_869_184
    /// Uploads received at the same time at most; further ones are answered 503.
    package var maximumConcurrentUploads = 8
    /// Received uploads that wait to be loaded; further ones are answered 503.
    package var maximumWaitingUploads = 1_000

    package init() {}
}
