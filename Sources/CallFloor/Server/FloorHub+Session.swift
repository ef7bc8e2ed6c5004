import NIOCore

extension FloorHub {
    func challenge(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard action["AuthType"]?.lowercased() == "md5" else {
            session.respond("Error", id: id, message: "Must specify AuthType")
            return
        }
        let challenge = self.makeChallenge()
        if session.login != .done { session.askedForChallenge(challenge) }
        session.beginResponse("Success", id: id)
        session.out.header("Challenge: ", challenge)
        session.endMessage()
    }

    func logIn(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard self.mayLogIn(action, session: session) else {
            // Which of the two was wrong isn't told.
            session.refuse(actionID: id)
            return
        }
        session.accept(eventMask: action["Events"].map { AMIClasses(list: $0) } ?? .all)
        self.authenticated()
        session.respond("Success", id: id, message: "Authentication accepted")
        guard session.hearsSystem else { return }
        let uptime = self.world.now.wholeSeconds
        session.out.writeStaticString("Event: FullyBooted\r\nPrivilege: system,all\r\n")
        session.out.header("Uptime: ", uptime)
        session.out.header("LastReload: ", uptime)
        session.out.header("Status: ", "Fully Booted" as StaticString)
        session.endMessage()
    }

    private func mayLogIn(_ action: ReceivedAction, session: FloorSession) -> Bool {
        guard action["Username"] == self.configuration.username else { return false }
        guard action["AuthType"]?.lowercased() == "md5" else { return action["Secret"] == self.configuration.secret }
        guard case .open(let challenge?) = session.login, let key = action["Key"] else { return false }
        return key.lowercased() == MD5.hexadecimal(of: challenge + self.configuration.secret)
    }

    func logOff(id: String?, session: FloorSession) {
        session.respond("Goodbye", id: id, message: "Thanks for all the fish.")
        session.closeAfterFlush()
    }

    func ping(id: String?, session: FloorSession) {
        session.beginResponse("Success", id: id)
        session.out.writeStaticString("Ping: Pong\r\nTimestamp: ")
        let microseconds = Int(self.wallTime * 1e6)
        session.out.writeDecimal(microseconds / 1_000_000)
        session.out.writeStaticString(".")
        session.out.writeDecimal(microseconds % 1_000_000, width: 6)
        session.out.writeStaticString("\r\n")
        session.endMessage()
    }

    func setEvents(_ action: ReceivedAction, id: String?, session: FloorSession) {
        let mask = AMIClasses(list: action["EventMask"] ?? "on")
        session.setEventMask(mask)
        session.beginResponse("Success", id: id)
        session.out.header("Events: ", mask.isEmpty ? "Off" as StaticString : "On")
        session.endMessage()
    }

    func addFilter(_ action: ReceivedAction, id: String?, session: FloorSession) {
        guard action["Operation"]?.lowercased() == "add" else {
            session.respond("Error", id: id, message: "Unknown operation")
            return
        }
        let isGood = session.changeFilters { filters in
            if let criteria = action["MatchCriteria"], !criteria.isEmpty {
                return filters.add(criteria: criteria, value: action["Filter"] ?? "")
            }
            guard let expression = action["Filter"], !expression.isEmpty else { return false }
            return filters.add(expression: expression)
        }
        session.respond(isGood ? "Success" : "Error", id: id, message: isGood ? "Success" : "Filter format error")
    }

    func coreStatus(id: String?, session: FloorSession) {
        let (date, time) = Self.dateAndTime(Int(self.epoch))
        let statistics = self.world.currentStatistics
        session.beginResponse("Success", id: id)
        session.out.header("CoreStartupDate: ", date)
        session.out.header("CoreStartupTime: ", time)
        session.out.header("CoreReloadDate: ", date)
        session.out.header("CoreReloadTime: ", time)
        session.out.header("CoreCurrentCalls: ", statistics.callsNow)
        session.out.header("CoreProcessedCalls: ", statistics.originates)
        session.endMessage()
    }

    func coreSettings(id: String?, session: FloorSession) {
        session.beginResponse("Success", id: id)
        session.out.writeStaticString(
            """
            AMIversion: 11.0.0\r\nAsteriskVersion: 22.10.1\r\nSystemName: \r\nCoreMaxCalls: 0\r\n\
            CoreMaxLoadAvg: 0.000000\r\nCoreRunUser: \r\nCoreRunGroup: \r\nCoreMaxFilehandles: 100000\r\n\
            CoreRealTimeEnabled: No\r\nCoreCDRenabled: Yes\r\nCoreHTTPenabled: No\r\nSoundsSearchCustomDir: No\r\n
            """
        )
        session.endMessage()
    }

    /// Ours: the floor's own totals, so a demo or a bench can show them beside the dialer's.
    func floorStats(id: String?, session: FloorSession) {
        let statistics = self.world.currentStatistics
        session.beginResponse("Success", id: id)
        session.out.header("Originates: ", statistics.originates)
        session.out.header("Clashes: ", statistics.clashes)
        session.out.header("Answered: ", statistics.answered)
        session.out.header("Live: ", statistics.live)
        session.out.header("Machines: ", statistics.machines)
        session.out.header("Connected: ", statistics.connected)
        session.out.header("Abandoned: ", statistics.abandoned)
        session.out.header("GaveUp: ", statistics.gaveUp)
        session.out.header("Ended: ", statistics.ended)
        session.out.header("CallsNow: ", statistics.callsNow)
        session.out.header("PeakCalls: ", statistics.peakCalls)
        session.out.header("WaitingNow: ", statistics.waitingNow)
        session.out.header("Agents: ", statistics.agents)
        session.out.header("AgentsBusyNow: ", statistics.agentsBusyNow)
        session.out.header("BusyPercent: ", tenths: statistics.busyShare * 100)
        session.out.header("FloorSeconds: ", tenths: self.world.now.seconds)
        session.endMessage()
    }

    /// A day and time in UTC as Asterisk writes them; the day is found by Hinnant's `civil_from_days`.
    static func dateAndTime(_ seconds: Int) -> (date: String, time: String) {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let ofDay = seconds - days * 86_400
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (
            "\(year)-\(Self.twoDigits(month))-\(Self.twoDigits(day))", Self.clock(ofDay)
        )
    }

    /// `HH:MM:SS`.
    static func clock(_ seconds: Int) -> String {
        "\(self.twoDigits(seconds / 3600)):\(self.twoDigits(seconds / 60 % 60)):\(self.twoDigits(seconds % 60))"
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
