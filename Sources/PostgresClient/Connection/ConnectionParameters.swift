import CLibpq
import Glibc

/// The options of a connection after libpq took the URL apart, with what this client adds.
struct ConnectionParameters: Sendable {
    var options: [String: String]
    /// For ``redact(_:)``.
    private let secrets: [String]
    /// Whole seconds for each address, from the URL's `connect_timeout`, which libpq itself ignores for asynchronous
    /// connections.
    let connectTimeout: Duration?

    /// - Throws: ``PostgresError/Code/invalidConfiguration``, without any part of the URL that may be secret.
    init(configuration: PostgresConfiguration) throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        guard !configuration.url.utf8.contains(0) else {
            throw PostgresError(.invalidConfiguration, "the database URL holds a NUL character")
        }
        guard let parsed = PQconninfoParse(configuration.url, &message) else {
            let text = message.map { String(cString: $0) } ?? ""
            PQfreemem(message)
            throw PostgresError(
                .invalidConfiguration, "the database URL can't be understood" + Self.nameOfOption(in: text))
        }
        defer { PQconninfoFree(parsed) }
        var options: [String: String] = [:]
        var item = parsed
        while let keyword = item.pointee.keyword {
            if let value = item.pointee.val { options[String(cString: keyword)] = String(cString: value) }
            item += 1
        }
        self.secrets = ["password", "sslpassword"].compactMap { options[$0] }.filter { !$0.isEmpty }
        self.connectTimeout = options["connect_timeout"].flatMap { Int($0) }.flatMap { $0 > 0 ? .seconds($0) : nil }

        func addDefault(_ key: String, _ value: String, environment: String? = nil) {
            if options[key] == nil, environment.flatMap({ getenv($0) }) == nil { options[key] = value }
        }
        // Without this, libpq tries Kerberos encryption first wherever a ticket cache exists: one connection more.
        addDefault("gssencmode", "disable", environment: "PGGSSENCMODE")
        addDefault("fallback_application_name", configuration.applicationName)
        // A dead peer is noticed within about a minute instead of hours.
        addDefault("keepalives_idle", "30")
        addDefault("keepalives_interval", "10")
        addDefault("keepalives_count", "3")
        addDefault("tcp_user_timeout", "60000")
        options["client_encoding"] = "UTF8"
        self.options = options
    }

    /// Hides passwords, should a message hold one.
    func redact(_ text: String) -> String {
        var text = text
        for secret in secrets {
            var rest = Substring(text)
            var redacted = ""
            while let range = Self.range(of: secret, in: rest) {
                redacted += rest[..<range.lowerBound] + "***"
                rest = rest[range.upperBound...]
            }
            text = redacted + rest
        }
        return text
    }

    private static func range(of needle: String, in text: Substring) -> Range<Substring.Index>? {
        var start = text.startIndex
        while start < text.endIndex {
            if text[start...].hasPrefix(needle) { return start..<text.index(start, offsetBy: needle.count) }
            start = text.index(after: start)
        }
        return nil
    }

    /// libpq's complaint quotes what it didn't understand, which may be half a password: only complaints about an
    /// option's name are passed on.
    private static func nameOfOption(in message: String) -> String {
        for prefix in ["invalid URI query parameter: \"", "invalid connection option \""]
        where message.hasPrefix(prefix) {
            let name = message.dropFirst(prefix.count).prefix { $0 != "\"" }
            if name.count <= 32, name.allSatisfy({ $0 == "_" || ($0.isASCII && $0.isLowercase) }) {
                return ": there is no option \"\(name)\""
            }
        }
        return "; it is either postgresql://user:password@host:port/database?option=value or \"host=… dbname=…\""
    }

    /// Begins a connection. Blocks where libpq looks names or files up.
    func start() -> OpaquePointer? {
        let pairs = options.sorted { $0.key < $1.key }
        let keywords = pairs.map { strdup($0.key) }
        let values = pairs.map { strdup($0.value) }
        defer { (keywords + values).forEach { free($0) } }
        let keywordPointers = keywords.map { UnsafePointer($0) } + [nil]
        let valuePointers = values.map { UnsafePointer($0) } + [nil]
        return PQconnectStartParams(keywordPointers, valuePointers, 0)
    }
}
