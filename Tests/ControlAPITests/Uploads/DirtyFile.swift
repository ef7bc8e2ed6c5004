import Testing

/// A file as they come, and what is to become of it. The list's region is Germany.
struct DirtyFile: Sendable, CustomTestStringConvertible {
    /// Its name in the folder.
    var name: String
    var bytes: @Sendable () -> [UInt8]
    /// Numbers of the contacts in their order, as they will be dialed.
    var numbers: [String]
    /// `LINE: FIELD: REASON`, as far as it is told here; one for each row that is refused.
    var rejects: [String]
    /// What the whole file is refused for; nil when its good rows are loaded.
    var problem: String?

    var testDescription: String { self.name }

    init(
        _ name: String, _ text: String, numbers: [String] = [], rejects: [String] = [],
        problem: String? = nil
    ) {
        self.init(name, bytes: { Array(text.utf8) }, numbers: numbers, rejects: rejects, problem: problem)
    }

    init(
        _ name: String, bytes: @escaping @Sendable () -> [UInt8], numbers: [String] = [], rejects: [String] = [],
        problem: String? = nil
    ) {
        self.name = name
        self.bytes = bytes
        self.numbers = numbers
        self.rejects = rejects
        self.problem = problem
    }

    static let all = Self.encodings + Self.separators + Self.quotes + Self.sizes + Self.cells + Self.numberFormats

