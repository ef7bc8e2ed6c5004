/// One value for each of a contact's eight numbers. `slots[1]` is the value of `number_1`.
package struct NumberSlots<Value: Sendable & Hashable>: Sendable, Hashable {
    /// The wire indexes: 1…8.
    package static var indexes: ClosedRange<Int> { 1...8 }

    private var values: [Value]

    package init(repeating value: Value) {
        self.values = Array(repeating: value, count: 8)
    }

    /// - Precondition: `index` lies in 1…8.
    package subscript(index: Int) -> Value {
        get { self.values[index - 1] }
        set { self.values[index - 1] = newValue }
    }
}
