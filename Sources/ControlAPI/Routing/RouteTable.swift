import HTTPTypes

/// Which methods each path takes: answers what a router that only knows hits cannot say about a miss.
struct RouteTable: Sendable {
    private struct Entry: Sendable {
        let segments: [Substring]
        var methods: [HTTPRequest.Method]
    }

    private var entries: [Entry] = []

    init(_ endpoints: [Endpoint]) {
        for endpoint in endpoints {
            for path in endpoint.paths {
                self.add(endpoint.method, at: path)
            }
        }
    }

    private mutating func add(_ method: HTTPRequest.Method, at path: String) {
        let segments = path.split(separator: "/")
        guard let index = self.entries.firstIndex(where: { $0.segments == segments }) else {
            self.entries.append(Entry(segments: segments, methods: [method]))
            return
        }
        self.entries[index].methods.append(method)
    }

    /// The methods of `path`, `HEAD` and `OPTIONS` included; nil when there is no such path.
    func methods(at path: String) -> [HTTPRequest.Method]? {
        let segments = path.split(separator: "/")
        guard let entry = self.entries.first(where: { Self.matches($0.segments, segments) }) else { return nil }
        return entry.methods + (entry.methods.contains(.get) ? [.head] : []) + [.options]
    }

    private static func matches(_ template: [Substring], _ path: [Substring]) -> Bool {
        guard template.count == path.count else { return false }
        return zip(template, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
