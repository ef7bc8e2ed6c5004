/// The actions the floor understands, by their lower-case names.
enum ActionName: String {
    case login, challenge, logoff, ping, events, filter, originate, hangup, redirect, setvar, getvar
    case coreStatus = "corestatus"
    case coreSettings = "coresettings"
    case coreShowChannels = "coreshowchannels"
    case showDialPlan = "showdialplan"
    case queueStatus = "queuestatus"
    case queueSummary = "queuesummary"
    case queuePause = "queuepause"
    case queueAdd = "queueadd"
    case queueRemove = "queueremove"
    /// The floor's own: its totals as headers.
    case floorStats = "floorstats"

    /// The write classes of which a user needs one; empty for actions open to every user.
    var classes: AMIClasses {
        switch self {
        case .login, .challenge, .logoff, .ping, .events, .queueStatus, .queueSummary, .floorStats: []
        case .filter: .system
        case .coreStatus, .coreSettings, .coreShowChannels: [.system, .reporting]
        case .originate: .originate
        case .hangup: [.system, .call]
        case .redirect, .setvar, .getvar: .call
        case .showDialPlan: [.config, .reporting]
        case .queuePause, .queueAdd, .queueRemove: .agent
        }
    }
}
