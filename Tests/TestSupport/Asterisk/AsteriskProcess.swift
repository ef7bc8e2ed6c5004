import Foundation
import Glibc
import NIOConcurrencyHelpers

/// One Asterisk process inside the folder, which cannot outlive the test's process.
///
/// A shell stands between: it holds the read end of a pipe whose write end is here, and kills Asterisk when that end
/// closes, however the test's process came to its end. (A parent-death signal would not do: it is sent when the
/// *thread* that started the process ends, and threads of Swift's pools come and go.)
final class AsteriskProcess: Sendable {
    private let shell: pid_t
    private let state: NIOLockedValueBox<State>

    private struct State {
        /// The write end of the pipe, until closed.
        var lifeline: Int32?
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    /// Sockets of tests that run beside this one come along and are closed first: Asterisk must not keep them open.
    private static let script = """
        for descriptor in /proc/$$/fd/*; do
            descriptor=${descriptor##*/}
            if [ "$descriptor" -gt 2 ]; then eval "exec $descriptor>&-"; fi
        done
        exec 3<&0 </dev/null
        "$@" 3<&- & child=$!
        trap 'kill -TERM $child' TERM
        { cat <&3 >/dev/null; kill -KILL $child; } 2>/dev/null & watcher=$!
        exec 3<&-
        while wait $child; status=$?; kill -0 $child 2>/dev/null; do :; done
        kill -KILL $watcher 2>/dev/null
        exit $status
        """

    /// Starts Asterisk with the root directory and the configuration file (a path inside the root).
    ///
    /// Root changes the root directory itself; anybody else does it in a user namespace.
    init(root: URL, configuration: String, output: URL) throws(AsteriskServerError) {
        let launcher =
            geteuid() == 0
            ? ["/usr/sbin/chroot", root.path] : ["/usr/bin/unshare", "--map-root-user", "--root=\(root.path)"]
        let words =
            ["/bin/bash", "-c", Self.script, "asterisk"] + launcher + ["/usr/sbin/asterisk", "-f", "-C", configuration]

        var pipe: [Int32] = [-1, -1]
        guard Glibc.pipe(&pipe) == 0 else { throw .notStarted(code: errno) }
        for end in pipe { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, pipe[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        // Threads of a pool have their signals blocked, and a child inherits that; Asterisk needs its signals.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var environment: [UnsafeMutablePointer<CChar>?] = [strdup("PATH=/usr/sbin:/usr/bin:/sbin:/bin"), nil]
        defer { for variable in environment { free(variable) } }
        var shell: pid_t = 0
        let code = posix_spawn(&shell, "/bin/bash", &actions, &attributes, &arguments, &environment)
        Glibc.close(pipe[0])
        guard code == 0 else {
            Glibc.close(pipe[1])
            throw .notStarted(code: code)
        }
        let started = shell
        self.shell = started
        let state = NIOLockedValueBox(State(lifeline: pipe[1]))
        self.state = state
        let reaper = Thread {
            var status: Int32 = 0
            while waitpid(started, &status, 0) == -1, errno == EINTR {}
            let (lifeline, waiting) = state.withLockedValue { state in
                state.hasEnded = true
                defer { (state.lifeline, state.waiting) = (nil, []) }
                return (state.lifeline, state.waiting)
            }
            if let lifeline { Glibc.close(lifeline) }
            for continuation in waiting { continuation.resume() }
        }
        reaper.start()
    }

    deinit { kill() }

    var hasEnded: Bool { state.withLockedValue(\.hasEnded) }

    /// Asks Asterisk to shut down as `core stop now` does.
    func terminate() {
        state.withLockedValue { state in
            // Under the lock: once it has ended, the number may be another process's.
            if !state.hasEnded { _ = Glibc.kill(shell, SIGTERM) }
        }
    }

    /// Kills it where it stands.
    func kill() {
        let lifeline = state.withLockedValue { state in
            defer { state.lifeline = nil }
            return state.lifeline
        }
        if let lifeline { Glibc.close(lifeline) }
    }

    /// Returns when it has ended.
    func end() async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLockedValue { state in
                if !state.hasEnded { state.waiting.append(continuation) }
                return state.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }
}
