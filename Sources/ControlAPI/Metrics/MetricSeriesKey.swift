/// One time series: a metric's exposed name and its labels.
struct MetricSeriesKey: Hashable, Sendable {
    var name: String
    /// `key="value",…`, sorted by key and escaped; empty without labels.
    var labels: String

    /// - Parameters:
    ///   - label: the name as the code says it, dots and all.
    ///   - suffix: what the exposition format's custom adds, `_total` or `_seconds`.
    init(label: String, suffix: String = "", dimensions: [(String, String)]) {
        let name = Self.sanitized(label)
        self.name = name.hasSuffix(suffix) ? name : name + suffix
        self.labels =
            dimensions
            .map { "\(Self.sanitized($0.0))=\"\(Self.escaped($0.1))\"" }
            .sorted()
            .joined(separator: ",")
    }

    /// `name{labels,extra}`
    func rendered(suffix: String = "", extra: String = "") -> String {
        let all = [self.labels, extra].filter { !$0.isEmpty }.joined(separator: ",")
        return all.isEmpty ? self.name + suffix : "\(self.name)\(suffix){\(all)}"
    }

    /// The format allows letters, digits and underscores, no digit first.
    private static func sanitized(_ text: String) -> String {
        let mapped = String(text.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
        return mapped.first?.isNumber == true ? "_" + mapped : mapped
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
