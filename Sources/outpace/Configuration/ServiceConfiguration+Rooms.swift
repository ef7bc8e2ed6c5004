import AsteriskDriver
import AsteriskManager
import ControlAPI
import DialerEngine
import Pacing
import Telephony

extension ServiceConfiguration {
    /// The engine's share.
    var engineRoom: EngineConfiguration {
        var engine = EngineConfiguration(
            resultsFile: self.results.file, spoolFolder: "\(self.dataDirectory)/spool")
        engine.name = self.engine.name
        engine.reservationTime = self.dialing.previewReservation
        engine.unwrittenLimit = self.dialing.maximumOpenCalls
        engine.trunks = self.trunks.map { trunk in
            TrunkLimits(
                name: trunk.name, pbx: trunk.asterisk.isEmpty ? nil : trunk.asterisk, maxCalls: trunk.maximumCalls,
                maxCallsPerSecond: trunk.maximumCallsPerSecond)
        }
        engine.lineHealth = LineHealth.Rules(
            row: self.dialing.congestionRow, firstPause: self.dialing.congestionPause,
            longestPause: self.dialing.congestionLongestPause)
        return engine
    }

    /// The REST surface's share.
    var api: ControlAPIConfiguration {
        var api = ControlAPIConfiguration()
        api.host = self.http.host
        api.port = self.http.port
        api.maximumBodyBytes = self.http.maximumBodyBytes
        api.requestTimeout = self.http.requestTimeout
        api.defaultTechName = self.dialing.defaultTechnology
        return api
    }
}

extension ServiceConfiguration.Asterisk {
    /// This Asterisk as its driver takes it.
    var driver: AsteriskServerConfiguration {
        let tls = AMIClientConfiguration.TLS(
            certificateAuthorityFile: self.tlsCertificateAuthorities.isEmpty ? nil : self.tlsCertificateAuthorities,
            verifiesCertificate: self.verifiesTLS
        )
        return AsteriskServerConfiguration(
            name: self.name,
            host: self.host,
            port: self.port,
            username: self.username,
            secret: self.secret,
            tls: self.usesTLS ? tls : nil,
            limits: LineLimits(
                maxCalls: self.maximumCalls, maxCallsPerSecond: self.maximumCallsPerSecond, weight: self.weight),
            queueWrapUp: self.queueWrapup,
            eventCapacity: self.eventBuffer
        )
    }
}
