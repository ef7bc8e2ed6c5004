/// Another service works on this database under the same name: each would take the other for its own past.
package struct OtherEngineError: Error, CustomStringConvertible {
    /// The engine's name.
    package var name: String

    package var description: String {
        "another outpace service named \"\(self.name)\" runs on this database; stop it first, or give this one a name of its own (engine.name)"
    }
}
