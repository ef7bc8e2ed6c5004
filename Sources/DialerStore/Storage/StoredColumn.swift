import DialerModel
import PostgresClient

import struct Foundation.UUID

/// One column of a resource's table: how its value is bound and read.
struct StoredColumn<R: Sendable>: Sendable {
    let name: String
    /// Appends the value as a parameter. Throws when the column cannot hold it.
    let bind: @Sendable (R, inout PostgresQuery.StringInterpolation) throws(StoreError) -> Void
    /// Reads the value of the column at an index into the resource.
    let read: @Sendable (PostgresRow, Int, inout R) throws(PostgresError) -> Void
}

extension StoredColumn {
    static func text(_ name: String, _ path: any WritableKeyPath<R, String?> & Sendable) -> Self {
        .text(name, FieldAccessor(path))
    }

    static func text(_ name: String, _ property: FieldAccessor<R, String?>) -> Self {
        Self(name: name) { resource, query throws(StoreError) in
            let text = property.get(resource)
            if let text, text.utf8.contains(0) {
                throw .invalid(ValidationError(field: name, message: "\(name): a text cannot hold the character NUL"))
            }
            query.appendInterpolation(text)
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(String?.self, at: index))
        }
    }

    /// - Parameter range: What the column's type holds.
    static func integer(
        _ name: String,
        _ path: any WritableKeyPath<R, Int> & Sendable,
        range: ClosedRange<Int> = Int(Int32.min)...Int(Int32.max)
    ) -> Self {
        .integer(name, FieldAccessor(path), range: range)
    }

    static func integer(_ name: String, _ property: FieldAccessor<R, Int>, range: ClosedRange<Int>) -> Self {
        Self(name: name) { resource, query throws(StoreError) in
            let value = property.get(resource)
            guard range.contains(value) else {
                throw .invalid(
                    ValidationError(
                        field: name,
                        message:
                            "\(name): expected an integer from \(range.lowerBound) to \(range.upperBound), got \(value)"
                    )
                )
            }
            query.appendInterpolation(value)
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(Int.self, at: index))
        }
    }

    static func decimal(_ name: String, _ path: any WritableKeyPath<R, Double> & Sendable) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource))
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(Double.self, at: index))
        }
    }

    static func boolean(_ name: String, _ path: any WritableKeyPath<R, Bool> & Sendable) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource))
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(Bool.self, at: index))
        }
    }

    /// 0 and 1 in the database, as on the wire.
    static func flag(_ name: String, _ path: any WritableKeyPath<R, Bool> & Sendable) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource) ? 1 : 0)
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(Int.self, at: index) != 0)
        }
    }

    static func enumeration<Value: RawRepresentable<Int> & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<R, Value> & Sendable
    ) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource).rawValue)
        } read: { row, index, resource throws(PostgresError) in
            let number = try row.decode(Int.self, at: index)
            guard let value = Value(rawValue: number) else {
                var error = PostgresError(.decoding, "column \"\(name)\" holds \(number), which has no meaning here")
                error.column = name
                throw error
            }
            property.set(&resource, value)
        }
    }

    static func word<Value: RawRepresentable<String> & Sendable>(
        _ name: String,
        _ path: any WritableKeyPath<R, Value> & Sendable
    ) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource).rawValue)
        } read: { row, index, resource throws(PostgresError) in
            let word = try row.decode(String.self, at: index)
            guard let value = Value(rawValue: word) else {
                var error = PostgresError(.decoding, "column \"\(name)\" holds \"\(word)\", which has no meaning here")
                error.column = name
                throw error
            }
            property.set(&resource, value)
        }
    }

    static func uuid(_ name: String, _ path: any WritableKeyPath<R, UUID> & Sendable) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource))
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(UUID.self, at: index))
        }
    }

    static func reference(_ name: String, _ path: any WritableKeyPath<R, UUID?> & Sendable) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource))
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(UUID?.self, at: index))
        }
    }

    static func time(_ name: String, _ path: any WritableKeyPath<R, Timestamp?> & Sendable) -> Self {
        .time(name, FieldAccessor(path))
    }

    static func time(_ name: String, _ property: FieldAccessor<R, Timestamp?>) -> Self {
        Self(name: name) { resource, query throws(StoreError) in
            query.appendInterpolation(property.get(resource).map(PostgresTimestamp.init))
        } read: { row, index, resource throws(PostgresError) in
            property.set(&resource, try row.decode(PostgresTimestamp?.self, at: index).map(Timestamp.init))
        }
    }

    /// JSON null is SQL's NULL. Bound as text, for the type `json` keeps the order of keys and `jsonb` does not.
    static func variables(
        _ name: String, _ path: any WritableKeyPath<R, JSONValue> & Sendable
    ) -> Self {
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            let value = property.get(resource)
            query.appendInterpolation(value.isNull ? nil : value.text)
        } read: { row, index, resource throws(PostgresError) in
            guard let text = try row.decode(String?.self, at: index) else {
                property.set(&resource, .null)
                return
            }
            property.set(&resource, try JSONValue(column: name, text: text))
        }
    }
}

extension StoredColumn where R == Campaign {
    /// JSON as on the wire.
    static func lists(_ name: String, _ path: any WritableKeyPath<R, [ListShare]?> & Sendable) -> Self {
        let rule = ValueRule<[ListShare]?>.lists()
        let property = FieldAccessor(path)
        return Self(name: name) { resource, query throws(StoreError) in
            let value = rule.encode(property.get(resource))
            query.appendInterpolation(value.isNull ? nil : value.text)
        } read: { row, index, resource throws(PostgresError) in
            guard let text = try row.decode(String?.self, at: index) else {
                property.set(&resource, nil)
                return
            }
            let json = try JSONValue(column: name, text: text)
            do throws(FieldError) {
                property.set(&resource, try rule.restore(json))
            } catch {
                var decoding = PostgresError(.decoding, "column \"\(name)\" cannot be read: \(error.message)")
                decoding.column = name
                throw decoding
            }
        }
    }
}

extension JSONValue {
    /// Reads JSON the database keeps.
    init(column: String, text: String) throws(PostgresError) {
        do throws(JSONParseError) {
            self = try JSONValue.parse(Array(text.utf8))
        } catch {
            var decoding = PostgresError(.decoding, "column \"\(column)\" holds no JSON this program reads")
            decoding.column = column
            throw decoding
        }
    }
}

extension PostgresTimestamp {
    init(_ timestamp: Timestamp) {
        self.init(microseconds: timestamp.microseconds)
    }
}

extension Timestamp {
    init(_ timestamp: PostgresTimestamp) {
        self.init(microseconds: timestamp.microseconds)
    }
}
