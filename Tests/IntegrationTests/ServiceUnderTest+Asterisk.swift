import Foundation
import TestSupport

extension ServiceUnderTest {
    /// Starts the service against a test's Asterisk.
    static func start(in folder: URL? = nil, beside asterisk: AsteriskServer, extra: String = "") async throws
        -> ServiceUnderTest
    {
        try await self.start(
            in: folder ?? self.makeFolder(),
            asteriskPort: asterisk.port,
            username: asterisk.username,
            secret: asterisk.secret,
            extra: extra
        )
    }
}
