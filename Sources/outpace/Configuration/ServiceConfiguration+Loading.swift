import Foundation

extension ServiceConfiguration {
    /// Reads the configuration: environment before file before defaults.
    ///
    /// - Throws: ``ConfigurationError`` naming the key for an unknown key, a bad value or an unreadable file.
    static func load(path: String?, environment: [String: String]) throws -> ServiceConfiguration {
        let file = try path.map(ConfigurationFile.init(path:)) ?? .absent
        var source = ConfigurationSource(file: file, environment: environment)
        let configuration = try self.load(from: &source)
        try source.refuseUnknownKeys()
        return configuration
    }

    static func load(from source: inout ConfigurationSource) throws -> ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.http = try self.loadHTTP(from: &source)
        configuration.engine.name = try self.loadEngineName(from: &source)
        configuration.database = try self.loadDatabase(from: &source)
        configuration.dataDirectory = source.text("data_dir", default: configuration.dataDirectory)
        guard !configuration.dataDirectory.isEmpty else {
            throw ConfigurationError(key: "data_dir", message: "must name a folder, for example /var/lib/outpace")
        }
        configuration.asterisk = try self.loadAsterisk(from: &source)
        configuration.trunks = try self.loadTrunks(from: &source, asterisks: configuration.asterisk.map(\.name))
        configuration.results.file = source.text(
            "results.file",
            default: "\(configuration.dataDirectory)/outbound_result.json"
        )
        configuration.dialing = try self.loadDialing(from: &source)
        configuration.log.level = try source.choice(
            "log.level",
            default: "info",
            of: ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        )
        return configuration
    }

    private static func loadHTTP(from source: inout ConfigurationSource) throws -> HTTP {
        var http = HTTP()
        http.host = source.text("http.host", default: http.host)
        http.port = try source.integer("http.port", default: http.port, in: 0...65_535)
        http.maximumBodyBytes = try source.integer(
            "http.max_body_bytes", default: http.maximumBodyBytes, in: 1024...1_073_741_824)
        http.requestTimeout = try source.seconds("http.request_timeout", default: 30, in: 1...3600)
        return http
    }

    private static func loadEngineName(from source: inout ConfigurationSource) throws -> String {
        let name = source.text("engine.name", default: "")
        guard name.isEmpty || EngineName.isValid(name) else {
            throw ConfigurationError(
                key: "engine.name", message: "must be 1 to 100 characters without spaces, for example dialer-2")
        }
        return name
    }

    private static func loadDatabase(from source: inout ConfigurationSource) throws -> Database {
        var database = Database()
        database.url = source.text("database.url", default: "")
        database.maximumConnections = try source.integer("database.max_connections", default: 8, in: 4...200)
        database.statementTimeout = try source.seconds("database.statement_timeout", default: 30, in: 1...3600)
        database.connectTimeout = try source.seconds("database.connect_timeout", default: 10, in: 1...300)
        return database
    }

    private static func loadDialing(from source: inout ConfigurationSource) throws -> Dialing {
        var dialing = Dialing()
        dialing.defaultTechnology = source.text("dialing.default_tech_name", default: dialing.defaultTechnology)
        dialing.previewReservation = try source.seconds("dialing.preview_reservation", default: 600, in: 5...86_400)
        dialing.maximumOpenCalls = try source.integer(
            "dialing.max_open_calls", default: dialing.maximumOpenCalls, in: 10...1_000_000)
        dialing.congestionRow = try source.integer(
            "dialing.congestion_calls", default: dialing.congestionRow, in: 1...1000)
        dialing.congestionPause = try source.seconds("dialing.congestion_pause", default: 5, in: 0.1...3600)
        dialing.congestionLongestPause = try source.seconds(
            "dialing.congestion_longest_pause", default: 300, in: 0.1...86_400)
        guard dialing.congestionPause <= dialing.congestionLongestPause else {
            throw ConfigurationError(
                key: "dialing.congestion_longest_pause", message: "must not be below dialing.congestion_pause")
        }
        return dialing
    }

    private static func loadTrunks(
        from source: inout ConfigurationSource, asterisks: [String]
    ) throws -> [Trunk] {
        var trunks: [Trunk] = []
        for index in 0..<source.count("trunks") {
            let key = "trunks.\(index)"
            var trunk = Trunk()
            trunk.name = source.text("\(key).name", default: "")
            trunk.asterisk = source.text("\(key).asterisk", default: "")
            trunk.maximumCalls = try source.optionalInteger("\(key).max_calls", in: 1...100_000)
            trunk.maximumCallsPerSecond = try source.optionalNumber(
                "\(key).max_calls_per_second", in: 0.01...10_000)
            guard !trunk.name.isEmpty else {
                throw ConfigurationError(
                    key: "\(key).name", message: "must be the trunk_name of a plan, as it is dialed")
            }
            guard trunk.asterisk.isEmpty || asterisks.contains(trunk.asterisk) else {
                throw ConfigurationError(
                    key: "\(key).asterisk", message: "there is no \"\(trunk.asterisk)\" under asterisk")
            }
            guard !trunks.contains(where: { $0.name == trunk.name }) else {
                throw ConfigurationError(
                    key: "\(key).name", message: "\"\(trunk.name)\" is used twice; every trunk is set once")
            }
            trunks.append(trunk)
        }
        return trunks
    }

    private static func loadAsterisk(from source: inout ConfigurationSource) throws -> [Asterisk] {
        var servers: [Asterisk] = []
        for index in 0..<source.count("asterisk") {
            let key = "asterisk.\(index)"
            var server = Asterisk()
            server.name = source.text("\(key).name", default: "pbx\(index + 1)")
            server.host = source.text("\(key).host", default: server.host)
            server.port = try source.integer("\(key).port", default: server.port, in: 1...65_535)
            server.username = source.text("\(key).username", default: server.username)
            server.secret = source.text("\(key).secret", default: server.secret)
            server.maximumCalls = try source.integer("\(key).max_calls", default: server.maximumCalls, in: 1...100_000)
            server.maximumCallsPerSecond = try source.number(
                "\(key).max_calls_per_second",
                default: server.maximumCallsPerSecond,
                in: 0.01...10_000
            )
            server.weight = try source.integer("\(key).weight", default: server.weight, in: 1...100)
            server.eventBuffer = try source.integer(
                "\(key).event_buffer", default: server.eventBuffer, in: 16...1_000_000)
            server.usesTLS = try source.flag("\(key).tls", default: false)
            server.tlsCertificateAuthorities = source.text("\(key).tls_ca_file", default: "")
            server.verifiesTLS = try source.flag("\(key).tls_verify", default: true)
            server.queueWrapup = try source.integers("\(key).queue_wrapup", in: 0...86_400)
            guard !servers.contains(where: { $0.name == server.name }) else {
                throw ConfigurationError(
                    key: "\(key).name", message: "\"\(server.name)\" is used twice; every Asterisk needs its own name")
            }
            servers.append(server)
        }
        return servers
    }
}
