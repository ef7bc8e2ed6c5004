/// Why bytes are not JSON.
package struct JSONParseError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Where the trouble is, in bytes from 0.
    package var offset: Int
    /// What is wrong there.
    package var problem: String

    package init(offset: Int, problem: String) {
        self.offset = offset
        self.problem = problem
    }

    /// One sentence for a client: position and what is wrong.
    package var message: String { "not valid JSON at byte \(self.offset): \(self.problem)" }
    package var description: String { self.message }
}
