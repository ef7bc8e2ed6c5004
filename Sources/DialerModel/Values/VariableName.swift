/// The names channel variables may have.
package enum VariableName {
    package static let maximumLength = 80

    /// Whether `name` matches `[A-Za-z_][A-Za-z0-9_]*` and is not too long.
    package static func isValid(_ name: String) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9"): if isFirst { return false }
            default: return false
            }
            isFirst = false
        }
        return !isFirst && name.utf8.count <= self.maximumLength
    }
}
