"""What people read instead of codes, in Chinese and English: every value of the enums that reach a screen or a letter.

Categories, causes and clauses are not here: the rulebook names them, since a network may add its own.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from domain.continuation import Why
from domain.notices import NoticeState
from domain.plan import RungDoes
from domain.rulebook_standing import Around
from domain.values import (
    AnswerKind,
    AppealOutcome,
    Channel,
    ClockKind,
    ComplainantRole,
    CorrectionStatus,
    EscalationKind,
    Keeps,
    LatenessState,
    LedgerKind,
    Measure,
    Outcome,
    Owed,
    Party,
    PayoutOutcome,
    ReviewStatus,
    Role,
    RuledBy,
    Severity,
    Stage,
    Stance,
    Status,
    UnitKind,
    UnitState,
    Validity,
    VisitChannel,
    VisitResult,
)

Language = Literal["zh", "en"]


class Label(NamedTuple):
    zh: str
    en: str


def _of(kind: type[StrEnum], **labels: tuple[str, str]) -> dict[StrEnum, Label]:
    return {kind(code): Label(*words) for code, words in labels.items()}


LABELS: dict[type[StrEnum], dict[StrEnum, Label]] = {
    Around: _of(
        Around,
        enquiry=("咨询答复", "answer to an enquiry"),
        retention=("挽留沟通", "retention talk"),
        corrective_plan=("整改计划", "corrective plan"),
        customer_record=("客户档案", "customer record"),
        sheet_draft=("起草月处罚汇总表", "draft of the penalty sheet"),
        sheet_signature=("签发月处罚汇总表", "signature of the penalty sheet"),
        sheet_correction=("修正被退回的月处罚汇总表", "correction of the penalty sheet sent back"),
        sheet_publication=("公布月处罚汇总表", "publication of the penalty sheet"),
        sheet_execution=("执行月处罚汇总表", "execution of the penalty sheet"),
        month_close=("月度结账", "closing of the month"),
        fund_approval=("质量基金支出审批", "approval of a use of the quality fund"),
    ),
    Why: _of(
        Why,
        repeat=("客户再次投诉", "the customer came again"),
        regulator_appeal=("客户向 12305 申诉", "an appeal to 12305"),
        evidence=("出现新证据", "new evidence"),
        parcel_found=("快件找到", "the parcel was found"),
        payment_returned=("赔款退回", "the payment came back"),
    ),
    Role: _of(
        Role,
        branch_agent=("网点客服", "branch agent"),
        branch_manager=("网点负责人", "branch manager"),
        hq_agent=("总部客服", "HQ agent"),
        hq_reviewer=("总部仲裁员", "HQ reviewer"),
        hq_supervisor=("总部主管", "HQ supervisor"),
        finance=("财务", "finance"),
        operator=("运维", "operator"),
        auditor=("审计", "auditor"),
        customer=("客户", "customer"),
        system=("按规则", "by rule"),
    ),
    UnitKind: _of(
        UnitKind,
        branch=("网点", "branch"),
        sub_branch=("分部", "sub-branch"),
        hub=("分拨中心", "hub"),
        province=("省区", "province"),
        hq=("总部", "headquarters"),
    ),
    UnitState: _of(UnitState, open=("营业", "open"), suspended=("暂停", "suspended"), closed=("关停", "closed")),
    Status: _of(
        Status,
        incomplete=("待补资料", "incomplete"),
        received=("已受理", "received"),
        open=("处理中", "open"),
        resolved=("已答复", "resolved"),
        closed=("已结案", "closed"),
    ),
    Stage: _of(
        Stage,
        acknowledgement=("受理与首次联系", "acknowledgement"),
        investigation=("网点调查", "branch investigation"),
        compensation=("先行理赔", "advance compensation"),
        follow_up=("回访", "follow-up"),
        closed=("结案", "closed"),
    ),
    Outcome: _of(
        Outcome,
        resolved=("已解决", "resolved"),
        unfounded=("不成立（已说明）", "unfounded, explained"),
        withdrawn=("客户撤诉", "withdrawn"),
        merged=("已并案", "merged"),
        unverified=("未能回访核实", "could not be verified"),
        cancelled=("已取消", "cancelled"),
    ),
    Severity: _of(Severity, normal=("一般", "normal"), repeat=("重复", "repeat"), severe=("重大", "severe")),
    Channel: _of(
        Channel,
        counter=("柜台", "counter"),
        phone=("电话", "telephone"),
        web=("网站", "web"),
        wechat=("微信", "WeChat"),
        platform=("电商平台", "platform"),
        hq=("总部", "headquarters"),
        regulator_12305=("12305 申诉", "12305 appeal"),
        other=("其他", "other"),
    ),
    ComplainantRole: _of(
        ComplainantRole,
        sender=("寄件人", "sender"),
        recipient=("收件人", "recipient"),
        platform=("平台", "platform"),
        merchant=("商家", "merchant"),
        regulator=("邮政管理部门", "postal authority"),
    ),
    Validity: _of(
        Validity,
        effective=("有效投诉", "effective"),
        general=("有因非责", "understandable, nobody at fault"),
        unfounded=("不成立", "unfounded"),
    ),
    Party: _of(
        Party,
        origin=("发件网点", "origin branch"),
        destination=("派件网点", "destination branch"),
        hub=("分拨中心", "hub"),
        hq=("总部", "headquarters"),
        branch=("其他网点", "another branch"),
        customer=("客户", "customer"),
        force_majeure=("不可抗力", "force majeure"),
    ),
    Owed: _of(
        Owed,
        first_contact=("首次联系", "first contact"),
        order_change=("改单", "order change"),
        findings=("调查结论", "findings"),
        reply=("协查回复", "reply to a query"),
        tell_solution=("告知客户处理方案", "telling the customer the solution"),
        legal_answer=("法定答复", "the answer due by law"),
        regulator_reply=("答复邮政管理部门", "reply to the postal authority"),
        proposal=("赔付方案", "compensation proposal"),
        approval=("赔付审批", "approval of compensation"),
        customer_answer=("客户对赔付的答复", "the customer's answer"),
        payout=("付款", "payout"),
        statement=("申辩", "statement"),
        ruling=("裁定", "ruling"),
        appeal=("复核申请", "appeal"),
        appeal_decision=("复核决定", "appeal decision"),
        confirm_done=("确认已落实", "confirming that it was done"),
        visit_1=("第一次回访", "first visit"),
        visit_2=("第二次回访", "second visit"),
        promise=("对客户的承诺", "promise to the customer"),
        delay_decision=("延迟审批", "decision on a delay"),
        objection=("对逾期考核的异议", "objection to a lateness line"),
        objection_decision=("异议审核", "decision on an objection"),
        correction=("更正审核", "decision on a correction"),
        parcel_choice=("客户选择赔款或快件", "the customer's choice between money and parcel"),
        repayment=("客户退还赔款", "repayment by the customer"),
    ),
    Keeps: _of(Keeps, money=("保留赔款", "keeps the money"), parcel=("取回快件", "takes the parcel")),
    Measure: _of(
        Measure,
        elapsed=("自然时长", "elapsed time"),
        service_time=("工作时长", "service hours"),
        working_days=("工作日", "working days"),
        calendar_days=("自然日", "calendar days"),
    ),
    ClockKind: _of(ClockKind, legal=("法定时限", "legal"), contract=("约定时限", "contract")),
    AnswerKind: _of(
        AnswerKind,
        interim=("阶段性答复", "interim message"),
        solution=("处理方案", "solution"),
        explanation=("情况说明", "explanation"),
        final_response=("最终答复", "final response"),
        regulator_reply=("对邮政管理部门的答复", "reply to the postal authority"),
    ),
    PayoutOutcome: _of(
        PayoutOutcome,
        paid=("已付款", "paid"),
        refused=("付款被拒", "refused"),
        unknown=("结果未知", "unknown"),
        misdirected=("付错收款人", "misdirected"),
        returned=("已退回", "returned"),
        settled_elsewhere=("平台已结清", "settled elsewhere"),
    ),
    ReviewStatus: _of(
        ReviewStatus,
        statement=("待申辩", "statement"),
        ruling=("待裁定", "ruling"),
        appeal_window=("复核申请期", "appeal window"),
        appeal=("复核中", "appeal"),
        final=("已生效", "final"),
    ),
    Stance: _of(Stance, admits=("承认", "admits"), contests=("否认", "contests"), partly=("部分承认", "partly contests")),
    RuledBy: _of(
        RuledBy,
        reviewer=("仲裁员裁定", "ruled by a reviewer"),
        admitted=("简易裁定：责任方承认", "summary ruling: admitted"),
        agreed=("简易裁定：双方商定", "summary ruling: agreed between the sides"),
        small=("简易裁定：小额且无异议", "summary ruling: small and not contested"),
    ),
    LatenessState: _of(
        LatenessState,
        open=("异议期内", "open to objection"),
        objected=("异议审核中", "objected to"),
        stands=("成立", "stands"),
        waived=("免予考核", "waived"),
    ),
    CorrectionStatus: _of(
        CorrectionStatus,
        open=("待审核", "open"),
        corrected=("已更正", "corrected"),
        dismissed=("不予更正", "dismissed"),
        lapsed=("逾期未审核", "lapsed"),
    ),
    AppealOutcome: _of(
        AppealOutcome, sustain=("维持", "sustained"), partial=("部分改判", "partly changed"), overturn=("撤销", "overturned")
    ),
    VisitResult: _of(
        VisitResult,
        satisfied=("满意", "satisfied"),
        satisfied_after_explanation=("解释后满意", "satisfied after explanation"),
        unresolved=("未解决", "unresolved"),
        unreachable=("联系不上", "unreachable"),
        refused=("拒绝回访", "refused"),
        complaint_untrue=("投诉不实", "complaint untrue"),
        solution_not_delivered=("方案未落实", "solution not delivered"),
    ),
    VisitChannel: _of(
        VisitChannel,
        phone=("电话", "telephone"),
        sms=("短信", "text message"),
        email=("电子邮件", "e-mail"),
        link=("链接", "link"),
        on_site=("上门", "on site"),
        letter=("信函", "letter"),
    ),
    EscalationKind: _of(
        EscalationKind,
        supervisor=("请主管介入", "supervisor called in"),
        difficult_customer=("需重点沟通的客户", "a customer who needs care"),
        severe=("重大投诉", "severe complaint"),
    ),
    RungDoes: _of(
        RungDoes,
        remind=("提醒", "reminder"),
        tell=("通报上级", "told above"),
        reassign=("改派", "passed on"),
        penalty=("逾期考核", "lateness line"),
        default=("按规则处理", "settled by rule"),
    ),
    LedgerKind: _of(
        LedgerKind,
        advance=("先行赔付", "advance"),
        share=("责任分摊", "share"),
        penalty=("考核", "penalty"),
        reversal=("冲正", "reversal"),
        receivable=("应收款", "receivable"),
        settlement=("结算", "settlement"),
    ),
    NoticeState: _of(
        NoticeState,
        waiting=("待发送", "waiting"),
        sent=("已发送", "sent"),
        failed=("发送失败", "failed"),
        no_address=("无联系地址", "no address"),
    ),
}

FACTS: dict[str, Label] = {
    "waybill": Label("运单号", "waybill"),
    "origin": Label("发件网点", "origin branch"),
    "destination": Label("派件网点", "destination branch"),
    "freight": Label("运费", "freight"),
    "declared_value": Label("声明价值", "declared value"),
    "pieces": Label("件数", "number of pieces"),
    "promised_at": Label("承诺送达时间", "promised time of delivery"),
    "delivered_at": Label("实际送达时间", "time of delivery"),
    "days_late": Label("延误天数", "days late"),
    "same_region": Label("是否同城同区", "whether both ends are in one region"),
    "pieces_missing": Label("短少件数", "pieces missing"),
    "pieces_damaged": Label("破损件数", "pieces damaged"),
    "share_damaged": Label("损坏比例", "share damaged"),
    "proven_value": Label("举证价值", "proven value"),
    "value_basis": Label("价值依据（订单、发票、市场价）", "proof of the value (order, invoice, market price)"),
    "cap_shown": Label("是否向寄件人提示过限额", "whether the sender was shown the cap"),
    "collected": Label("代收金额", "sum collected"),
    "handed_over": Label("已交付金额", "sum handed over"),
    "overcharge": Label("多收金额", "overcharge"),
    "charged_without_agreement": Label("未经同意收取的费用", "charges taken without agreement"),
    "produced_within_48h": Label("48 小时内能否交出快件", "whether the parcel was produced within 48 hours"),
}
"""Facts of a parcel that a computation may still ask for, by field name."""


def fact_label(name: str, language: str) -> str:
    """The words for a fact; its own name when it has none."""
    words = FACTS.get(name, Label(name, name))
    return words.en if language == "en" else words.zh


def owed_label(code: str, language: str) -> str:
    """The words for what is owed, in a complaint or around them."""
    return label(Owed(code) if code in set(Owed) else Around(code), language)


def label(value: StrEnum, language: str) -> str:
    """The words for an enum's value; Chinese for a language we do not speak."""
    words = LABELS[type(value)][value]
    return words.en if language == "en" else words.zh
