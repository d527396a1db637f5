"""What people may say to a complaint whatever its stage: of its clocks, of a parcel that is found, and at any time."""

from __future__ import annotations

from temporalio import workflow

from domain.commands import (
    Cancel,
    ChooseMoneyOrParcel,
    ConfirmRepaid,
    DecideDelay,
    Escalate,
    FurtherCall,
    HandOn,
    KeepPromise,
    MakePromise,
    Merge,
    Pause,
    Reassign,
    Receipt,
    RegulatorAppeal,
    ReportParcelFound,
    RequestDelay,
    Resume,
    SupplyFacts,
    Withdraw,
)
from workflows.at_any_time import AtAnyTime
from workflows.delays import Delays
from workflows.desk import Desk
from workflows.parcels import Parcels
from workflows.pauses import Pauses
from workflows.promises import Promises


class AnyTimeMessages:
    desk: Desk
    pauses: Pauses
    delays: Delays
    promises: Promises
    parcels: Parcels
    at_any_time: AtAnyTime

    # -- its clocks

    @workflow.update
    def pause(self, pause: Pause) -> Receipt:
        return self.desk.take(pause, self.pauses.pause)

    @pause.validator
    def _check_pause(self, pause: Pause) -> None:
        self.desk.check(pause, self.pauses.check_pause)

    @workflow.update
    def resume(self, resume: Resume) -> Receipt:
        return self.desk.take(resume, self.pauses.resume)

    @resume.validator
    def _check_resume(self, resume: Resume) -> None:
        self.desk.check(resume, self.pauses.check_resume)

    @workflow.update
    def request_delay(self, request: RequestDelay) -> Receipt:
        return self.desk.take(request, self.delays.request)

    @request_delay.validator
    def _check_request_delay(self, request: RequestDelay) -> None:
        self.desk.check(request, self.delays.check_request)

    @workflow.update
    def decide_delay(self, decision: DecideDelay) -> Receipt:
        return self.desk.take(decision, self.delays.decide)

    @decide_delay.validator
    def _check_decide_delay(self, decision: DecideDelay) -> None:
        self.desk.check(decision, self.delays.check_decision)

    @workflow.update
    def make_promise(self, promise: MakePromise) -> Receipt:
        return self.desk.take(promise, self.promises.promise)

    @make_promise.validator
    def _check_make_promise(self, promise: MakePromise) -> None:
        self.desk.check(promise, self.promises.check_promise)

    @workflow.update
    def keep_promise(self, kept: KeepPromise) -> Receipt:
        return self.desk.take(kept, self.promises.keep)

    @keep_promise.validator
    def _check_keep_promise(self, kept: KeepPromise) -> None:
        self.desk.check(kept, self.promises.check_keep)

    # -- a parcel that is found

    @workflow.update
    def report_parcel_found(self, found: ReportParcelFound) -> Receipt:
        return self.desk.take(found, self.parcels.report)

    @report_parcel_found.validator
    def _check_report_parcel_found(self, found: ReportParcelFound) -> None:
        self.desk.check(found, self.parcels.check_report)

    @workflow.update
    def choose_money_or_parcel(self, choice: ChooseMoneyOrParcel) -> Receipt:
        return self.desk.take(choice, self.parcels.choose)

    @choose_money_or_parcel.validator
    def _check_choose_money_or_parcel(self, choice: ChooseMoneyOrParcel) -> None:
        self.desk.check(choice, self.parcels.check_choice)

    @workflow.update
    def confirm_repaid(self, repaid: ConfirmRepaid) -> Receipt:
        return self.desk.take(repaid, self.parcels.repaid)

    @confirm_repaid.validator
    def _check_confirm_repaid(self, repaid: ConfirmRepaid) -> None:
        self.desk.check(repaid, self.parcels.check_repaid)

    # -- at any time

    @workflow.update
    def supply_facts(self, facts: SupplyFacts) -> Receipt:
        return self.desk.take(facts, self.at_any_time.supply)

    @supply_facts.validator
    def _check_supply_facts(self, facts: SupplyFacts) -> None:
        self.desk.check(facts, self.at_any_time.check_facts)

    @workflow.update
    def further_call(self, call: FurtherCall) -> Receipt:
        return self.desk.take(call, self.at_any_time.call)

    @further_call.validator
    def _check_further_call(self, call: FurtherCall) -> None:
        self.desk.check(call, self.at_any_time.check_call)

    @workflow.update
    def regulator_appeal(self, appeal: RegulatorAppeal) -> Receipt:
        return self.desk.take(appeal, self.at_any_time.regulator)

    @regulator_appeal.validator
    def _check_regulator_appeal(self, appeal: RegulatorAppeal) -> None:
        self.desk.check(appeal, self.at_any_time.check_regulator)

    @workflow.update
    def escalate(self, escalation: Escalate) -> Receipt:
        return self.desk.take(escalation, self.at_any_time.escalate)

    @escalate.validator
    def _check_escalate(self, escalation: Escalate) -> None:
        self.desk.check(escalation, self.at_any_time.check_escalate)

    @workflow.update
    def reassign(self, reassign: Reassign) -> Receipt:
        return self.desk.take(reassign, self.at_any_time.reassign)

    @reassign.validator
    def _check_reassign(self, reassign: Reassign) -> None:
        self.desk.check(reassign, self.at_any_time.check_reassign)

    @workflow.update
    def hand_on(self, hand_on: HandOn) -> Receipt:
        return self.desk.take(hand_on, self.at_any_time.hand_on)

    @hand_on.validator
    def _check_hand_on(self, hand_on: HandOn) -> None:
        self.desk.check(hand_on, self.at_any_time.check_hand_on)

    @workflow.update
    def withdraw(self, withdrawal: Withdraw) -> Receipt:
        return self.desk.take(withdrawal, self.at_any_time.end)

    @withdraw.validator
    def _check_withdraw(self, withdrawal: Withdraw) -> None:
        self.desk.check(withdrawal, self.at_any_time.check_end)

    @workflow.update
    def merge(self, merger: Merge) -> Receipt:
        return self.desk.take(merger, self.at_any_time.end)

    @merge.validator
    def _check_merge(self, merger: Merge) -> None:
        self.desk.check(merger, self.at_any_time.check_end)

    @workflow.update
    def cancel(self, cancellation: Cancel) -> Receipt:
        return self.desk.take(cancellation, self.at_any_time.end)

    @cancel.validator
    def _check_cancel(self, cancellation: Cancel) -> None:
        self.desk.check(cancellation, self.at_any_time.check_end)
