"""An order change nobody passed on: ten minutes the rule gives, an hour it takes, and the fault is the owner's own."""

from __future__ import annotations

from embedded.demo.cast import HQ_DESK, REVIEWER, Act, Story, agent, manager
from embedded.demo.stories.acts import hours, minutes, visits

HOUJIE = Story(
    file="houjie-order-change",
    title="Houjie: an order change nobody passed on (改单)",
    opening="The order was changed at Houjie, Zhuhai was never told; on asking: no time now, call tomorrow; and hung up.",
    taken_by=HQ_DESK,
    acts=(
        Act(
            cue="complaint_received",
            after=minutes(75),
            who=manager("houjie"),
            does="queries",
            says="Only now, told by the ladder, Houjie's manager turns to Zhuhai: please release the goods as changed.",
            body={"to_branch": "zhuhai", "question": "客户4月13日已在我处改单，请按改单放货并回复。"},
        ),
        Act(
            cue="1:reply",
            after=minutes(10),
            who=agent("zhuhai"),
            does="queries/{query}/reply",
            says="The change is noted, the goods are released. That solves the order change, an hour too late.",
            body={"words": "已按改单放货，客户可以提货。", "confirms": True},
        ),
        Act(
            cue="unit_replied",
            after=minutes(20),
            who=manager("houjie"),
            does="findings",
            says="The change was written down and passed to nobody; a colleague hung up on the customer. The fault is our own.",
            body={
                "validity": "effective",
                "cause": "改单没有通知珠海；客户来电时说没空并挂断电话。",
                "cause_code": "order_change_not_executed",
                "liable": [{"party": "origin", "share": 100}],
                "remedy": "已通知珠海放货，向客户道歉。",
            },
            told=True,
        ),
        Act(
            cue="1:tell_solution",
            later=minutes(10),  # the same day, also when the desk is about to close
            who=manager("houjie"),
            does="answers",
            says="Your goods can be collected; we apologise.",
            body={"kind": "solution", "words": "珠海已经放货，您现在可以提货。给您添麻烦了，向您道歉。", "channel": "phone"},
        ),
        Act(
            cue="1:confirm_done",
            after=hours(2),
            who=manager("houjie"),
            does="confirm-done",
            says="The customer has collected the goods in Zhuhai.",
            body={"words": "客户已在珠海提货。"},
        ),
        Act(
            cue="1:statement",
            after=hours(4),
            who=manager("houjie"),
            does="review/statement",
            says="The order change yes; the line was cut by accident.",
            body={"statement": "改单未通知属实；电话是不小心断的。", "stance": "partly"},
        ),
        Act(
            cue="1:ruling",
            after=hours(5),
            who=REVIEWER,
            does="review/ruling",
            says="Q-501, order change not executed, and Q-304, hanging up on a caller. Nothing was paid, so nothing is shared.",
            body={"clauses": [{"code": "Q-501"}, {"code": "Q-304"}], "reasons": "改单未执行；让客户明天再打并挂断电话。"},
        ),
        *visits(1, agent("houjie"), "货提到了，道歉接受。", "没有新的问题。"),
    ),
)
