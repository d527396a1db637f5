"""Fault, money and rulings, in the words people read."""

from __future__ import annotations

from domain.bilingual import Labels, labelled
from domain.values import (
    AppealOutcome,
    CorrectionStatus,
    CostNothing,
    CustomerDiffers,
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
    CostNothing: labelled(
        CostNothing,
        unfounded=("认定投诉不成立", "found unfounded"),
        general=("认定有因非责", "found reasonable, but nobody's fault"),
        customer=("责任认定在客户", "the customer was held liable"),
        force_majeure=("认定不可抗力", "force majeure was found"),
        solved_on_spot=("现场解决", "solved on the spot"),
        withdrawn=("客户撤诉", "withdrawn"),
        merged=("并入其他投诉", "merged into another complaint"),
        unverified=("回访未能联系到客户", "the customer was not reached"),
    ),
    CustomerDiffers: labelled(
        CustomerDiffers,
        unresolved=("客户称未解决", "the customer says it is not solved"),
        solution_not_delivered=("客户称方案未落实", "the customer says the solution never came"),
        complaint_untrue=("客户称未投诉", "the customer says the complaint is not true"),
        low_score=("客户评分低", "the customer gave a low score"),
        came_again=("客户再次来访或申诉", "the customer came again"),
    ),
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
