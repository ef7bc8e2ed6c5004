import struct Foundation.Data
import class Foundation.JSONDecoder
import class Foundation.JSONEncoder
import struct Foundation.UUID

/// One text between engines, as JSON.
struct EngineLetter: Sendable, Hashable, Codable {
    enum Content: Sendable, Hashable, Codable {
        case order(EngineOrder)
        case reply(EngineReply)
    }

    /// The same in an order and its reply.
    var id = UUID()
    var sender: UUID
    var content: Content

    init(id: UUID = UUID(), sender: UUID, _ content: Content) {
        (self.id, self.sender, self.content) = (id, sender, content)
    }

    /// - Returns: nil for anything else, as another version may send it.
    init?(text: String) {
        guard let letter = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) else { return nil }
        self = letter
    }

    var text: String {
        get throws { String(decoding: try JSONEncoder().encode(self), as: UTF8.self) }
    }
}
