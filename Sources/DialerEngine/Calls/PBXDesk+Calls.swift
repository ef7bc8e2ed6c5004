import CoreMetrics
import DialerModel
import DialerStore
import Logging
import Metrics
import Pacing
import Telephony

import struct Foundation.UUID

/// One call from its claim to its result.
extension PBXDesk {
    func track(
        _ dialing: Dialing, destinations: [UUID: Destination], request: TrackedCall.Request, now: Timestamp
    ) -> TrackedCall {
        let call = TrackedCall(
            dialing: dialing,
            seat: CallSeat(dialing, pbx: self.name),
            machine: DialingStateMachine(dialing, at: now, limits: self.limits),
            detours: dialing.snapshot.plan.detours.compactMapValues { destinations[$0] },
            request: request,
            now: now,
            placedAt: self.clock.uptime()
        )
        self.calls[dialing.uuid] = call
        return call
    }

    /// The call was never sent.
    func fail(_ call: TrackedCall, reason: String) {
        self.apply(call.machine.requestFailed(reason: reason, at: self.clock.now()), to: call, event: nil)
    }

    func apply(_ action: DialingStateMachine.Action?, to call: TrackedCall, event: CallEvent?) {
        self.book(call)
        switch action {
        case .finish(let result, let hangUp):
            if hangUp { self.hangUpSoon(call) }
            self.finish(call, result)
            return
        case .move(let detour):
            self.moves.append((call.dialing.uuid, detour))
            self.moveWaits.raise()
        case .dropMachine: self.hangUpSoon(call)
        case .update, nil: break
        }
        if action != nil {
            call.updatedAt = self.clock.now()
            if call.phase == .unanswered, let answeredAt = call.machine.answeredAt {
                EngineMetrics.answered.increment()
                self.answers.note(call.dialing.uuid, answeredAt: answeredAt)
            }
        }
        let phase = call.phase(after: event)
        // Before the phase: the campaigns it wakes are to find the pacing up to date.
        self.tellPacing(call, phase: phase, event: event)
        if phase != call.phase {
            self.ledger.move(call.seat, from: call.phase, to: phase)
            call.phase = phase
        }
        self.schedule(call)
    }

    func tellPacing(_ call: TrackedCall, phase: CallPhase, event: CallEvent?) {
        guard call.seat.queue != nil else { return }
        let progress = call.pacing.progress(
            phase: phase, event: event, outcome: call.bookedOutcome, needsAgentAtOnce: call.needsAgentAtOnce,
            isTurnedAway: call.isTurnedAway)
        self.ledger.tell(progress, of: call.dialing.uuid, at: call.seat)
    }

    func hangUpSoon(_ call: TrackedCall) {
        // A campaign may be stopped by force again and again while its PBX answers slowly.
        guard !call.isHangUpWaiting else { return }
        call.isHangUpWaiting = true
        self.hangUps.append(call.dialing.uuid)
        self.hangUpWaits.raise()
    }

    /// Tells the campaign's abandonment what the call counts as, once that is certain.
    func book(_ call: TrackedCall) {
        guard call.bookedOutcome == nil, let outcome = call.machine.outcome,
            let answeredAt = call.machine.result?.liveAnswerAt ?? call.machine.answeredAt
        else { return }
        call.bookedOutcome = outcome
        self.abandonment.record(outcome, of: call.seat.campaign, answeredAt: answeredAt)
    }

    /// Tells the call's line what became of it.
    func report(_ outcome: LineHealth.Outcome?, of call: TrackedCall, cause: Int) {
        guard let outcome else { return }
        for change in self.ledger.report(outcome, of: call.seat, placedAt: call.placedAt) {
            var metadata: Logger.Metadata = [:]
            if let trunk = change.trunk { metadata["trunk"] = "\(trunk)" }
            switch change.change {
            case .drained(let pause, let again):
                metadata["pause"] = "\(pause)"
                metadata["cause"] = "\(cause)"
                self.logger.log(
                    level: again ? .info : .warning, "calls meet congestion: none is placed by this line for a while",
                    metadata: metadata)
            case .restored: self.logger.notice("the line carries calls again", metadata: metadata)
            }
        }
    }

    func finish(_ call: TrackedCall, _ result: DialingResult) {
        // First, so that the line this call frees is not given to the next one if it is drained.
        self.report(call.witness.outcome(at: result), of: call, cause: result.hangupCause)
        self.calls[call.dialing.uuid] = nil
        self.answers.forget(call.dialing.uuid)
        EngineMetrics.finished.increment()
        if result.isAbandoned { EngineMetrics.abandoned.increment() }
        let progress = call.pacing.end(
            isAnswered: result.isAnswered, dialResult: result.dialResult, outcome: call.bookedOutcome)
        self.ledger.tell(progress, of: call.dialing.uuid, at: call.seat)
        // The ledger first: it must count the result before the writer can report it written.
        self.ledger.end(call.seat, from: call.phase)
        let line = ResultLine(dialing: call.dialing, result: result).bytes
        self.writer.enqueue(FinishedDialing(dialing: call.dialing, result: result, line: line))
    }
}
