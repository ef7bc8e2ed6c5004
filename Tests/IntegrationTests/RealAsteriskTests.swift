import Testing

/// Everything that runs a whole service beside a real Asterisk: one at a time, because each is several programs and the machine has
/// two cores.
@Suite("On a real Asterisk", .serialized)
struct RealAsteriskTests {}
