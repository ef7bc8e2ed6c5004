/// Another service works on this database. Two would both take over the calls left open, and end each other's.
package struct OtherEngineError: Error, CustomStringConvertible {
    package var description: String {
        "another outpace service runs on this database; stop it first, or give this one a database of its own (database.url)"
    }
}
