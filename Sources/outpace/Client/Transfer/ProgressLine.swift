import Foundation

/// Says on standard error how far something is: on a terminal one line that is drawn anew, elsewhere a line a second.
enum ProgressLine {
    /// Shows what `describe` says while `work` goes on.
    static func show<Value: Sendable>(
        _ describe: @escaping @Sendable () -> String, while work: () async throws -> Value
    ) async rethrows -> Value {
        let isTerminal = isatty(FileHandle.standardError.fileDescriptor) == 1
        let drawing = Task {
            while true {
                try await Task.sleep(for: isTerminal ? .milliseconds(100) : .seconds(1))
                Self.write(isTerminal ? "\r\u{1B}[K\(describe().prefix(79))" : "\(describe())\n")
            }
        }
        defer {
            drawing.cancel()
            if isTerminal { Self.write("\r\u{1B}[K") }
        }
        return try await work()
    }

    /// `[#####-----]  50 %  10.0 of 20.0 MB, 5.0 MB/s, 2 s left`; without a total what is known without it.
    ///
    /// - Parameter seconds: Since the beginning.
    static func text(bytes: Int, of total: Int?, seconds: Double) -> String {
        let rate = seconds > 0 ? Double(bytes) / seconds : 0
        guard let total, total > 0 else { return "\(Self.megabytes(bytes)) MB, \(Self.megabytes(Int(rate))) MB/s" }
        let left = rate > 0 ? ", \(Self.duration(Double(max(0, total - bytes)) / rate)) left" : ""
        return "\(Self.bar(bytes, of: total))  \(Self.megabytes(bytes)) of \(Self.megabytes(total)) MB, "
            + "\(Self.megabytes(Int(rate))) MB/s\(left)"
    }

    /// `[#####-----]  50 %`
    static func bar(_ count: Int, of total: Int) -> String {
        let share = total > 0 ? min(1, max(0, Double(count) / Double(total))) : 0
        let filled = Int(share * 20)
        let percent = "\(Int(share * 100))"
        let padding = String(repeating: " ", count: 3 - percent.count)
        return "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: 20 - filled)
            + "] \(padding)\(percent) %"
    }

    /// `59 s`, `12 min`, `3 h 20 min`
    static func duration(_ seconds: Double) -> String {
        let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
        if whole < 120 { return "\(whole) s" }
        if whole < 7200 { return "\(whole / 60) min" }
        return "\(whole / 3600) h \(whole / 60 % 60) min"
    }

    static func megabytes(_ bytes: Int) -> String {
        let tenths = (bytes + 50_000) / 100_000
        return "\(tenths / 10).\(tenths % 10)"
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
