"""Passed on by one branch, left holding the line by the other: two respondents, one silent, one partly winning an appeal."""

from __future__ import annotations

from embedded.demo.cast import REVIEWER, SUPERVISOR, Act, Story, agent, manager
from embedded.demo.stories.acts import hours, minutes, visits, yuan

MINHANG = Story(
    file="minhang-foshan-passed-on",
    title="Minhang to Foshan: passed from one branch to the next (推诿)",
    opening="Foshan: no such goods, ask Dali. Dali: five minutes left holding the line, and then only: don't know.",
    taken_by=agent("minhang"),
    acts=(
        Act(
            cue="1:first_contact",
            after=minutes(20),
            who=agent("minhang"),
            does="first-contact",
            says="The customer is called back: Minhang sent the parcel and answers for it.",
            body={"note": "已回电客户并道歉，说明由我们负责查找。"},
            told=True,
        ),
        Act(
            cue="first_contact_made",
            after=minutes(5),
            who=agent("minhang"),
            does="queries",
            says="Where are the goods, and who told the customer to ask elsewhere?",
            body={"to_branch": "foshan", "question": "请查 97-80389-6 在哪里，谁让客户去问大沥？"},
        ),
        Act(
            cue="first_contact_made",
            after=minutes(6),
            who=agent("minhang"),
            does="queries",
            says="Who let the customer hold the line? (Dali will say nothing at all.)",
            body={"to_branch": "dali", "question": "谁接的电话，为什么让客户等了五分钟？"},
        ),
        Act(
            cue="1:reply",
            after=hours(2),
            who=agent("foshan"),
            does="queries/{query}/reply",
            says="The goods are here, on the wrong shelf; they go out this afternoon.",
            body={"words": "货在我们仓库，放错了货位，下午派送。"},
        ),
        Act(
            cue="first_contact_made",
            after=hours(5),
            who=agent("minhang"),
            does="findings",
            says="Foshan passed the customer on, Dali left the caller waiting. (The percentages are the demo's.)",
            body={
                "validity": "effective",
                "cause": "佛山推诿，叫客户去问大沥；大沥让客户举着电话等五分钟，再问只说不知道。",
                "cause_code": "passed_on",
                "liable": [
                    {"party": "destination", "share": 60},
                    {"party": "branch", "branch": "dali", "share": 40},
                ],
                "remedy": "已找到货，回电道歉。",
            },
            told=True,
        ),
        Act(
            cue="1:tell_solution",
            later=minutes(20),  # the same day, also when the desk is about to close
            who=agent("minhang"),
            does="answers",
            says="The goods are found and will be brought; we apologise.",
            body={"kind": "solution", "words": "您的货找到了，下午送到。让您来回打电话，非常抱歉。", "channel": "phone"},
            told=True,
        ),
        Act(
            cue="1:confirm_done",
            after=hours(3),
            who=agent("minhang"),
            does="confirm-done",
            says="The goods are signed for.",
            body={"words": "客户已签收。"},
        ),
        Act(
            cue="1:statement",
            after=hours(6),
            who=manager("foshan"),
            does="review/statement",
            says="The goods really were not to be found when the customer rang.",
            body={"statement": "客户来电时系统里确实查不到这票货，不是推诿。", "stance": "contests"},
        ),
        Act(
            cue="1:ruling",
            after=hours(4),
            who=REVIEWER,
            does="review/ruling",
            says="Q-403 for Foshan, passing the customer on; Q-304 for Dali, silent, leaving a caller waiting.",
            body={
                "clauses": [{"code": "Q-403", "branch": "foshan"}, {"code": "Q-304", "branch": "dali"}],
                "reasons": "佛山推诿属实；大沥逾期未申辩，按现有证据裁定。",
            },
        ),
        Act(
            cue="ruled",
            after=hours(8),
            who=manager("foshan"),
            does="review/appeal",
            says="The agent gave the customer Dali's number to help.",
            body={"reasons": "客服是为了帮客户才给的大沥电话，请求减轻。"},
        ),
        Act(
            cue="1:appeal_decision",
            after=hours(4),
            who=SUPERVISOR,
            does="review/appeal-decision",
            says="Partly won: a number was given in good faith, but nobody looked on the shelf. ¥30 of ¥50 remain.",
            body={
                "outcome": "partial",
                "lines": [{"code": "Q-403", "branch": "foshan", "outcome": "partial", "amount": yuan(30)}],
                "reasons": "给电话属好意，但没有自己查货，减为30元。",
            },
        ),
        *visits(1, agent("minhang", 2), "货收到了，也道歉了。", "没有新的问题。"),
    ),
)
