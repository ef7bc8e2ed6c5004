extension ValueRule where Value == Int {
    /// A whole number in `range`; a text of digits counts as one, as it did in jade.
    package static func integer(_ range: ClosedRange<Int>) -> Self {
        var schema = FieldSchema(.integer)
        schema.range = range
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Int in
                guard let number = wholeNumber(value), range.contains(number) else {
                    throw .expected("an integer from \(range.lowerBound) to \(range.upperBound)", got: value)
                }
                return number
            },
            restore: { (value: JSONValue) throws(FieldError) -> Int in
                guard let number = wholeNumber(value) else { throw .expected("an integer", got: value) }
                return number
            },
            encode: { .integer(Int64($0)) }
        )
    }
}

extension ValueRule where Value == Double {
    /// A number in `range`; a text of digits counts as one.
    package static func decimal(_ range: ClosedRange<Double>) -> Self {
        var schema = FieldSchema(.number)
        schema.decimalRange = range
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Double in
                guard let number = decimalNumber(value), range.contains(number) else {
                    throw .expected("a number from \(range.lowerBound) to \(range.upperBound)", got: value)
                }
                return number
            },
            encode: { .number($0) }
        )
    }
}

extension ValueRule where Value == Bool {
    /// 1 and 0 on the wire; `true` and `false` are taken as well.
    package static func flag() -> Self {
        var schema = FieldSchema(.integer)
        schema.range = 0...1
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Bool in
                if case .bool(let flag) = value { return flag }
                guard let number = wholeNumber(value), number == 0 || number == 1 else {
                    throw .expected("0 or 1", got: value)
                }
                return number == 1
            },
            encode: { .integer($0 ? 1 : 0) }
        )
    }
}

extension ValueRule where Value: RawRepresentable<Int> & CaseIterable {
    /// One of an enumeration's numbers.
    ///
    /// - Parameter accepted: what clients may set; values outside of it are still read back from storage.
    package static func enumeration(accepting accepted: [Value] = Array(Value.allCases)) -> Self {
        var schema = FieldSchema(.integer)
        schema.choices = accepted.map { choice in
            FieldSchema.Choice(value: choice.rawValue, name: String(describing: choice))
        }
        let numbers = accepted.map(\.rawValue)
        let list = schema.choices.map { "\($0.value) (\($0.name))" }.joined(separator: ", ")
        return Self(
            schema,
            decode: { (value: JSONValue) throws(FieldError) -> Value in
                guard let number = wholeNumber(value), numbers.contains(number), let choice = Value(rawValue: number)
                else { throw .expected("one of \(list)", got: value) }
                return choice
            },
            restore: { (value: JSONValue) throws(FieldError) -> Value in
                guard let number = wholeNumber(value), let choice = Value(rawValue: number) else {
                    throw .expected("one of \(list)", got: value)
                }
                return choice
            },
            encode: { .integer(Int64($0.rawValue)) }
        )
    }
}

/// A whole number, also written as text ("30000") or as a number without a remainder (3e4).
private func wholeNumber(_ value: JSONValue) -> Int? {
    switch value {
    case .integer(let number): Int(exactly: number)
    case .number(let number): Int(exactly: number)
    case .string(let text): text.utf8.count <= 20 && text.first != "+" ? Int(text) : nil
    case .null, .bool, .array, .object: nil
    }
}

private func decimalNumber(_ value: JSONValue) -> Double? {
    switch value {
    case .integer(let number): Double(number)
    case .number(let number): number
    case .string(let text):
        text.utf8.count <= 40 && text.utf8.allSatisfy { (48...57).contains($0) || $0 == 46 || $0 == 45 }
            ? Double(text) : nil
    case .null, .bool, .array, .object: nil
    }
}
