import DialerModel
import Testing

@Suite struct ResultTextTests {
    @Test(
        "dial results have the words clients know",
        arguments: [
            (1, "Other end has hungup"), (3, "Remote end is ringing"), (4, "Remote end has answered"),
            (5, "Remote end is busy"),
            (8, "Congestion (circuits busy)"),
        ]
    )
    func dialResults(result: Int, text: String) {
        #expect(DialResultText.text(for: result) == text)
    }

    @Test("the table is complete and ends where it ends")
    func completeness() {
        for result in Array(0...34) + Array(1000...1004) + Array(1100...1103) {
            #expect(DialResultText.text(for: result) != nil)
        }
        for result in [-1, 35, 999, 1005, 1104] { #expect(DialResultText.text(for: result) == nil) }
        let causes =
            [0, 1, 2, 3, 5, 6, 7, 8, 14] + Array(16...23) + Array(26...31) + [
                34, 38, 41, 42, 43, 44, 50, 52, 54, 57, 58, 65,
            ]
            + [66, 69, 81, 88] + Array(95...103) + [111, 127]
        for cause in causes { #expect(HangupCause(rawValue: cause).text != nil, "\(cause)") }
        for cause in [-1, 4, 15, 128] { #expect(HangupCause(rawValue: cause).text == nil) }
        #expect(HangupCause.normalClearing.text == "Normal Clearing")
        #expect(HangupCause.userBusy.text == "User busy")
    }
}
