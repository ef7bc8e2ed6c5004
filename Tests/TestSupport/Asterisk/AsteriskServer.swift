import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A real Asterisk for one test, with folders and a manager port of its own: several run side by side.
///
/// ```swift
/// try await AsteriskServer.with { asterisk in
///     // a login as asterisk.username with asterisk.secret at 127.0.0.1:asterisk.port
///     // dials TestCustomer.busy().channel …
/// }
/// ```
///
/// It dies with the test's process, whatever becomes of that.
package final class AsteriskServer: Sendable {
    /// The manager listens on 127.0.0.1 only.
    package let host = "127.0.0.1"

    /// The manager's port; the same after a restart.
    package let port: Int

    /// The user with the rights Outpace needs and no more.
    package let username = "outpace"

    /// The user with every right, for tests that interfere.
    package let administrator = "admin"

    /// The secret of both users; another one for each server.
    package let secret: String

    package let folder: AsteriskFolder

    private let place: URL
    private let inside: String
    private let process: NIOLockedValueBox<AsteriskProcess>

    private init(
        folder: AsteriskFolder, port: Int, secret: String, place: URL, inside: String, process: AsteriskProcess
    ) {
        self.folder = folder
        self.port = port
        self.secret = secret
        self.place = place
        self.inside = inside
        self.process = NIOLockedValueBox(process)
    }

    deinit {
        process.withLockedValue { $0.kill() }
        try? FileManager.default.removeItem(at: place)
    }

    /// Runs `body` with an Asterisk that has booted, and stops it afterwards.
    package static func with<Result>(
        _ configuration: Configuration = Configuration(),
        _ body: (AsteriskServer) async throws -> Result
    ) async throws -> Result {
        let server = try await start(configuration)
        do {
            let result = try await body(server)
            try await server.stop()
            return result
        } catch {
            await server.kill()
            throw error
        }
    }

    /// Starts an Asterisk; returns when it accepts a login and has fully booted.
    ///
    /// - Throws: ``AsteriskServerError``; a missing folder is an error that says how to make it.
    package static func start(_ configuration: Configuration = Configuration()) async throws -> AsteriskServer {
        let folder = try AsteriskFolder.find()
        var attempt = 1
        while true {
            do {
                return try await start(configuration, in: folder)
            } catch AsteriskServerError.notReady(let log) where attempt < 3 && log.contains("bind") {
                attempt += 1  // somebody took the port between our look and Asterisk's
            }
        }
    }

    private static func start(_ configuration: Configuration, in folder: AsteriskFolder) async throws -> AsteriskServer
    {
        let id = String(UInt64.random(in: .min ... .max), radix: 36)
        let inside = "/tmp/outpace-\(id)"
        let place = folder.root.appending(path: String(inside.dropFirst()))
        let port = try FreePort.next()
        let secret = String(UInt64.random(in: .min ... .max), radix: 36)
        try AsteriskConfigurationFiles(
            configuration: configuration, folder: folder, port: port, secret: secret
        )
        .write(to: place, inside: inside)
        let server = AsteriskServer(
            folder: folder, port: port, secret: secret, place: place, inside: inside,
            process: try launch(folder: folder, place: place, inside: inside)
        )
        try await server.becomeReady()
        return server
    }

    private static func launch(
        folder: AsteriskFolder,
        place: URL,
        inside: String
    ) throws(AsteriskServerError) -> AsteriskProcess {
        try AsteriskProcess(
            root: folder.root,
            configuration: inside + "/etc/asterisk.conf",
            output: place.appending(path: "log/output")
        )
    }

    /// Shuts Asterisk down as an administrator does: calls are hung up, the sessions told.
    package func stop() async throws {
        let process = process.withLockedValue { $0 }
        process.terminate()
        let ended = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await process.end()
                return true
            }
            group.addTask {
                guard (try? await Task.sleep(for: .seconds(20))) != nil else { return true }
                process.kill()  // so that the other task ends too
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        guard ended else { throw AsteriskServerError.notStopped }
    }

    /// Kills Asterisk where it stands: nobody is told anything.
    package func kill() async {
        let process = process.withLockedValue { $0 }
        process.kill()
        await process.end()
    }

    /// Starts it again after ``stop()`` or ``kill()``, at the same port; returns when it has booted.
    package func startAgain() async throws {
        let fresh = try Self.launch(folder: folder, place: place, inside: inside)
        process.withLockedValue { $0 = fresh }
        try await becomeReady()
    }

    /// ``stop()`` (or ``kill()``) and ``startAgain()``: Asterisk restarted in the middle of things.
    package func restart(killing: Bool = false) async throws {
        if killing { await kill() } else { try await stop() }
        try await startAgain()
    }

    /// A session of its own as the administrator, to look on from the side or to interfere.
    package func session() async throws -> ManagerSession {
        try await ManagerSession.login(port: port, username: administrator, secret: secret)
    }

    /// What Asterisk has written to its log so far.
    package var log: String {
        ["log/messages", "log/output"]
            .compactMap { try? String(contentsOf: place.appending(path: $0), encoding: .utf8) }
            .joined(separator: "\n")
    }

    /// Tries to log in until it works. Another Asterisk at the same port refuses our secret, so it is never mistaken
    /// for this one.
    private func becomeReady() async throws {
        let process = process.withLockedValue { $0 }
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline, !process.hasEnded {
            do {
                _ = try await ManagerSession.login(port: port, username: administrator, secret: secret)
                return
            } catch AsteriskServerError.session(let reason) where reason.hasPrefix("login refused") {
                break
            } catch {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        let said = log
        await kill()
        throw AsteriskServerError.notReady(log: said.split(separator: "\n").suffix(8).joined(separator: "\n"))
    }
}
