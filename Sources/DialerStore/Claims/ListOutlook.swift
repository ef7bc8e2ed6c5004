import DialerModel

/// What the lists of a campaign still hold for a plan.
package struct ListOutlook: Sendable, Hashable {
    /// Whether anyone can still be dialed, now or later, or is being dialed or reserved. False means the list's end: none of several has anyone.
    package var hasOpenContacts: Bool
    /// When the next contact may be dialed; lies in the past when one may be dialed already, nil when none waits.
    package var nextDue: Timestamp?

    package init(hasOpenContacts: Bool, nextDue: Timestamp?) {
        self.hasOpenContacts = hasOpenContacts
        self.nextDue = nextDue
    }
}
