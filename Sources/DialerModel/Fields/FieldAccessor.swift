/// Reads and sets one property of a resource.
///
/// A key path copies its whole root for every read, which for a contact's 38 fields costs more than writing the JSON. A stored property
/// lies at a fixed offset, so that is what is used where there is one; `MemoryLayout.offset(of:)` promises it for exactly this purpose.
struct FieldAccessor<R: Sendable, Value: Sendable>: Sendable {
    let get: @Sendable (borrowing R) -> Value
    let set: @Sendable (inout R, Value) -> Void

    init(_ keyPath: any WritableKeyPath<R, Value> & Sendable) {
        guard let offset = MemoryLayout<R>.offset(of: keyPath) else {
            self.get = { (resource: borrowing R) in
                let copy = copy resource
                return copy[keyPath: keyPath]
            }
            self.set = { $0[keyPath: keyPath] = $1 }
            return
        }
        self.get = { (resource: borrowing R) in
            withUnsafePointer(to: resource) { UnsafeRawPointer($0).load(fromByteOffset: offset, as: Value.self) }
        }
        self.set = { (resource: inout R, value: Value) in
            withUnsafeMutablePointer(to: &resource) { pointer in
                let property = UnsafeMutableRawPointer(pointer).advanced(by: offset)
                property.assumingMemoryBound(to: Value.self).pointee = value
            }
        }
    }

    /// One of eight slots.
    init(_ slots: FieldAccessor<R, NumberSlots<Value>>, index: Int) where Value: Hashable {
        self.get = { (resource: borrowing R) in slots.get(resource)[index] }
        self.set = { (resource: inout R, value: Value) in
            var changed = slots.get(resource)
            changed[index] = value
            slots.set(&resource, changed)
        }
    }
}
