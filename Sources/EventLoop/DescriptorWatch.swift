import CLibevent

/// What a descriptor is ready for, or is watched for.
public struct DescriptorEvents: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Bytes, an end of stream or an error can be read.
    public static let read = DescriptorEvents(rawValue: 1)
    /// Bytes can be written.
    public static let write = DescriptorEvents(rawValue: 2)
}

/// Watches one descriptor on an ``EventLoop``. Used on the loop's thread only, typically as state of an actor whose
/// executor is the loop.
///
/// > Warning: Call ``close()`` before the descriptor itself is closed: its number may be reused at once.
public final class DescriptorWatch {
    private let reading: LoopEvent
    private let writing: LoopEvent

    /// What the handler is called for; level triggered. Empty at first.
    public var interest: DescriptorEvents = [] {
        didSet {
            let changed = interest.symmetricDifference(oldValue)
            if changed.contains(.read) {
                interest.contains(.read) ? reading.add() : reading.remove()
            }
            if changed.contains(.write) {
                interest.contains(.write) ? writing.add() : writing.remove()
            }
        }
    }

    /// - Parameters:
    ///   - loop: The loop whose thread calls this and will call the handler.
    ///   - descriptor: An open descriptor; the watch doesn't own it.
    ///   - handler: Called with exactly one of `.read` and `.write`. Capture the owner weakly.
    public init(on loop: EventLoop, descriptor: CInt, handler: @escaping @Sendable (DescriptorEvents) -> Void) {
        self.reading = LoopEvent(on: loop, descriptor: descriptor, flags: OUTPACE_EVENT_READ | OUTPACE_EVENT_PERSIST) {
            _ in handler(.read)
        }
        self.writing = LoopEvent(on: loop, descriptor: descriptor, flags: OUTPACE_EVENT_WRITE | OUTPACE_EVENT_PERSIST) {
            _ in
            handler(.write)
        }
    }

    /// Ends the watch; the handler isn't called again. Safe to call twice.
    public func close() {
        reading.free()
        writing.free()
    }
}
