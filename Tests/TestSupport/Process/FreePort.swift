import Glibc
import NIOConcurrencyHelpers

/// TCP ports of 127.0.0.1 that nobody listens on.
package enum FreePort {
    /// Hundreds in a row were taken, or no socket could be made.
    package struct NoneFree: Error {}

    private static let given = NIOLockedValueBox<Set<Int>>([])

    /// One that no other test has, outside the range that the kernel hands to clients and to those who bind to none.
    ///
    /// - Throws: ``NoneFree``.
    package static func next() throws -> Int {
        for _ in 0..<500 {
            let port = Int.random(in: 20000..<32000)
            guard self.given.withLockedValue({ $0.insert(port).inserted }) else { continue }
            if try self.isFree(port) { return port }
        }
        throw NoneFree()
    }

    private static func isFree(_ port: Int) throws -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw NoneFree() }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
