/// Why a file as a whole cannot be read. The text says what is wrong and what to do.
package struct FileProblem: Error, Sendable, Hashable, CustomStringConvertible {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { self.message }
}
