import OrderedCollections

import struct Foundation.UUID

extension ValueRule where Value == [ListShare]? {
    /// Null, or an array of different lists, each an object of `dlma` and `weight`. No lists at all are null too.
    package static func lists() -> Self {
        let uuid = ValueRule<UUID>.uuid()
        let weight = ValueRule<Int>.integer(ListShare.weights)
        return Self(
            Self.listsSchema(uuid.schema, weight.schema),
            decode: { (value: JSONValue) throws(FieldError) -> [ListShare]? in
                try shares(value) { (members, place) throws(FieldError) in
                    if let unknown = members.keys.first(where: { $0 != "dlma" && $0 != "weight" }) {
                        let name = String(unknown.prefix(64)).filter { !$0.isNewline }
                        throw FieldError("unknown field; one of lists has dlma, weight").at("[\(place)].\(name)")
                    }
                    guard let dlma = members["dlma"] else { throw FieldError("is required").at("[\(place)].dlma") }
                    var share = ListShare(dlma: try read(dlma, by: uuid.decode, at: "[\(place)].dlma"))
                    if let given = members["weight"] {
                        share.weight = try read(given, by: weight.decode, at: "[\(place)].weight")
                    }
                    return share
                }
            },
            restore: { (value: JSONValue) throws(FieldError) -> [ListShare]? in
                try shares(value) { (members, place) throws(FieldError) in
                    var share = ListShare(
                        dlma: try read(members["dlma"] ?? .null, by: uuid.restore, at: "[\(place)].dlma"))
                    if let given = members["weight"] {
                        share.weight = try read(given, by: weight.restore, at: "[\(place)].weight")
                    }
                    return share
                }
            },
            encode: { shares in
                guard let shares else { return .null }
                return .array(
                    shares.map { .object(["dlma": uuid.encode($0.dlma), "weight": weight.encode($0.weight)]) })
            }
        )
    }

    private static func listsSchema(_ uuid: FieldSchema, _ weight: FieldSchema) -> FieldSchema {
        var (uuid, weight) = (uuid, weight)
        uuid.description = "A list."
        weight.description = "Its part of the calls where lists are mixed."
        weight.defaultValue = .integer(1)
        var schema = FieldSchema(.array)
        schema.isNullable = true
        schema.defaultValue = .null
        schema.maximumCount = ListShare.maximumCount
        schema.members = [
            FieldSchema.Member(name: "dlma", schema: uuid, isRequired: true),
            FieldSchema.Member(name: "weight", schema: weight, isRequired: false),
        ]
        return schema
    }

    private static func shares(
        _ value: JSONValue,
        each: (OrderedDictionary<String, JSONValue>, Int) throws(FieldError) -> ListShare
    ) throws(FieldError) -> [ListShare]? {
        if value.isNull { return nil }
        guard case .array(let elements) = value else { throw .expected("an array of lists, or null", got: value) }
        guard elements.count <= ListShare.maximumCount else {
            throw FieldError("expected at most \(ListShare.maximumCount) lists, got \(elements.count)")
        }
        var shares: [ListShare] = []
        for (place, element) in elements.enumerated() {
            guard case .object(let members) = element else {
                throw FieldError.expected("an object of dlma and weight", got: element).at("[\(place)]")
            }
            let share = try each(members, place)
            if let first = shares.firstIndex(where: { $0.dlma == share.dlma }) {
                throw FieldError("is the list of lists[\(first)] again").at("[\(place)].dlma")
            }
            shares.append(share)
        }
        return shares.isEmpty ? nil : shares
    }

    private static func read<Member>(
        _ value: JSONValue,
        by decode: (JSONValue) throws(FieldError) -> Member,
        at path: String
    ) throws(FieldError) -> Member {
        do throws(FieldError) {
            return try decode(value)
        } catch {
            throw error.at(path)
        }
    }
}
