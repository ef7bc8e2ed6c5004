import DialerModel
import Testing

import struct Foundation.UUID

@Suite struct UUIDWireTests {
    @Test("both cases are read, lower case is written")
    func readAndWrite() throws {
        let uuid = try #require(UUID(wire: "50FD1E1F-920b-477A-b84c-AFE58928DADC"))
        #expect(uuid.wire == "50fd1e1f-920b-477a-b84c-afe58928dadc")
        #expect(uuid == UUID(uuidString: "50fd1e1f-920b-477a-b84c-afe58928dadc"))
    }

    @Test("any uuid survives the wire")
    func roundTrip() {
        for _ in 0..<1000 {
            let uuid = UUID()
            #expect(UUID(wire: uuid.wire) == uuid)
            #expect(uuid.wire == uuid.uuidString.lowercased())
        }
    }

    @Test(
        "everything else is refused",
        arguments: [
            "", "50fd1e1f-920b-477a-b84c-afe58928dad", "50fd1e1f-920b-477a-b84c-afe58928dadc0",
            "50fd1e1f920b477ab84cafe58928dadc", "{50fd1e1f-920b-477a-b84c-afe58928dadc}",
            "50fd1e1g-920b-477a-b84c-afe58928dadc",
            "50fd1e1f-920b-477a-b84c_afe58928dadc", "50fd1e1-f920b-477a-b84c-afe58928dadc",
            "50fd1e1f-920b-477a-b84c-afe58928dad\0",
        ]
    )
    func refused(text: String) {
        #expect(UUID(wire: text) == nil)
    }
}
