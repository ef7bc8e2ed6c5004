import DialerModel
import OrderedCollections

/// Turns records into checked contacts, field by field. The limits are those of a single contact's POST.
package struct RowCleaner: Sendable {
    private let rules: NumberRules
    private var row = ContactRow()
    /// Members of the row's object of variables, without the braces.
    private var variables: [UInt8] = []
    private var originals: [UInt8] = []
    private var variableNames: [String] = []
    private var numberCount = 0

    package init(rules: NumberRules) {
        self.rules = rules
    }

    /// The contact a delimited record holds, valid until the next call; or why it is refused.
    package mutating func clean(
        _ record: RecordBatch.Record, of batch: RecordBatch, columns: ColumnMap
    ) throws(RowRefusal) -> ContactRow {
        self.begin(line: record.line)
        let known = min(record.fieldCount, columns.targets.count)
        for index in known..<max(known, record.fieldCount) where !batch.field(index, of: record).isEmpty {
            throw RowRefusal(
                nil, "the row has \(record.fieldCount) fields, the header line \(columns.targets.count)"
            )
        }
        for index in 0..<known where columns.targets[index] != .ignored {
            let value = FieldChecks.trimmed(batch.field(index, of: record))
            if !value.isEmpty { try self.setCell(columns.targets[index], value) }
        }
        try self.complete()
        return self.row
    }

    /// The contact an object holds, valid until the next call; or why it is refused.
    package mutating func clean(
        _ object: JSONValue, line: Int, keys: inout KeyMap
    ) throws(RowRefusal) -> ContactRow {
        self.begin(line: line)
        guard case .object(let members) = object else {
            throw RowRefusal(nil, "expected an object, got \(object.excerpt)")
        }
        var seen: Set<ColumnTarget> = []
        for (key, value) in members where !value.isNull {
            guard let target = keys.target(of: key) else {
                throw RowRefusal(key, "\(JSONValue.string(key).excerpt) cannot be a variable's name")
            }
            guard target != .ignored else { continue }
            guard seen.insert(target).inserted else {
                throw RowRefusal(target.field, "two members are \(target.field)")
            }
            try self.set(target, value)
        }
        try self.complete()
        return self.row
    }

    private mutating func begin(line: Int) {
        self.row.begin(line: line)
        self.variables.removeAll(keepingCapacity: true)
        self.originals.removeAll(keepingCapacity: true)
        self.variableNames.removeAll(keepingCapacity: true)
        self.numberCount = 0
    }

    private mutating func complete() throws(RowRefusal) {
        guard self.numberCount > 0 else { throw RowRefusal(nil, "the row has no number") }
        if !self.variables.isEmpty { self.row.set(.variables, Self.object(self.variables)) }
        if !self.originals.isEmpty { self.row.set(.originals, Self.object(self.originals)) }
    }

    private static func object(_ members: [UInt8]) -> [UInt8] {
        [UInt8(ascii: "{")] + members + [UInt8(ascii: "}")]
    }

    // MARK: One value

    /// A cell of a delimited file, where everything is text.
    private mutating func setCell(_ target: ColumnTarget, _ value: ArraySlice<UInt8>) throws(RowRefusal) {
        switch target {
        case .variables:
            let object: JSONValue
            do throws(JSONParseError) {
                object = try JSONValue.parse(value)
            } catch {
                throw RowRefusal("variables", "expected a JSON object of names and values: \(error.message)")
            }
            try self.set(.variables, object)
        // A number's own marks are kept with it as it was written.
        case .number: try self.set(target, value)
        default: try self.set(target, FieldChecks.withoutFormulaMark(value))
        }
    }

    private mutating func set(_ target: ColumnTarget, _ value: JSONValue) throws(RowRefusal) {
        if target == .variables {
            guard case .object(let members) = value else {
                throw RowRefusal("variables", "expected an object of names and values, got \(value.excerpt)")
            }
            for (name, member) in members where !member.isNull {
                guard VariableName.isValid(name) else {
                    throw RowRefusal("variables", "\(JSONValue.string(name).excerpt) cannot be a variable's name")
                }
                try self.set(.variable(name), member)
            }
            return
        }
        let text: String
        switch value {
        case .string(let string): text = string
        case .integer, .number, .bool: text = value.text
        case .null: return
        case .array, .object: throw RowRefusal(target.field, "expected a text or a number, got \(value.excerpt)")
        }
        let bytes = FieldChecks.trimmed(Array(text.utf8)[...])
        if !bytes.isEmpty { try self.set(target, bytes) }
    }

    private mutating func set(_ target: ColumnTarget, _ value: ArraySlice<UInt8>) throws(RowRefusal) {
        guard FieldChecks.isUTF8(value) else {
            throw RowRefusal(target.field, "the text is not UTF-8; save the file as UTF-8")
        }
        guard !value.contains(0) else { throw RowRefusal(target.field, "a NUL character is not allowed") }
        switch target {
        case .name: try self.setText(.name, target, value, maximum: 255)
        case .detail: try self.setText(.detail, target, value, maximum: 1023)
        case .ukey: try self.setText(.ukey, target, value, maximum: 1023)
        case .email: try self.setText(.email, target, value, maximum: 1023)
        case .reservedTarget: try self.setText(.reservedTarget, target, value, maximum: 255)
        case .priority: try self.setPriority(value)
        case .number(let index): try self.setNumber(index, value)
        case .variable(let name): try self.setVariable(name, value)
        case .variables, .ignored: break
        }
    }

    private mutating func setText(
        _ field: ContactRow.Field, _ target: ColumnTarget, _ value: ArraySlice<UInt8>, maximum: Int
    ) throws(RowRefusal) {
        if value.count > maximum {
            let length = FieldChecks.length(value)
            guard length <= maximum else {
                throw RowRefusal(target.field, "expected at most \(maximum) characters, got \(length)")
            }
        }
        self.row.set(field, value)
    }

    private mutating func setPriority(_ value: ArraySlice<UInt8>) throws(RowRefusal) {
        guard value.count == 1, let digit = value.first, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else {
            let text = JSONValue.string(String(decoding: value, as: UTF8.self))
            throw RowRefusal("priority", "expected an integer from 0 to 9, got \(text.excerpt)")
        }
        self.row.set(.priority, value)
    }

    private mutating func setNumber(_ index: Int, _ given: ArraySlice<UInt8>) throws(RowRefusal) {
        let value = FieldChecks.withoutSpreadsheetMarks(given)
        guard let field = ContactRow.Field(rawValue: ContactRow.Field.number1.rawValue + index - 1) else { return }
        let number: [UInt8]
        do throws(NumberRules.Refusal) {
            number = try self.rules.number(for: value)
        } catch {
            throw RowRefusal("number_\(index)", error.reason)
        }
        guard !number.isEmpty else { return }
        self.numberCount += 1
        self.row.set(field, number)
        // What is dialed as it was written needs no second copy.
        guard !number.elementsEqual(given) else { return }
        if !self.originals.isEmpty { self.originals.append(UInt8(ascii: ",")) }
        self.originals.append(contentsOf: "\"\(index)\":".utf8)
        FieldChecks.appendJSON(given, to: &self.originals)
    }

    private mutating func setVariable(_ name: String, _ value: ArraySlice<UInt8>) throws(RowRefusal) {
        let longest = ValueRule<JSONValue>.longestVariable
        guard value.count <= longest else {
            throw RowRefusal(name, "a variable's value may have \(longest) bytes, got \(value.count)")
        }
        guard !FieldChecks.hasControlCharacters(value) else {
            throw RowRefusal(name, "a variable's value may not hold line breaks or other control characters")
        }
        guard !self.variableNames.contains(name) else { throw RowRefusal(name, "the variable is given twice") }
        self.variableNames.append(name)
        guard self.variableNames.count <= VariableLimits.perContact else {
            throw RowRefusal("variables", "expected at most \(VariableLimits.perContact) variables")
        }
        if !self.variables.isEmpty { self.variables.append(UInt8(ascii: ",")) }
        FieldChecks.appendJSON(name.utf8, to: &self.variables)
        self.variables.append(UInt8(ascii: ":"))
        FieldChecks.appendJSON(value, to: &self.variables)
    }
}
