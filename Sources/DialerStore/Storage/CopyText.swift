/// The text format of PostgreSQL's COPY.
enum CopyText {
    /// What stands for NULL.
    static let null = Array("\\N".utf8)

    /// Appends a value, without the tab or line break behind it.
    static func append(_ bytes: some Sequence<UInt8>, to text: inout [UInt8]) {
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\\"): text.append(contentsOf: "\\\\".utf8)
            case UInt8(ascii: "\t"): text.append(contentsOf: "\\t".utf8)
            case UInt8(ascii: "\n"): text.append(contentsOf: "\\n".utf8)
            case UInt8(ascii: "\r"): text.append(contentsOf: "\\r".utf8)
            default: text.append(byte)
            }
        }
    }
}
