import DialerModel

/// Comparing answers whose uuids and times differ from run to run.
enum Wire {
    /// The text with every uuid as `U`, every table name made of one as `V` and every time as `T`.
    static func normalized(_ text: String) -> String {
        text
            .replacing(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/, with: "U")
            .replacing(/[0-9a-f]{8}_[0-9a-f]{4}_[0-9a-f]{4}_[0-9a-f]{4}_[0-9a-f]{12}/, with: "V")
            .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{9}Z/, with: "T")
    }
}
