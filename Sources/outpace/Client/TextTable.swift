/// Rows of text in columns wide enough for their longest cell.
struct TextTable {
    var header: [String]
    var rows: [[String]]

    var text: String {
        let lines = [self.header] + self.rows
        let widths = self.header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = zip(line, widths).map { cell, width in cell + String(repeating: " ", count: width - cell.count)
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
        .joined(separator: "\n")
    }
}
