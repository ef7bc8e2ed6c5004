import AsteriskManager
import Telephony

/// The dialplan of `config/outpace-dialplan.conf`, as far as a server has it.
///
/// A call whose destination is an application has no dialplan of its own, and Asterisk drops it when it is sent elsewhere. So the file
/// has an extension for each application that may be wanted, which runs it with the data of a channel variable. Which applications
/// those are is the operator's word: no value that goes through a variable can name another one, and Asterisk substitutes variables
/// once only, so data is taken as it is.
struct MoveDialplan: Sendable, Hashable {
    /// The context of the file's extensions.
    static let context = "outpace"
    /// The channel variable with the application's data.
    static let dataVariable = "OUTPACE_DATA"
    /// What an operator has to do.
    static let remedy =
        "include config/outpace-dialplan.conf in Asterisk's extensions.conf, with a line for the application, and reload the dialplan"

    /// Names of applications in lower case, each the name of its extension.
    private var applications: Set<String> = []

    /// Whether the server has none of it.
    var isEmpty: Bool { self.applications.isEmpty }

    /// Takes one `ListDialplan` item in: the first step of an extension, which decides what that runs.
    mutating func take(_ item: AMIMessage) {
        guard item["Context"] == Self.context, item.value("Priority", equals: "1"),
            item["AppData"] == "${\(Self.dataVariable)}", let exten = item["Extension"],
            item["Application"]?.lowercased() == exten
        else { return }
        self.applications.insert(exten)
    }

    /// The extension that runs an application; `nil` when the server has none.
    func exten(running application: String) -> String? {
        let name = application.lowercased()
        return self.applications.contains(name) ? name : nil
    }

    /// The extension an order has to be placed at so that its call can be sent elsewhere later; `nil` when it is to be placed as it says.
    func exten(for order: DialOrder) -> String? {
        guard order.mayMove, case .application(let name, _) = order.target else { return nil }
        return self.exten(running: name)
    }

    /// Whether a call placed by this order could be sent elsewhere.
    func holds(_ order: DialOrder) -> Bool {
        switch order.target {
        case .extension: true
        case .application: self.exten(for: order) != nil
        }
    }
}
