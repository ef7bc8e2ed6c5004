import Chance
import Simulation
import Testing

@Suite("Scenarios") struct ScenarioTests {
    @Test("an empty object is the default scenario")
    func empty() throws {
        #expect(try Scenario(json: Array("{}".utf8)) == Scenario())
    }

    @Test("every member is read")
    func everything() throws {
        let scenario = try Scenario(
            json: Array(
                """
                {"name":"evening","agents":25,"hours":4,"shifts":3,"seed":9,"lines":120,"calls_per_second":15,
                 "decide_every":1,"grace":1.5,"setup":1,"answer":0.25,"machine":0.3,"fail":0.1,
                 "ring":{"mean":8,"cv":0.5,"cut":20},"ring_out":22,"talk":{"mean":90,"cv":0.8},"wrapup":12,
                 "breaks":{"every":3600,"length":300},"drift":{"amplitude":0.4,"period":7200},
                 "bursts":{"amplitude":0.6,"mean":600},"machine_detection":{"missed":0.1,"mistaken":0.01,"talk":6},
                 "switches":[{"at":1800,"answer":0.5}],"staff":[{"at":900,"agents":30}],"target_abandon":0.02,
                 "policies":["predictive",{"policy":"predictive","target_abandon":0.01,"name":"careful"},
                   {"policy":"ratio","ratio":2},{"policy":"jade","service_level":3},"progressive"]}
                """.utf8))
        #expect(scenario.name == "evening")
        #expect(scenario.agents == 25)
        #expect(scenario.length == 4 * 3600)
        #expect(scenario.shifts == 3)
        #expect(scenario.seed == 9)
        #expect(scenario.lines == 120)
        #expect(scenario.callsPerSecond == 15)
        #expect(scenario.decideEvery == 1)
        #expect(scenario.grace == 1.5)
        #expect(scenario.answer == 0.25)
        #expect(scenario.ring == Spread(mean: 8, variation: 0.5, cut: 20))
        #expect(scenario.talk == Spread(mean: 90, variation: 0.8))
        #expect(scenario.wrapup == .constant(12))
        #expect(scenario.breaks == .init(every: 3600, length: 300))
        #expect(scenario.drift == .init(amplitude: 0.4, period: 7200))
        #expect(scenario.bursts == .init(amplitude: 0.6, mean: 600))
        #expect(scenario.detection == .init(missed: 0.1, mistaken: 0.01, talk: 6))
        #expect(scenario.switches == [.init(at: 1800, answer: 0.5)])
        #expect(scenario.staff == [.init(at: 900, agents: 30)])
        #expect(scenario.policies.map(\.name) == ["predictive", "careful", "ratio 2.0", "jade +3", "progressive"])
        #expect(scenario.policies.map(\.target) == [0.02, 0.01, 0.03, 0.03, 0.03])
    }

    @Test(
        "what is wrong is named",
        arguments: [
            ("[]", "must be an object, not an array"),
            ("{\"agents\":\"ten\"}", "agents must be a whole number from 0 to 5000"),
            ("{\"answer\":1.2}", "answer must be 0 to 1"),
            ("{\"answers\":0.2}", "answers is unknown; known here: "),
            ("{\"talk\":{\"cv\":1}}", "talk.mean is missing"),
            ("{\"talk\":{\"mean\":10,\"variance\":1}}", "talk.variance is unknown"),
            ("{\"machine\":0.7,\"fail\":0.5}", "machine and fail are shares"),
            ("{\"policies\":[]}", "policies must name at least one"),
            ("{\"policies\":[\"blind\"]}", "policies[0].policy must be predictive, progressive, ratio or jade"),
            ("{\"staff\":[{\"at\":5}]}", "staff[0].agents is missing"),
            ("{\"agents\":", "not valid JSON"),
        ])
    func errors(json: String, problem: String) {
        #expect {
            try Scenario(json: Array(json.utf8))
        } throws: {
            "\($0)".contains(problem)
        }
    }
}
