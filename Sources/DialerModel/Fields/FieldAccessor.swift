/// Reads and sets one property of a resource.
///
/// A key path copies its whole root for every read, which for a contact's 38 fields costs more than writing the JSON. A stored property
/// lies at a fixed offset, so that is what is used where there is one; `MemoryLayout.offset(of:)` promises it for exactly this purpose.
package struct FieldAccessor<R: Sendable, Value: Sendable>: Sendable {
    package let get: @Sendable (borrowing R) -> Value
    package let set: @Sendable (inout R, Value) -> Void

    /// For a property that has no offset, such as one of a protocol.
    @inlinable package init(
        get: @escaping @Sendable (borrowing R) -> Value, set: @escaping @Sendable (inout R, Value) -> Void
    ) {
        self.get = get
        self.set = set
    }

    @inlinable package init(_ keyPath: any WritableKeyPath<R, Value> & Sendable) {
        guard let offset = MemoryLayout<R>.offset(of: keyPath) else {
            self.init { (resource: borrowing R) in
                let copy = copy resource
                return copy[keyPath: keyPath]
            } set: {
                $0[keyPath: keyPath] = $1
            }
            return
        }
        self.init { (resource: borrowing R) in
            withUnsafePointer(to: resource) { UnsafeRawPointer($0).load(fromByteOffset: offset, as: Value.self) }
        } set: { (resource: inout R, value: Value) in
            Self.withProperty(at: offset, of: &resource) { $0 = value }
        }
    }

    /// One of eight slots, which is set in its place: a copy of all eight for each would be made otherwise.
    @inlinable package init(slot index: Int, of keyPath: any WritableKeyPath<R, NumberSlots<Value>> & Sendable)
    where Value: Hashable {
        let slots = FieldAccessor<R, NumberSlots<Value>>(keyPath)
        guard let offset = MemoryLayout<R>.offset(of: keyPath) else {
            self.init { (resource: borrowing R) in
                slots.get(resource)[index]
            } set: {
                $0[keyPath: keyPath][index] = $1
            }
            return
        }
        self.init { (resource: borrowing R) in
            slots.get(resource)[index]
        } set: { (resource: inout R, value: Value) in
            FieldAccessor<R, NumberSlots<Value>>.withProperty(at: offset, of: &resource) { $0[index] = value }
        }
    }

    /// The stored property at an offset, to be changed in its place.
    @inlinable
    static func withProperty(at offset: Int, of resource: inout R, _ change: (inout Value) -> Void) {
        withUnsafeMutablePointer(to: &resource) { pointer in
            let property = UnsafeMutableRawPointer(pointer).advanced(by: offset)
            change(&property.assumingMemoryBound(to: Value.self).pointee)
        }
    }
}
