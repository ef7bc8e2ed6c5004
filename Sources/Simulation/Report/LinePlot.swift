/// A plot of lines over a common axis, as SVG.
package struct LinePlot: Sendable, Hashable {
    /// One line.
    package struct Series: Sendable, Hashable {
        package var name: String
        package var points: [Point]
        /// Points are marked, not only joined.
        package var isMarked: Bool

        package init(name: String, points: [Point], isMarked: Bool = false) {
            self.name = name
            self.points = points
            self.isMarked = isMarked
        }
    }

    package struct Point: Sendable, Hashable {
        package var x: Double
        package var y: Double

        package init(x: Double, y: Double) {
            self.x = x
            self.y = y
        }
    }

    package var title: String
    package var xLabel: String
    package var yLabel: String
    package var series: [Series]
    /// A horizontal line, such as a limit.
    package var limit: Double?

    package init(title: String, xLabel: String, yLabel: String, series: [Series], limit: Double? = nil) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
        self.limit = limit
    }

    static let width = 760.0
    static let height = 300.0
    private static let left = 60.0
    private static let right = 180.0
    private static let top = 36.0
    private static let bottom = 46.0
    /// Told apart by people who see few colours, too (Okabe and Ito's set).
    private static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"]

    /// The plot as a group of elements, moved down by `offset`.
    func elements(offset: Double) -> String {
        let (x, y) = (self.axis(\.x, including: []), self.axis(\.y, including: [0] + (self.limit.map { [$0] } ?? [])))
        func place(_ point: Point) -> (Double, Double) {
            let across = Self.width - Self.left - Self.right
            let up = Self.height - Self.top - Self.bottom
            return (
                Self.left + (point.x - x.low) / (x.high - x.low) * across,
                Self.height - Self.bottom - (point.y - y.low) / (y.high - y.low) * up
            )
        }
        var lines = ["<g transform=\"translate(0 \(Self.text(offset)))\">"]
        lines.append(Self.label(self.title, x: Self.left, y: 20, weight: "bold"))
        for tick in y.ticks {
            let (left, height) = place(Point(x: x.low, y: tick))
            let right = Self.width - Self.right
            lines.append(Self.line(left, height, right, height, colour: "#dddddd"))
            lines.append(Self.label(Self.tick(tick), x: left - 6, y: height + 4, anchor: "end"))
        }
        for tick in x.ticks {
            let (across, bottom) = place(Point(x: tick, y: y.low))
            lines.append(Self.line(across, bottom, across, bottom + 4, colour: "#444444"))
            lines.append(Self.label(Self.tick(tick), x: across, y: bottom + 17, anchor: "middle"))
        }
        lines.append(Self.label(self.xLabel, x: Self.left, y: Self.height - 8))
        lines.append(Self.label(self.yLabel, x: Self.width - Self.right + 14, y: Self.top - 8))
        if let limit = self.limit {
            let (left, height) = place(Point(x: x.low, y: limit))
            lines.append(Self.line(left, height, Self.width - Self.right, height, colour: "#cc0000", dash: true))
        }
        for (index, one) in self.series.enumerated() {
            let colour = Self.colours[index % Self.colours.count]
            let points = one.points.map(place)
            let path = points.map { "\(Self.text($0.0)),\(Self.text($0.1))" }.joined(separator: " ")
            lines.append("<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.6\" points=\"\(path)\"/>")
            if one.isMarked {
                for point in points {
                    lines.append(
                        "<circle cx=\"\(Self.text(point.0))\" cy=\"\(Self.text(point.1))\" r=\"3\" fill=\"\(colour)\"/>"
                    )
                }
            }
            let height = Self.top + 14 + Double(index) * 18
            let right = Self.width - Self.right + 14
            lines.append(Self.line(right, height - 4, right + 18, height - 4, colour: colour))
            lines.append(Self.label(one.name, x: right + 24, y: height))
        }
        lines.append("</g>")
        return lines.joined(separator: "\n")
    }

    /// Several plots, one below the other, as one SVG document.
    package static func document(_ plots: [LinePlot]) -> String {
        let height = Double(plots.count) * Self.height
        let body = plots.enumerated().map { $1.elements(offset: Double($0) * Self.height) }.joined(separator: "\n")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Self.text(Self.width)) \(Self.text(height))" \
            font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#ffffff"/>
            \(body)
            </svg>

            """
    }

    // MARK: Axes

    private struct Axis {
        var low: Double
        var high: Double
        var ticks: [Double]
    }

    private func axis(_ member: KeyPath<Point, Double>, including more: [Double]) -> Axis {
        let values = self.series.flatMap { $0.points.map { $0[keyPath: member] } } + more
        var (low, high) = (values.min() ?? 0, values.max() ?? 1)
        if high - low < 1e-9 { (low, high) = (low - 0.5, high + 0.5) }
        let step = Self.step(for: (high - low) / 6)
        low = (low / step).rounded(.down) * step
        high = (high / step).rounded(.up) * step
        let count = Int(((high - low) / step).rounded())
        return Axis(low: low, high: high, ticks: (0...count).map { low + Double($0) * step })
    }

    /// The next of 1, 2, 5, 10, 20… times a power of ten.
    private static func step(for least: Double) -> Double {
        var power = 1.0
        while power > least { power /= 10 }
        while power * 10 <= least { power *= 10 }
        return [1.0, 2, 5].map { $0 * power }.first { $0 >= least } ?? power * 10
    }

    // MARK: Elements

    private static func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, colour: String, dash: Bool = false
    ) -> String {
        let dashes = dash ? " stroke-dasharray=\"6 4\"" : ""
        return "<line x1=\"\(self.text(x1))\" y1=\"\(self.text(y1))\" x2=\"\(self.text(x2))\" y2=\"\(self.text(y2))\" "
            + "stroke=\"\(colour)\"\(dashes)/>"
    }

    private static func label(
        _ text: String, x: Double, y: Double, anchor: String = "start", weight: String = "normal"
    ) -> String {
        "<text x=\"\(self.text(x))\" y=\"\(self.text(y))\" text-anchor=\"\(anchor)\" font-weight=\"\(weight)\">"
            + self.escaped(text) + "</text>"
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case _ where character.value < 0x20 && character != "\t": result += " "
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    private static func text(_ value: Double) -> String { Comparison.text(value, 1) }

    private static func tick(_ value: Double) -> String {
        value == value.rounded() ? Comparison.text(value, 0) : Comparison.text(value, 2)
    }
}
