import CFuzzer
import ListImport

/// Any bytes as a CSV file: nothing traps, every limit holds, and the pieces they come in change nothing.
@main
struct ListRows {
    static func main() {
        var count = CommandLine.argc
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        _ = LLVMFuzzerRunDriver(&count, &words) { data, size in
            let bytes = Array(UnsafeBufferPointer(start: data, count: size))
            // The first two bytes say how the rest is cut and what separates the fields.
            guard bytes.count > 2 else { return 0 }
            let file = Array(bytes[2...])
            let delimiter: UInt8? = [nil, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|")][Int(bytes[1]) % 4]
            let whole = ListRows.rows(file, piece: max(1, file.count), delimiter: delimiter)
            let pieces = ListRows.rows(file, piece: Int(bytes[0]) % 16 + 1, delimiter: delimiter)
            precondition(whole == pieces)
            return 0
        }
    }

    /// Everything that was read, as text; nil when the file as a whole cannot be.
    private static func rows(_ file: [UInt8], piece: Int, delimiter: UInt8?) -> [String]? {
        var limits = ReadingLimits()
        limits.fieldBytes = 64
        limits.recordBytes = 256
        limits.columns = 8
        var reader = CSVReader(delimiter: delimiter, limits: limits)
        var batch = RecordBatch()
        var place = 0
        do throws(FileProblem) {
            while place < file.count {
                let end = min(place + piece, file.count)
                try reader.push(Array(file[place..<end]), into: &batch)
                place = end
            }
            try reader.finish(into: &batch)
        } catch {
            return nil
        }
        let records = batch.records.map { record in
            precondition(record.fieldCount <= limits.columns)
            let fields = (0..<record.fieldCount).map { index in
                precondition(batch.field(index, of: record).count <= limits.fieldBytes)
                return batch.text(index, of: record)
            }
            return "\(record.line) \(fields) \(batch.excerpt(of: record))"
        }
        return records + batch.problems.map { "\($0)" }
    }
}
