import DialerModel
import HTTPTypes
import Testing

@testable import ControlAPI

@Suite("Lists in parts")
struct PagingTests {
    @Test("Walking by cursor shows everything once in the order of creation, whatever is created and deleted meanwhile")
    func walk() async throws {
        try await APIHarness.run { api in
            let list = try await api.client.create("/dlmas")
            var created: [String] = []
            for index in 0..<23 {
                created.append(try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)","name":"\#(index)"}"#))
            }
            var seen: [String] = []
            var cursor: String?
            repeat {
                let tail = cursor.map { "&cursor=\($0)" } ?? ""
                let page = try await api.client(.get, "/dls?dlma_uuid=\(list)&limit=5\(tail)")
                #expect(page.status == 200)
                #expect(page.list.count <= 5)
                seen += page.list.compactMap { $0["uuid"]?.stringValue }
                cursor = page.nextCursor
                if seen.count == 10 {
                    created.append(try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)"}"#))
                    _ = try await api.client(.delete, "/dls/\(created[3])")
                }
            } while cursor != nil
            #expect(seen == created)
        }
    }

    @Test("A plain call answers as jade's: everything, and no next_cursor", arguments: ["/plans", "/ob/destinations"])
    func plain(path: String) async throws {
        try await APIHarness.run { api in
            for _ in 0..<3 { _ = try await api.client.create(path) }
            let all = try await api.client(.get, path)
            #expect(all.list.count == 3)
            #expect(all.resultKeys == ["list"])
            let first = try await api.client(.get, "\(path)?limit=2")
            #expect(first.resultKeys == ["list", "next_cursor"])
            let rest = try await api.client(.get, "\(path)?limit=2&cursor=\(try #require(first.nextCursor))")
            #expect(rest.list.count == 1)
            #expect(rest.resultKeys == ["list"])
            #expect(first.list + rest.list == all.list)
        }
    }

    @Test("More than the bound comes in parts, and count is jade's name for limit, cut to the bound")
    func bound() async throws {
        try await APIHarness.run(configure: { $0.maximumListItems = 4 }) { api in
            let list = try await api.client.create("/dlmas")
            for _ in 0..<6 { _ = try await api.client.create("/dls", #"{"dlma_uuid":"\#(list)"}"#) }
            let plain = try await api.client(.get, "/dls?dlma_uuid=\(list)")
            #expect(plain.list.count == 4)
            #expect(plain.nextCursor != nil)
            let counted = try await api.client(.get, "/dls?dlma_uuid=\(list)&count=2")
            #expect(counted.list.count == 2)
            let much = try await api.client(.get, "/dls?dlma_uuid=\(list)&count=100000")
            #expect(much.list.count == 4)
            #expect(try await api.client(.get, "/dls?dlma_uuid=\(list)&limit=5").status == 400)
        }
    }

    @Test("An unknown list has no contacts, and an empty list is []")
    func empty() async throws {
        try await APIHarness.run { api in
            let answer = try await api.client(.get, "/dls?dlma_uuid=50fd1e1f-920b-477a-b84c-afe58928dadc")
            #expect(answer.status == 200)
            #expect(answer.text.hasSuffix(#""result":{"list":[]}}"#))
        }
    }
}