    private static let encodings = [
        DirtyFile("utf8.csv", "Name,Phone\nMüller 漢字,030 901820\n", numbers: ["+4930901820"]),
        DirtyFile("bom.csv", "\u{FEFF}Phone,Name\n030 901820,x\n", numbers: ["+4930901820"]),
        DirtyFile(
            "latin1.csv",
            bytes: { Array("Name,Phone\nM".utf8) + [0xFC] + Array("ller,030 901820\nA,030 901821\n".utf8) },
            numbers: ["+4930901821"], rejects: ["2: name: the text is not UTF-8; save the file as UTF-8"]),
        DirtyFile(
            "utf16.csv",
            bytes: { [0xFF, 0xFE] + "Phone\n030901820\n".utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] } },
            problem: "UTF-16"),
        DirtyFile(
            "nul.csv", "Phone,Name\n030 901820,a\u{0}b\n030 901821,b\n", numbers: ["+4930901821"],
            rejects: ["2: the row holds a NUL character"]),
        DirtyFile("mac.csv", "Phone,Name\r030 901820,a\r030 901821,b\r", numbers: ["+4930901820", "+4930901821"]),
        DirtyFile(
            "dos.csv", "Phone,Name\r\n030 901820,a\r\n\r\n030 901821,b", numbers: ["+4930901820", "+4930901821"]),
        DirtyFile("empty.csv", "", problem: "empty"),
        DirtyFile("blank.csv", "\n\n\n", problem: "the file is empty"),
    ]

    private static let separators = [
        DirtyFile("semicolon.csv", "Name;Phone\n\"A; B\";030 901820\n", numbers: ["+4930901820"]),
        DirtyFile("tab.tsv", "Name\tPhone\nA, B\t030 901820\n", numbers: ["+4930901820"]),
        DirtyFile(
            "mixed.csv", "Name,Phone,Note\nA,030 901820,x;y;z\nB,030 901821,a,b\n", numbers: ["+4930901820"],
            rejects: ["3: the row has 4 fields, the header line 3"]),
        DirtyFile("no-number.csv", "Name,Town\nA,Bonn\n", problem: "no column holds a number"),
        DirtyFile("twice.csv", "Phone,Phone\n1,2\n", problem: "two columns are number_1"),
    ]

    private static let quotes = [
        DirtyFile(
            "breaks.csv", "Name,Phone\n\"two\r\nlines\",030 901820\nx,030 901821\n",
            numbers: ["+4930901820", "+4930901821"]),
        DirtyFile(
            "behind.csv", "Name,Phone\n\"a\"b,030 901820\nx,030 901821\n", numbers: ["+4930901821"],
            rejects: ["2: text follows the closing quote of a field"]),
        DirtyFile("inside.csv", "Name,Phone\n5\" nails,030 901820\n", numbers: ["+4930901820"]),
        DirtyFile("doubled.csv", "Name,Phone\n\"5\"\" nails\",030 901820\n", numbers: ["+4930901820"]),
        DirtyFile(
            "open.csv", "Name,Phone\nx,030 901821\n\"never closed,030 901820\n", numbers: ["+4930901821"],
            rejects: ["3: "]),
    ]

    private static let sizes = [
        DirtyFile(
            "long-line.csv",
            bytes: {
                Array("Name,Phone\nx,030 901820\n".utf8) + [UInt8](repeating: UInt8(ascii: "y"), count: 100_000_000)
                    + Array("\nz,030 901821\n".utf8)
            }, numbers: ["+4930901820", "+4930901821"], rejects: ["3: "]),
        DirtyFile(
            "long-quote.csv",
            bytes: {
                Array("Name,Phone\nx,030 901820\n\"".utf8) + [UInt8](repeating: 0x0A, count: 3_000_000)
                    + Array("\"\n".utf8)
            }, numbers: ["+4930901820"], rejects: ["3: ", ""]),
        DirtyFile(
            "wide.csv", "Phone," + (2...2_000).map { "c\($0)" }.joined(separator: ",") + "\n030 901820\n",
            problem: "256"),
        DirtyFile(
            "wide-row.csv",
            "Phone,Name\n030 901820,a\n030 901821" + String(repeating: ",x", count: 2_000) + "\n030 901822,b\n",
            numbers: ["+4930901820", "+4930901822"], rejects: ["3: "]),
        DirtyFile(
            "long-name.csv", "Phone,Name\n030 901820,\(String(repeating: "n", count: 256))\n",
            rejects: ["2: name: expected at most 255 characters, got 256"]),
    ]

    private static let cells = [
        DirtyFile(
            "formulas.csv",
            "Phone,Name,Note\n\"=\"\"030 901820\"\"\",=1+1,@SUM(A1)\n'030 901821,-2,+3\n=HYPERLINK(1),x,y\n",
            numbers: ["+4930901820", "+4930901821"], rejects: ["4: number_1: "]),
        DirtyFile("spaces.csv", " Phone , Name \n  030 901820  ,  a  \n", numbers: ["+4930901820"]),
        DirtyFile("no-break-space.csv", "Phone\n030\u{A0}901820\n", numbers: ["+4930901820"]),
        DirtyFile(
            "injection.csv", "Phone,Name\n030 901820,'); DROP TABLE dial_list_entry; --\n", numbers: ["+4930901820"]),
        DirtyFile(
            "ami.csv", "Phone,Name\n\"030 901820\r\nAction: Hangup\",x\n", rejects: ["2: number_1: "]),
        DirtyFile(
            "variable.csv", "Phone,Extra\n030 901820,\"a\nb\"\n",
            rejects: ["2: Extra: a variable's value may not hold line breaks or other control characters"]),
        DirtyFile("copy.csv", "Phone,Name\n030 901820,\\.\n030 901821,\\N\n", numbers: ["+4930901820", "+4930901821"]),
    ]

    private static let numberFormats = [
        DirtyFile(
            "numbers.csv",
            """
            Phone
            +49 30 901820
            0049 30 901820
            030/901820
            (030) 90 18 20
            +49 (0)30 901820
            tel:+49-30-901820
            49-30-901820
            0171-1234567
            +1 (212) 555-2368
            4.93012E+11
            110
            0900 1234567
            12
            phone
            +

            """,
            numbers: [
                "+4930901820", "+4930901820", "+4930901820", "+4930901820", "+4930901820", "+4930901820", "+4930901820",
                "+491711234567", "+12125552368",
            ],
            rejects: [
                "11: number_1: ", "12: number_1: ", "13: number_1: ", "14: number_1: ", "15: number_1: ",
                "16: number_1: ",
            ])
    ]
}
