import DialerModel
import DialerStore
import Foundation
import HTTPTypes
import Testing

@Suite struct DuplicateTests {
    private func numbers(_ api: APIHarness, _ list: String) async throws -> [String] {
        try await api.client(.get, "/dls?dlma_uuid=\(list)").list.compactMap { $0["number_1"]?.stringValue }
    }

    @Test func theFirstOfTheSameRowsStays() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let answer = try await api.client(
                .post, "/dlmas/\(list)/dls?duplicates=skip&duplicate_scope=file&duplicate_key=ukey",
                "ukey,number_1\na,300\nb,301\na,302\n,303\n,304\nb,305\n")
            #expect(answer.result["rows_loaded"] == 4, "\(answer.text)")
            #expect(answer.result["rows_duplicate"] == 2)
            #expect(try await self.numbers(api, list) == ["300", "301", "303", "304"])
            // The file's scope does not look at the list.
            let again = try await api.client(
                .post, "/dlmas/\(list)/dls?duplicates=skip&duplicate_scope=file&duplicate_key=ukey",
                "ukey,number_1\na,306\n")
            #expect(again.result["rows_loaded"] == 1)
        }
    }

    @Test func theListKnowsItsContactsByTheirFirstNumber() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let other = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            _ = try await api.client(.post, "/dlmas/\(list)/dls", "phone\n030 901820\n")
            // Written another way, and in another slot: it is the number that is dialed first which counts.
            let file = "phone,mobile\n+4930901820,\n,0049 30 901820\n030 901821,030 901820\n"
            let answer = try await api.client(.post, "/dlmas/\(list)/dls?duplicates=skip", file)
            #expect(answer.result["rows_loaded"] == 1, "\(answer.text)")
            #expect(answer.result["rows_duplicate"] == 2)
            let elsewhere = try await api.client(.post, "/dlmas/\(other)/dls?duplicates=skip", "phone\n030901820\n")
            #expect(elsewhere.result["rows_loaded"] == 1)
            let third = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let everywhere = try await api.client(
                .post, "/dlmas/\(third)/dls?duplicates=skip&duplicate_scope=all", "phone\n030901820\n030901822\n")
            #expect(everywhere.result["rows_loaded"] == 1)
            #expect(try await self.numbers(api, third) == ["+4930901822"])
        }
    }

    @Test func aDeletedContactIsNoDuplicate() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let contact = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"300","ukey":"a"}"#)
            _ = try await api.client(.delete, "/dls/\(contact)")
            for key in ["ukey", "number"] {
                let answer = try await api.client(
                    .post, "/dlmas/\(list)/dls?dry_run=1&duplicates=error&duplicate_key=\(key)",
                    "ukey,number_1\na,300\n")
                #expect(answer.result["rows_rejected"] == 0)
            }
        }
    }

    @Test func duplicatesThatAreFaultsAreRefusedWithWhatTheyMeet() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let contact = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","number_1":"300","ukey":"a"}"#)
            let path = "/dlmas/\(list)/dls?duplicates=error&duplicate_key=ukey"
            let file = "ukey,number_1\na,301\nb,302\nb,303\n"
            let answer = try await api.client(.post, path, file)
            #expect(answer.result["rows_rejected"] == 2, "\(answer.text)")
            #expect(answer.result["rows_loaded"] == 1)
            let reasons = answer.result["rejects"]?.arrayValue?.map {
                "\($0["line"]!.text) \($0["reason"]!.stringValue!)"
            }
            #expect(reasons == ["2 the contact \(contact) has the same ukey", "4 line 3 has the same ukey"])
            let strict = try await api.client(.post, path + "&on_error=abort", "ukey,number_1\nc,304\nb,305\n")
            #expect(strict.status == 422)
            #expect(try await self.numbers(api, list) == ["300", "302"])
            #expect(try await api.stagingTables() == 0)
        }
    }

    @Test func updateChangesWhatIsGivenAndKeepsTheRest() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas", #"{"default_region":"DE"}"#)
            let contact = try await api.client.create(
                "/dls",
                #"{"dlma_uuid":"\#(list)","ukey":"a","name":"Ada","detail":"old","number_1":"030/901820","number_2":"030/901821"}"#
            )
            _ = try await api.client(.put, "/dls/\(contact)", #"{"trycnt_1":2,"res_dial":3}"#)
            let answer = try await api.client(
                .post, "/dlmas/\(list)/dls?duplicates=update&duplicate_key=ukey",
                "ukey,name,detail,phone,town,priority\na,,first,030 901822,Bonn,\nb,Bob,,030 901823,,4\n"
                    + "a,,last,030 901824,Köln,8\n")
            #expect(answer.result["rows_updated"] == 1, "\(answer.text)")
            #expect(answer.result["rows_loaded"] == 1)
            #expect(answer.result["rows_duplicate"] == 1)
            let changed = try await api.client(.get, "/dls/\(contact)").result
            #expect(changed["name"] == "Ada")
            #expect(changed["detail"] == "last")
            #expect(changed["priority"] == 8)
            #expect(changed["number_1"] == "+4930901824")
            #expect(changed["number_2"] == "+4930901821")
            #expect(changed["number_originals"] == ["1": "030 901824", "2": "030/901821"])
            #expect(changed["variables"] == ["town": "Köln"])
            #expect(changed["trycnt_1"] == 2)
            #expect(changed["res_dial"] == 3)
        }
    }

    /// Thousands are updated while their contacts are claimed and finished: every call gets its result, none is disturbed.
    @Test func updatingContactsThatAreBeingDialedDisturbsNoCall() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            let file = "ukey,number_1,name\n" + (0..<3_000).map { "k\($0),\(100_000 + $0),old\n" }.joined()
            _ = try await api.client(.post, "/dlmas/\(list)/dls", file)
            let plan = try await api.client.create("/plans", #"{"dial_mode":1,"tech_name":"Local"}"#)
            let destination = try await api.client.create("/destinations", #"{"type":1,"application":"park"}"#)
            let campaign = try await api.client.create(
                "/campaigns", #"{"plan":"\#(plan)","dest":"\#(destination)","dlma":"\#(list)"}"#)
            _ = try await api.client(.put, "/campaigns/\(campaign)", #"{"status":1}"#)
            let started = try #require(UUID(wire: campaign))
            _ = try await api.store.campaigns.setStatus(started, from: [.starting], to: .start)
            let request = ClaimRequest(
                campaign: started, plan: try #require(UUID(wire: plan)),
                destination: try #require(UUID(wire: destination)), dlma: try #require(UUID(wire: list)),
                count: 20,
                pbx: "pbx", now: APIHarness.instant)
            let dialer = Task {
                var dialed = 0
                while dialed < 1_000 {
                    let calls = try await api.store.claims.claim(request).dialings
                    let finished = calls.map { call in
                        var result = DialingResult(dialing: call.uuid, status: .hangup, endedAt: APIHarness.instant)
                        result.dialResult = 4
                        return FinishedDialing(dialing: call, result: result, line: Array("{}".utf8))
                    }
                    #expect(try await api.store.results.finish(finished) == calls.count)
                    dialed += calls.count
                    if calls.isEmpty { break }
                }
                return dialed
            }
            let update = try await api.client(
                .post, "/dlmas/\(list)/dls?duplicates=update&duplicate_key=ukey", file.replacing("old", with: "new"))
            #expect(update.result["rows_updated"] == 3_000, "\(update.text)")
            #expect(update.result["rows_loaded"] == 0)
            #expect(try await dialer.value == 1_000)
            let contacts = try await api.client(.get, "/dls?dlma_uuid=\(list)").list
            #expect(contacts.allSatisfy { $0["name"] == "new" })
            #expect(contacts.count { $0["res_dial"] == 4 } == 1_000)
            #expect(contacts.count { $0["trycnt_1"] == 1 } == 1_000)
            #expect(contacts.allSatisfy { $0["status"] == 0 })
        }
    }
}
