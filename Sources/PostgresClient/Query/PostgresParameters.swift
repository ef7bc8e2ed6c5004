/// Parameters in text format, one after another in one buffer, each ended by a NUL as libpq wants them.
struct PostgresParameters: Sendable, Hashable {
    private(set) var bytes: [UInt8] = []
    /// Where each value begins in `bytes`; -1 for NULL.
    private(set) var starts: [Int] = []
    /// The types, as numbers of the server's catalogue; 0 to be inferred.
    private(set) var types: [UInt32] = []
    /// The first parameter, counted from 1, whose text holds a NUL.
    private(set) var firstWithNUL: Int?

    var count: Int { starts.count }

    mutating func append<Value: PostgresEncodable>(_ value: Value) {
        types.append(Value.postgresType.oid)
        guard !value.isPostgresNull else {
            starts.append(-1)
            return
        }
        let start = bytes.count
        starts.append(start)
        value.encodePostgres(into: &bytes)
        if firstWithNUL == nil, bytes[start...].contains(0) {
            firstWithNUL = count
        }
        bytes.append(0)
    }

    /// Calls `body` with C arrays of the types and values.
    func withPointers<R>(
        _ body: (UnsafePointer<UInt32>?, UnsafePointer<UnsafePointer<CChar>?>?) -> R
    ) -> R {
        guard count > 0 else { return body(nil, nil) }
        return bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: count) { values in
                for (index, start) in starts.enumerated() {
                    values[index] =
                        start < 0 ? nil : bytes.baseAddress?.advanced(by: start).assumingMemoryBound(to: CChar.self)
                }
                return types.withUnsafeBufferPointer { body($0.baseAddress, UnsafePointer(values.baseAddress)) }
            }
        }
    }
}
