import HTTPTypes

/// Which methods each path takes: answers what a router that only knows hits cannot say about a miss.
struct RouteTable: Sendable {
    private struct Entry: Sendable {
        let segments: [Substring]
        var methods: [HTTPRequest.Method]
        var streaming: [HTTPRequest.Method] = []
    }

    private var entries: [Entry] = []

    init(_ endpoints: [Endpoint]) {
        for endpoint in endpoints {
            for path in endpoint.paths {
                self.add(endpoint, at: path)
            }
        }
    }

    private mutating func add(_ endpoint: Endpoint, at path: String) {
        let segments = path.split(separator: "/")
        var index = self.entries.firstIndex { $0.segments == segments }
        if index == nil {
            self.entries.append(Entry(segments: segments, methods: []))
            index = self.entries.count - 1
        }
        guard let index else { return }
        self.entries[index].methods.append(endpoint.method)
        if endpoint.isStreaming { self.entries[index].streaming.append(endpoint.method) }
    }

    /// The methods of `path`, `HEAD` and `OPTIONS` included; nil when there is no such path.
    func methods(at path: String) -> [HTTPRequest.Method]? {
        guard let entry = self.entry(at: path) else { return nil }
        return entry.methods + (entry.methods.contains(.get) ? [.head] : []) + [.options]
    }

    /// Whether a request's body or its answer is a stream.
    func isStreaming(_ request: HTTPRequest) -> Bool {
        guard let target = request.path else { return false }
        return self.entry(at: String(target.prefix { $0 != "?" }))?.streaming.contains(request.method) ?? false
    }

    private func entry(at path: String) -> Entry? {
        let segments = path.split(separator: "/")
        return self.entries.first { Self.matches($0.segments, segments) }
    }

    private static func matches(_ template: [Substring], _ path: [Substring]) -> Bool {
        guard template.count == path.count else { return false }
        return zip(template, path).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
