import DialerModel
import Foundation
import Simulation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("What a simulation tells") struct ComparisonTests {
    private static func comparison() async -> Comparison {
        var scenario = Scenario()
        scenario.name = "a <small> & short one"
        scenario.agents = 5
        scenario.length = 1800
        scenario.shifts = 2
        return await Comparison(of: scenario)
    }

    @Test("the JSON holds each policy and each shift, reproducibly")
    func json() async throws {
        let comparison = await Self.comparison()
        let again = await Self.comparison()
        #expect(comparison.json.text == again.json.text)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(comparison.json.text.utf8)) as? [String: Any])
        let policies = try #require(object["policies"] as? [[String: Any]])
        #expect(policies.map { $0["name"] as? String } == ["predictive", "progressive"])
        #expect((policies[0]["shifts"] as? [Any])?.count == 2)
        #expect((policies[0]["timeline"] as? [Any])?.count == 6)
    }

    @Test("the table has a line a policy, its columns in line")
    func table() async {
        let lines = await Self.comparison().table.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(Set(lines.dropFirst().map(\.count)).count == 1)
        #expect(lines[0].contains("5 agents, 2 shifts of 0.5 h"))
    }

    @Test("the plot is XML, whatever the names")
    func plot() async {
        let svg = await Self.comparison().svg
        let parser = XMLParser(data: Data(svg.utf8))
        #expect(parser.parse())
        #expect(svg.contains("a &lt;small&gt; &amp; short one"))
        #expect(svg.components(separatedBy: "<polyline").count == 5)
    }
}
