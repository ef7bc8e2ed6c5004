import ArgumentParser
import Foundation

/// Where the service is; shared by every command that talks to it.
struct ClientOptions: ParsableArguments {
    /// Sets the address without ``url``; the service's own configuration passes it over.
    static let addressVariable = "OUTPACE_URL"

    @Option(help: "Address of the service; OUTPACE_URL sets the default.")
    var url: String = ProcessInfo.processInfo.environment[Self.addressVariable] ?? "http://127.0.0.1:8081"

    func validate() throws {
        guard let parsed = URL(string: self.url), ["http", "https"].contains(parsed.scheme), parsed.host != nil else {
            throw ValidationError("--url: expected an address such as http://127.0.0.1:8081, got \"\(self.url)\"")
        }
    }

    var client: APIClient {
        APIClient(baseURL: self.url.hasSuffix("/") ? String(self.url.dropLast()) : self.url)
    }
}
