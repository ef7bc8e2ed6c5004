import Foundation
import NIOSSL
import TestSupport

/// A self-made certificate for `localhost` and its key, in a folder of their own.
struct TestIdentity {
    private let folder: URL

    var certificateFile: String { self.folder.appending(path: "certificate.pem").path }
    private var keyFile: String { self.folder.appending(path: "key.pem").path }

    static func make() async throws -> TestIdentity {
        let folder = FileManager.default.temporaryDirectory.appending(path: "outpace-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let identity = TestIdentity(folder: folder)
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", identity.keyFile,
            "-out", identity.certificateFile,
        ]
        guard try await ChildProcess("/usr/bin/openssl", arguments).end() == 0 else {
            throw CocoaError(.executableLoad)
        }
        return identity
    }

    func serverContext() throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(self.certificateFile).map {
            NIOSSLCertificateSource.certificate($0)
        }
        return try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: chain,
                privateKey: .privateKey(NIOSSLPrivateKey(file: self.keyFile, format: .pem))
            )
        )
    }

    func remove() { try? FileManager.default.removeItem(at: self.folder) }
}
