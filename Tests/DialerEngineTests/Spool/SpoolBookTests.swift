import DialerModel
import DialerStore
import Testing

import struct Foundation.UUID

@testable import DialerEngine

@Suite("What belongs into the spool")
struct SpoolBookTests {
    private func finished(_ second: Int) -> FinishedDialing {
        let result = DialingResult(
            dialing: UUID(), status: .hangup, endedAt: Timestamp(microseconds: Int64(second) * 1_000_000))
        return FinishedDialing(campaign: UUID(), dlma: UUID(), result: result, line: [])
    }

    private func expect(
        _ work: SpoolBook.Work?, next book: inout SpoolBook, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let next = book.next()
        #expect(next == work, sourceLocation: sourceLocation)
    }

    private func commit(
        _ dialings: [UUID], refused: Int, in book: inout SpoolBook, drains: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let isDrained = book.committed(dialings, refused: refused)
        #expect(isDrained == drains, sourceLocation: sourceLocation)
    }

    @Test("after an outage the table is as large as what it holds")
    func room() {
        var book = SpoolBook(recordLimit: 100_000)
        let finished = (0..<20_000).map(self.finished)
        for result in finished { book.took(result) }
        #expect(book.room >= 20_000)
        self.commit(finished.dropLast(10).map(\.dialing), refused: 0, in: &book, drains: false)
        #expect(book.room <= 1024)
        #expect(book.room >= 512)
        for result in finished.suffix(10) { #expect(book.result(of: result.dialing) == result) }
        #expect(book.count == 10)
        #expect(book.result(of: finished[0].dialing) == nil)
    }

    @Test("as long as the database takes everything there is nothing to do")
    func idle() {
        var book = SpoolBook(recordLimit: 10)
        for second in 0..<100 {
            let finished = self.finished(second)
            book.took(finished)
            self.expect(nil, next: &book)
            #expect(book.holds(finished.dialing))
            self.commit([finished.dialing], refused: 0, in: &book, drains: false)
            self.expect(nil, next: &book)
        }
        #expect(book.count == 0)
    }

    @Test("from the beginning on everything goes to the disk once, and the file goes when all is committed")
    func fromBeginningToEnd() {
        var book = SpoolBook(recordLimit: 10)
        let all = (0..<4).map(self.finished)
        book.took(all[1])
        book.took(all[0])
        let isNew = book.begin()
        let isNewAgain = book.begin()
        #expect(isNew)
        #expect(!isNewAgain)
        self.expect(.append([all[0], all[1]]), next: &book)
        self.expect(nil, next: &book)
        book.took(all[2])
        book.done(.append([all[0], all[1]]))
        #expect(!book.isAllOnDisk)
        self.expect(.append([all[2]]), next: &book)
        book.done(.append([all[2]]))
        #expect(book.isAllOnDisk)
        self.commit([all[0].dialing, all[1].dialing], refused: 0, in: &book, drains: false)
        self.expect(nil, next: &book)
        self.commit([all[2].dialing], refused: 0, in: &book, drains: true)
        self.expect(.rewrite([]), next: &book)
        book.done(.rewrite([]))
        self.expect(nil, next: &book)
        book.took(all[3])
        self.expect(nil, next: &book)
    }

    @Test("what the disk refused is put there later, with what came meanwhile, but for what was committed")
    func diskFails() {
        var book = SpoolBook(recordLimit: 10)
        let all = (0..<3).map(self.finished)
        _ = book.begin()
        book.took(all[0])
        book.took(all[1])
        let work = book.next()
        #expect(work == .append([all[0], all[1]]))
        book.took(all[2])
        book.failed(.append([all[0], all[1]]))
        self.commit([all[0].dialing], refused: 0, in: &book, drains: false)
        self.expect(.append([all[1], all[2]]), next: &book)
    }

    @Test("the refused ones stay in the file, and nothing else")
    func refused() {
        var book = SpoolBook(recordLimit: 10)
        let all = (0..<3).map(self.finished)
        _ = book.begin()
        for finished in all { book.took(finished) }
        self.expect(.append(all), next: &book)
        book.done(.append(all))
        self.commit([all[0].dialing, all[2].dialing], refused: 1, in: &book, drains: true)
        self.expect(.rewrite([all[1]]), next: &book)
        book.done(.rewrite([all[1]]))
        self.expect(nil, next: &book)
        #expect(book.isAllOnDisk)
        #expect(book.countOnDisk == 1)

        var next = SpoolBook(recordLimit: 10)
        next.adopt([all[1]])
        #expect(next.holds(all[1].dialing))
        self.expect(nil, next: &next)
    }

    @Test("what a former process left and the database now takes at the first try leaves the file, and the file goes")
    func leftBehind() {
        let all = (0..<2).map(self.finished)
        var book = SpoolBook(recordLimit: 100)
        for finished in all { book.adopt([finished]) }
        self.expect(nil, next: &book)
        self.commit([all[0].dialing], refused: 1, in: &book, drains: true)
        self.expect(.rewrite([all[1]]), next: &book)
        book.done(.rewrite([all[1]]))
        self.commit([all[1].dialing], refused: 0, in: &book, drains: true)
        self.expect(.rewrite([]), next: &book)
        book.done(.rewrite([]))
        self.expect(nil, next: &book)
    }

    @Test("while it is never drained, the file stays within twice the limit")
    func bounded() {
        let limit = 50
        var book = SpoolBook(recordLimit: limit)
        _ = book.begin()
        var open: [FinishedDialing] = []
        var records = 0
        for second in 0..<2_000 {
            let finished = self.finished(second)
            open.append(finished)
            book.took(finished)
            while let work = book.next() {
                switch work {
                case .append(let batch): records += batch.count
                case .rewrite(let batch): records = batch.count
                }
                book.done(work)
            }
            if open.count == limit { _ = book.committed([open.removeFirst().dialing], refused: 0) }
            #expect(records <= 2 * limit + 1)
        }
        #expect(book.isAllOnDisk)
    }
}
