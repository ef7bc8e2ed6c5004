import DialerModel
import Testing

import struct Foundation.UUID

@Suite("A campaign's lists")
struct CampaignListTests {
    private static let (a, b, c) = (Samples.uuid(10), Samples.uuid(11), Samples.uuid(12))

    private func campaign(_ lists: String, _ more: String = "") throws -> Campaign {
        try Campaign.decodeNew(
            from: try Samples.json("{\"lists\":\(lists)\(more)}"), uuid: Samples.uuid(1), now: Samples.start)
    }

    @Test("lists are read in their order, with a weight of 1 where none is given, and written whole")
    func shares() throws {
        let campaign = try self.campaign(
            #"[{"dlma":"\#(Self.b.wire)"},{"weight":"3","dlma":"\#(Self.a.wire.uppercased())"}]"#,
            #","list_mode":"MIXED""#)
        #expect(campaign.lists == [ListShare(dlma: Self.b), ListShare(dlma: Self.a, weight: 3)])
        #expect(campaign.listMode == .mixed)
        #expect(campaign.dialedLists == [Self.b, Self.a])
        #expect(campaign.dlma == nil)
        let written: JSONValue = [
            ["dlma": .string(Self.b.wire), "weight": 1], ["dlma": .string(Self.a.wire), "weight": 3],
        ]
        #expect(campaign.json["lists"] == written)
        #expect(campaign.json["list_mode"] == "mixed")
        #expect(try Campaign(json: campaign.json) == campaign)
    }

    @Test("null and no lists are the same, and leave dlma", arguments: ["null", "[]"])
    func none(text: String) throws {
        var campaign = try self.campaign(text, #","dlma":"\#(Self.a.wire)""#)
        #expect(campaign.lists == nil)
        #expect(campaign.listMode == .sequence)
        #expect(campaign.dialedLists == [Self.a])
        campaign.dlma = nil
        #expect(campaign.dialedLists.isEmpty)
    }

    @Test("dlma beside lists has to be one of them, and says nothing more")
    func both() throws {
        let lists = #"[{"dlma":"\#(Self.a.wire)"},{"dlma":"\#(Self.b.wire)"}]"#
        var campaign = try self.campaign(lists, #","dlma":"\#(Self.b.wire)""#)
        #expect(campaign.dlma == Self.b)
        #expect(campaign.dialedLists == [Self.a, Self.b])
        for body in [
            "{\"dlma\":\"\(Self.c.wire)\"}", "{\"lists\":[{\"dlma\":\"\(Self.a.wire)\"}]}",
            "{\"lists\":[{\"dlma\":\"\(Self.c.wire)\"},{\"dlma\":\"\(Self.a.wire)\"}]}",
        ] {
            let before = campaign
            let json = try Samples.json(body)
            let error = #expect(throws: ValidationError.self) { try campaign.apply(json) }
            #expect(error?.field == "dlma")
            #expect(error?.message.hasPrefix("dlma: must be null or one of lists") == true)
            #expect(campaign == before)
        }
        try campaign.apply(try Samples.json("{\"lists\":null}"))
        #expect(campaign.dialedLists == [Self.b])
        try campaign.apply(try Samples.json("{\"dlma\":null,\"lists\":[{\"dlma\":\"\(Self.c.wire)\"}]}"))
        #expect(campaign.dialedLists == [Self.c])
    }

    private static let refused: [(lists: String, field: String, words: String)] = [
        ("{}", "lists", "expected an array of lists, or null, got an object"),
        ("\"\(a.wire)\"", "lists", "expected an array of lists"),
        ("[\"\(a.wire)\"]", "lists[0]", "expected an object of dlma and weight"),
        ("[{}]", "lists[0].dlma", "is required"),
        ("[{\"dlma\":null}]", "lists[0].dlma", "expected a uuid"),
        ("[{\"dlma\":\"\(a.wire)\"},{\"dlma\":\"x\"}]", "lists[1].dlma", "expected a uuid like"),
        ("[{\"dlma\":\"\(a.wire)\",\"weight\":0}]", "lists[0].weight", "expected an integer from 1 to 100, got 0"),
        ("[{\"dlma\":\"\(a.wire)\",\"weight\":101}]", "lists[0].weight", "got 101"),
        ("[{\"dlma\":\"\(a.wire)\",\"weight\":1.5}]", "lists[0].weight", "expected an integer"),
        ("[{\"dlma\":\"\(a.wire)\",\"weight\":null}]", "lists[0].weight", "expected an integer"),
        ("[{\"dlma\":\"\(a.wire)\",\"wieght\":2}]", "lists[0].wieght", "unknown field"),
        (
            "[{\"dlma\":\"\(a.wire)\"},{\"dlma\":\"\(b.wire)\"},{\"dlma\":\"\(a.wire)\"}]", "lists[2].dlma",
            "is the list of lists[0] again"
        ),
        (
            "[" + (UInt8(0)...64).map { "{\"dlma\":\"\(Samples.uuid($0).wire)\"}" }.joined(separator: ",") + "]",
            "lists",
            "at most 64"
        ),
    ]

    @Test("what is wrong is named by its place", arguments: refused.indices)
    func refuses(_ index: Int) throws {
        let (lists, field, words) = Self.refused[index]
        let error = #expect(throws: ValidationError.self) { try self.campaign(lists) }
        #expect(error?.field == field)
        #expect(error?.message.hasPrefix(field + ": ") == true, "\(error?.message ?? "")")
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    @Test("sixty-four lists are taken")
    func many() throws {
        let lists = (UInt8(0)..<64).map { "{\"dlma\":\"\(Samples.uuid($0).wire)\",\"weight\":100}" }.joined(
            separator: ",")
        #expect(try self.campaign("[\(lists)]").dialedLists.count == 64)
        let schema = try #require(Campaign.fieldTable["lists"]?.schema)
        #expect(schema.maximumCount == 64)
        #expect(schema.members.map(\.name) == ["dlma", "weight"])
        #expect(schema.members.map(\.isRequired) == [true, false])
    }

    @Test("the mode is one of two words")
    func mode() throws {
        let error = #expect(throws: ValidationError.self) { try self.campaign("null", #","list_mode":"random""#) }
        #expect(error?.message == "list_mode: expected one of sequence, mixed, got \"random\"")
    }
}
