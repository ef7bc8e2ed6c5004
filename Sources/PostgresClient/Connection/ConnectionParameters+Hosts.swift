import Glibc

// libpq goes from one host of a list to the next by itself only when the system refuses the connection. A host that is
// silent can be given up from outside alone, so each address is a connection attempt of its own here, with libpq's rules
// for lists.
extension ConnectionParameters {
    /// The hosts to try, in order, a single one in each.
    ///
    /// Lists whose lengths don't fit stay as they are: libpq says what is wrong with them.
    func hosts() -> [ConnectionParameters] {
        let names = list("host")
        let addresses = list("hostaddr")
        let ports = list("port")
        let count = max(names.count, addresses.count)
        guard count > 1, names.isEmpty || addresses.isEmpty || names.count == addresses.count,
            ports.count <= 1 || ports.count == count
        else { return [self] }
        let hosts = (0..<count).map { index in
            var host = self
            if !names.isEmpty { host.options["host"] = names[index] }
            if !addresses.isEmpty { host.options["hostaddr"] = addresses[index] }
            if ports.count > 1 { host.options["port"] = ports[index] }
            return host
        }
        return isBalanced ? hosts.shuffled() : hosts
    }

    /// The kinds of server to ask all hosts for, one after another: `prefer-standby` means a standby, else any.
    func servers() -> [ConnectionParameters] {
        let key = "target_session_attrs"
        let wish = options[key] ?? getenv("PGTARGETSESSIONATTRS").map { String(cString: $0) }
        guard wish == "prefer-standby" else { return [self] }
        return ["standby", "any"].map { kind in
            var server = self
            server.options[key] = kind
            return server
        }
    }

    /// The host's addresses, one in each, so that libpq doesn't look the name up later on the event loop. Blocks.
    ///
    /// - Throws: ``PostgresError/Code/connectionFailed`` when the host has no address.
    func addresses() throws(PostgresError) -> [ConnectionParameters] {
        guard let host = options["host"], !host.isEmpty, !host.hasPrefix("/"), !host.hasPrefix("@"),
            !host.contains(","), (options["hostaddr"] ?? "").isEmpty
        else { return [self] }
        let (found, problem) = Self.addresses(of: host)
        guard !found.isEmpty else {
            throw PostgresError(
                .connectionFailed, "no address of the database host \"\(host)\" was found: \(problem ?? "it has none")")
        }
        let addresses = found.map { text in
            var address = self
            address.options["hostaddr"] = text
            return address
        }
        return isBalanced ? addresses.shuffled() : addresses
    }

    /// Host and port for a message; nil when they are libpq's own defaults.
    var place: String? {
        guard let host = [options["host"], options["hostaddr"]].lazy.compactMap(\.self).first(where: { !$0.isEmpty })
        else { return nil }
        let address = options["hostaddr"].flatMap { $0.isEmpty || $0 == host ? nil : " (\($0))" } ?? ""
        let port = options["port"].flatMap { $0.isEmpty ? nil : ", port \($0)" } ?? ""
        return "\"\(host)\"\(address)\(port)"
    }

    private var isBalanced: Bool { options["load_balance_hosts"] == "random" }

    private func list(_ key: String) -> [String] {
        guard let value = options[key], !value.isEmpty else { return [] }
        return value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func addresses(of host: String) -> ([String], error: String?) {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(host, nil, &hints, &list)
        guard code == 0 else { return ([], gai_strerror(code).map { String(cString: $0) } ?? "look-up failed") }
        defer { freeaddrinfo(list) }
        var addresses: [String] = []
        var item = list
        while let info = item?.pointee {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let result = getnameinfo(
                info.ai_addr, info.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            if result == 0 {
                addresses.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
            }
            item = info.ai_next
        }
        return (addresses, nil)
    }
}
