import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A program run by a test. Unlike Foundation's `Process` it hands no descriptor down but the three it is given and watches its child by
/// `waitpid`: Foundation's notices an end by a socket that any program started meanwhile inherits and keeps open.
package final class ChildProcess: Sendable {
    /// The program could not be started.
    package struct NotStarted: Error {
        package var executable: String
        package var code: Int32
    }

    package let processIdentifier: pid_t
    private let status = NIOLockedValueBox<Int32?>(nil)
    private let ended: DispatchGroup

    /// Closes what came along of other tests' descriptors, then becomes the program.
    private static let script = """
        for descriptor in /proc/$$/fd/*; do
            descriptor=${descriptor##*/}
            if [ "$descriptor" -gt 2 ]; then eval "exec $descriptor>&-"; fi
        done
        cd "$1" || exit 126
        shift
        exec "$@"
        """

    /// - Parameters:
    ///   - environment: The child's; nil hands this process's down.
    ///   - input: A descriptor to read from; nil is `/dev/null`. The caller closes its own.
    ///   - output: A descriptor to write to; nil is `/dev/null`.
    ///   - errors: As `output`.
    package init(
        _ executable: String,
        _ arguments: [String],
        environment: [String: String]? = nil,
        folder: String? = nil,
        input: Int32? = nil,
        output: Int32? = nil,
        errors: Int32? = nil
    ) throws(NotStarted) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (descriptor, target, flags) in [(input, Int32(0), O_RDONLY), (output, 1, O_WRONLY), (errors, 2, O_WRONLY)] {
            if let descriptor {
                posix_spawn_file_actions_adddup2(&actions, descriptor, target)
            } else {
                posix_spawn_file_actions_addopen(&actions, target, "/dev/null", flags, 0)
            }
        }

        // Threads of a pool have signals blocked, and a child inherits that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        let command = ["/bin/bash", "-c", Self.script, "child", folder ?? "/", executable] + arguments
        var words: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        let pairs = (environment ?? ProcessInfo.processInfo.environment).map { "\($0.key)=\($0.value)" }
        var variables: [UnsafeMutablePointer<CChar>?] = pairs.map { strdup($0) } + [nil]
        defer { for variable in variables { free(variable) } }
        var child: pid_t = 0
        let code = posix_spawn(&child, "/bin/bash", &actions, &attributes, &words, &variables)
        guard code == 0 else { throw NotStarted(executable: executable, code: code) }

        let started = child
        let status = self.status
        let group = DispatchGroup()
        group.enter()
        self.processIdentifier = started
        self.ended = group
        Thread {
            var word: Int32 = 0
            while waitpid(started, &word, 0) == -1, errno == EINTR {}
            let signal = word & 0x7f
            status.withLockedValue { $0 = signal == 0 ? (word >> 8) & 0xff : -signal }
            group.leave()
        }
        .start()
    }

    package var isRunning: Bool { self.status.withLockedValue { $0 == nil } }

    /// Sends a signal, unless the child has ended.
    package func signal(_ number: Int32) {
        self.status.withLockedValue { status in
            // Under the lock: once it is reaped, the number may be another process's.
            if status == nil { _ = Glibc.kill(self.processIdentifier, number) }
        }
    }

    /// The exit status, or the negated signal that killed it; nil while it runs.
    package var exitStatus: Int32? { self.status.withLockedValue { $0 } }

    /// Waits for the end, holding no thread of the pool: with two of them, two tests that waited so would stop all others,
    /// those among them that the child waits for.
    ///
    /// - Returns: The exit status, or the negated signal that killed it.
    @discardableResult
    package func end() async -> Int32 {
        await withCheckedContinuation { continuation in
            self.ended.notify(queue: .global()) { continuation.resume() }
        }
        return self.exitStatus ?? 0
    }

    /// SIGTERM, and SIGKILL if it has not ended by then. One that was stopped goes on first, or it would never learn.
    ///
    /// - Returns: As ``end()``.
    @discardableResult
    package func terminate(within limit: Duration = .seconds(120)) async -> Int32 {
        self.signal(SIGTERM)
        self.signal(SIGCONT)
        let killer = Task {
            try await Task.sleep(for: limit)
            self.signal(SIGKILL)
        }
        defer { killer.cancel() }
        return await self.end()
    }

    /// What ``terminate(within:)`` does, then `cleanUp`, beside the tests that come next. For the end of a test, where nothing
    /// can be waited for; the process of the tests does not end before all that.
    package func terminateLater(cleanUp: @escaping @Sendable () -> Void) {
        Self.endings.enter()
        Task {
            await self.terminate()
            cleanUp()
            Self.endings.leave()
        }
    }

    private static let endings: DispatchGroup = {
        atexit { _ = ChildProcess.endings.wait(timeout: .now() + 120) }
        return DispatchGroup()
    }()
}
