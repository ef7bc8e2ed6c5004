import DialerModel
import Hummingbird
import HummingbirdCore

import struct Foundation.UUID

extension ControlRequestContext {
    /// The uuid in the path, in either case.
    ///
    /// - Throws: 404 when it is none: nothing can have that name.
    func uuid(_ parameter: String = "uuid") throws(APIError) -> UUID {
        guard let text = self.parameters.get(parameter) else {
            throw .notFound("the path has no uuid")
        }
        guard let uuid = UUID(wire: text) else {
            throw .notFound("\(quoted(text)) is no uuid; it has the form 8-4-4-4-12 hexadecimal digits")
        }
        return uuid
    }
}
