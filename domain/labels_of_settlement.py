"""Fault, money and rulings, in the words people read."""

from __future__ import annotations

from domain.bilingual import Labels, labelled
from domain.values import (
    AppealOutcome,
    CorrectionStatus,
    Keeps,
    LatenessState,
    LedgerKind,
    Party,
    PayoutOutcome,
    ReviewStatus,
    RuledBy,
    Stance,
    Validity,
)

SETTLEMENT: Labels = {
    Validity: labelled(
        Validity,
        effective=("有效投诉", "effective"),
        general=("有因非责", "understandable, nobody at fault"),
        unfounded=("不成立", "unfounded"),
    ),
    Party: labelled(
        Party,
        origin=("发件网点", "origin branch"),
        destination=("派件网点", "destination branch"),
        hub=("分拨中心", "hub"),
        hq=("总部", "headquarters"),
        branch=("其他网点", "another branch"),
        customer=("客户", "customer"),
        force_majeure=("不可抗力", "force majeure"),
    ),
    Keeps: labelled(Keeps, money=("保留赔款", "keeps the money"), parcel=("取回快件", "takes the parcel")),
    PayoutOutcome: labelled(
        PayoutOutcome,
        paid=("已付款", "paid"),
        refused=("付款被拒", "refused"),
        unknown=("结果未知", "unknown"),
        misdirected=("付错收款人", "misdirected"),
        returned=("已退回", "returned"),
        settled_elsewhere=("平台已结清", "settled elsewhere"),
    ),
    ReviewStatus: labelled(
        ReviewStatus,
        statement=("待申辩", "statement"),
        ruling=("待裁定", "ruling"),
        appeal_window=("复核申请期", "appeal window"),
        appeal=("复核中", "appeal"),
        final=("已生效", "final"),
    ),
    Stance: labelled(Stance, admits=("承认", "admits"), contests=("否认", "contests"), partly=("部分承认", "partly contests")),
    RuledBy: labelled(
        RuledBy,
        reviewer=("仲裁员裁定", "ruled by a reviewer"),
        admitted=("简易裁定：责任方承认", "summary ruling: admitted"),
        agreed=("简易裁定：双方商定", "summary ruling: agreed between the sides"),
        small=("简易裁定：小额且无异议", "summary ruling: small and not contested"),
    ),
    LatenessState: labelled(
        LatenessState,
        open=("异议期内", "open to objection"),
        objected=("异议审核中", "objected to"),
        stands=("成立", "stands"),
        waived=("免予考核", "waived"),
    ),
    CorrectionStatus: labelled(
        CorrectionStatus,
        open=("待审核", "open"),
        corrected=("已更正", "corrected"),
        dismissed=("不予更正", "dismissed"),
        lapsed=("逾期未审核", "lapsed"),
    ),
    AppealOutcome: labelled(
        AppealOutcome, sustain=("维持", "sustained"), partial=("部分改判", "partly changed"), overturn=("撤销", "overturned")
    ),
    LedgerKind: labelled(
        LedgerKind,
        advance=("先行赔付", "advance"),
        share=("责任分摊", "share"),
        penalty=("考核", "penalty"),
        reversal=("冲正", "reversal"),
        receivable=("应收款", "receivable"),
        settlement=("结算", "settlement"),
    ),
}
