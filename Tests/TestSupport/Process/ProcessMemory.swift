import Foundation

/// How much memory this process uses.
package enum ProcessMemory {
    private typealias AllocatedBytes = @convention(c) () -> Int

    /// A sanitizer's count of what is allocated; nil in a build without one.
    ///
    /// Declared in `sanitizer/allocator_interface.h` of LLVM's compiler-rt, for the address and the thread sanitizer alike.
    private static let allocatedBytes: AllocatedBytes? = dlsym(nil, "__sanitizer_get_current_allocated_bytes")
        .map { unsafeBitCast($0, to: AllocatedBytes.self) }

    /// Whether memory comes from a sanitizer's allocator, not from the C library's.
    package static var isSanitized: Bool { self.allocatedBytes != nil }

    /// Bytes that are in memory; under a sanitizer, which keeps freed blocks to catch their use, those that are allocated.
    package static func bytes() throws -> Int {
        if let allocatedBytes = self.allocatedBytes { return allocatedBytes() }
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { throw CocoaError(.fileReadCorruptFile) }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
