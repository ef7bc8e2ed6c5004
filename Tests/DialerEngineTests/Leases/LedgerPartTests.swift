import Testing

@testable import DialerEngine

@Suite("An engine's part of a PBX")
struct LedgerPartTests {
    private typealias Part = LedgerState.Part

    @Test("alone it is the whole, and the parts of several are the whole too", arguments: 1...7)
    func whole(count: Int) {
        for whole in [0, 1, 5, 12, 200] {
            let parts = (0..<count).map { place in
                var part = Part(place: place, count: count)
                part.others = (0..<count).filter { $0 != place }.map { Part.Other(place: $0, calls: [:]) }
                return part.maxCalls(at: "pbx1", of: whole)
            }
            #expect(parts.reduce(0, +) == whole)
            #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
        }
    }

    @Test("others' calls above their parts, and those nobody follows yet, are left room for")
    func taken() {
        var part = Part(place: 1, count: 2)
        part.others = [Part.Other(place: 0, calls: ["pbx1": 9])]
        #expect(part.maxCalls(at: "pbx1", of: 12) == 3)
        #expect(part.maxCalls(at: "pbx2", of: 12) == 6)
        part.others = [Part.Other(place: 0, calls: ["pbx1": 2]), Part.Other(place: nil, calls: ["pbx1": 4])]
        #expect(part.maxCalls(at: "pbx1", of: 12) == 2)
        part.others[0].calls["pbx1"] = 20
        #expect(part.maxCalls(at: "pbx1", of: 12) == 0)
        part.others[0].trunkCalls["trunk"] = 5
        #expect(part.maxCalls(by: "trunk", of: 8) == 3, "a trunk's calls are counted over all PBXs")
        #expect(part.maxCalls(by: "another", of: 8) == 4)
        part = Part(isHeld: true)
        #expect(part.maxCalls(at: "pbx1", of: 12) == 0, "calls that change hands are counted by nobody for a moment")
    }
}
