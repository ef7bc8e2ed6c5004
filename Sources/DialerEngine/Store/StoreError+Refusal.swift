import DialerStore

extension StoreError {
    /// Whether the database understood and said no: trying the same again at once cannot help.
    var isRefusal: Bool {
        switch self {
        case .unavailable: false
        default: true
        }
    }
}
