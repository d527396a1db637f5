"""Promised by word of mouth, reported as solved, never done: the customer comes back, and somebody pays."""

from __future__ import annotations

from embedded.demo.cast import HQ_DESK, HQ_VISITOR, REVIEWER, Act, Story, agent, manager
from embedded.demo.stories.acts import DAY, hours, minutes, paid, visits, yuan

FOSHAN = Story(
    file="foshan-five-pieces-left",
    title="Foshan: five of 179 pieces left in the warehouse (取派服务)",
    opening="Of 179 pieces 174 came; five still lie in Foshan's warehouse, promised again and again. It is 05-25 now.",
    taken_by=HQ_DESK,
    acts=(
        Act(
            cue="complaint_received",
            after=minutes(10),
            who=HQ_DESK,
            does="queries",
            says="Please deliver the five pieces.",
            body={"to_branch": "foshan", "question": "客户还有5件在你们仓库，请今天送到。"},
            told=True,
        ),
        Act(
            cue="1:reply",
            after=minutes(20),
            who=agent("foshan"),
            does="queries/{query}/reply",
            says="By word of mouth: they will be delivered.",
            body={"words": "好的，会送的。"},
            told=True,
        ),
        Act(
            cue="unit_replied",
            after=minutes(5),
            who=agent("foshan"),
            does="first-contact",
            says="The promise is put on record as if it were the delivery. It was never done.",
            body={
                "note": "已电话联系客户，答应当天送货。",
                "solved": True,
                "solution": "剩下5件今天送到。",
                "cause": "车辆装不下",
            },
        ),
        Act(
            cue="solved_on_the_spot",
            later=DAY,
            who=HQ_DESK,
            does="repeat",
            says="The customer complains again, strongly: still nothing.",
            body={"reason": "客户再次来电，非常生气：昨天答应的5件还是没送。"},
            told=True,
        ),
        Act(
            cue="2:findings",
            after=hours(2),
            who=manager("foshan"),
            does="findings",
            says="The driver was never told. The five pieces are carried up this time; the fault is Foshan's alone.",
            body={
                "validity": "effective",
                "cause": "答应送货后没有安排车辆，5件一直在仓库。",
                "cause_code": "solution_not_delivered",
                "liable": [{"party": "destination", "share": 100}],
                "remedy": "当天专车送到并搬上楼，向客户道歉。",
            },
        ),
        Act(
            cue="findings_submitted",
            later=minutes(30),  # the same day, also when the desk is about to close
            who=agent("135-origin"),
            does="compensation/proposal",
            says="Nothing is computed, but the customer waited twice: goodwill, above the ¥50 that need no approval.",
            body={"amount": yuan(80), "reason": "两次答应没有兑现，客户另外雇车等货，酌情补偿。"},
        ),
        Act(
            cue="2:approval",
            after=hours(1),
            who=manager("135-origin"),
            does="compensation/decision",
            says="Whoever sends the parcel answers for it; we settle with Foshan afterwards.",
            body={"approve": True, "reason": "先赔付，再向佛山追偿。"},
        ),
        Act(
            cue="2:customer_answer",
            after=hours(1),
            who=agent("135-origin"),
            does="compensation/answer",
            says="Yes, to the recipient's own account.",
            body={
                "accepted": True,
                "payee": {"name": "客户乙", "relation": "收件人", "channel": "银行转账", "account": "0000 0000 0000 0002"},
                "words": "可以，货也收到了。",
            },
        ),
        paid(2, "V-0001"),
        Act(
            cue="2:confirm_done",
            after=hours(1),
            who=agent("foshan"),
            does="confirm-done",
            says="All five pieces are signed for.",
            body={"words": "5件已全部签收。"},
        ),
        Act(
            cue="2:statement",
            after=hours(4),
            who=manager("foshan"),
            does="review/statement",
            says="It is as the customer says.",
            body={"statement": "情况属实，我们认。", "stance": "admits"},
        ),
        Act(
            cue="2:ruling",
            after=hours(3),
            who=REVIEWER,
            does="review/ruling",
            says="Q-602, a reported solution not delivered, at 1.5 times for a repeat; Foshan bears all of the advance.",
            body={
                "clauses": [{"code": "Q-602", "branch": "foshan"}],
                "shares": [{"party": "destination", "share": 100}],
                "reasons": "已报方案未落实，责任网点承认。",
            },
        ),
        *visits(2, HQ_VISITOR, "货已收到，接受道歉。", "没有新的问题。"),
    ),
)
