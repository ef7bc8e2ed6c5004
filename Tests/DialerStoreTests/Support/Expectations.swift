import DialerModel
import DialerStore
import Testing

/// Runs `work` and returns the store's error; records an issue when there is none.
func storeError(
    sourceLocation: SourceLocation = #_sourceLocation,
    _ work: () async throws(StoreError) -> Void
) async -> StoreError? {
    do throws(StoreError) {
        try await work()
        Issue.record("expected an error", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}

extension StoreError {
    /// The field of an `.invalid`.
    var invalidField: String? {
        if case .invalid(let error) = self { error.field } else { nil }
    }

    var isInvalid: Bool {
        if case .invalid = self { true } else { false }
    }
}
