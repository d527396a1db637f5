"""The four stories, act by act. Words are recorded as people here say them, in Chinese; `says` is their gist."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from embedded.demo.cast import FINANCE, HQ_DESK, HQ_VISITOR, REVIEWER, SUPERVISOR, Act, Person, Story, agent, manager

DAY = timedelta(days=1)


def hours(hours: float) -> timedelta:
    return timedelta(hours=hours)


def minutes(minutes: int) -> timedelta:
    return timedelta(minutes=minutes)


def yuan(amount: int) -> dict[str, Any]:
    return {"amount": amount * 100, "currency": "CNY"}


def visits(round: int, who: Person, first: str, second: str) -> tuple[Act, Act]:
    """The two calls of every resolved complaint, on a morning inside their windows."""
    said = (
        ("satisfied_after_explanation", first, 4, "The customer has the explanation and accepts it; 4 of 5."),
        ("satisfied", second, 5, "Nothing has happened since; 5 of 5."),
    )
    one, two = (
        Act(
            cue=f"{round}:visit_{number}",
            after=hours(1.5),
            who=who,
            does="visits",
            says=says,
            body={"result": result, "channel": "phone", "words": words, "score": score},
        )
        for number, (result, words, score, says) in enumerate(said, 1)
    )
    return one, two


def paid(round: int, reference: str) -> Act:
    return Act(
        cue=f"{round}:payout",
        after=hours(2),
        who=FINANCE,
        does="compensation/payout",
        says=f"The voucher {reference} is confirmed by hand.",
        body={"reference": reference, "outcome": "paid"},
    )


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

GUANGZHOU = Story(
    file="guangzhou-insured-loss",
    title="Guangzhou to Shenzhen: an insured parcel lost, ¥3,000 (丢失) - INVENTED",
    opening="A projector insured for ¥3,000, ten days under way, last seen at the Dongguan hub.",
    taken_by=agent("guangzhou"),
    acts=(
        Act(
            cue="1:first_contact",
            after=minutes(15),
            who=agent("guangzhou"),
            does="first-contact",
            says="Three days to look for it, then it counts as lost and is paid as insured.",
            body={"note": "已告知客户：三天内查找，找不到按保价赔付。"},
        ),
        Act(
            cue="first_contact_made",
            after=minutes(15),
            who=agent("guangzhou"),
            does="queries",
            says="When was it scanned last?",
            body={"to_branch": "hub-dongguan", "question": "020-770019-1 最后一次扫描是什么时候？"},
        ),
        Act(
            cue="first_contact_made",
            after=minutes(16),
            who=agent("guangzhou"),
            does="queries",
            says="Did it arrive with the bag of that night?",
            body={"to_branch": "shenzhen", "question": "当晚的总包到了没有，里面有没有这票？"},
        ),
        Act(
            cue="1:reply",
            after=hours(1),
            who=agent("hub-dongguan"),
            does="queries/{query}/reply",
            says="Scanned in, never scanned out.",
            body={"words": "有进站扫描，没有出站扫描。"},
        ),
        Act(
            cue="1:reply",
            after=hours(2),
            who=agent("shenzhen"),
            does="queries/{query}/reply",
            says="The bag was signed for without counting.",
            body={"words": "总包到了，签收时没有清点。"},
        ),
        Act(
            cue="first_contact_made",
            after=hours(16),
            who=agent("guangzhou"),
            does="findings",
            says="Not found in two days: lost at the hub, and Shenzhen did not count.",
            body={
                "validity": "effective",
                "cause": "东莞分拨进站后无出站记录，深圳签收总包未清点，查找无果。",
                "cause_code": "lost_at_hub",
                "liable": [{"party": "hub", "share": 70}, {"party": "destination", "share": 30}],
                "remedy": "按保价先行赔付3000元。",
            },
        ),
        Act(
            cue="1:approval",
            after=hours(1),
            who=SUPERVISOR,
            does="compensation/decision",
            says="Above ¥2,000 the HQ supervisor decides first: the declared value, as the rulebook computes.",
            body={"approve": True, "reason": "保价属实，同意先行赔付。"},
        ),
        paid(1, "V-0002"),
        Act(
            cue="1:confirm_done",
            after=hours(1),
            who=agent("guangzhou"),
            does="confirm-done",
            says="The customer has seen the money arrive.",
            body={"words": "客户已确认到账。"},
        ),
        Act(
            cue="1:statement",
            after=hours(3),
            who=manager("hub-dongguan"),
            does="review/statement",
            says="It went missing on our belt.",
            body={"statement": "在我中心流水线丢失，承认。", "stance": "admits"},
        ),
        Act(
            cue="1:statement",
            after=hours(6),
            who=manager("shenzhen"),
            does="review/statement",
            says="We did not count, but it was not in the bag.",
            body={"statement": "没有清点属实，但货不在总包里。", "stance": "partly"},
        ),
        Act(
            cue="1:ruling",
            after=hours(4),
            who=REVIEWER,
            does="review/ruling",
            says="Q-203 for both, half of it for Shenzhen; of the ¥3,000 the hub bears 70 %, Shenzhen 30 %.",
            body={
                "clauses": [
                    {"code": "Q-203", "branch": "hub-dongguan"},
                    {"code": "Q-203", "branch": "shenzhen", "amount": yuan(50)},
                ],
                "shares": [{"party": "hub", "share": 70}, {"party": "destination", "share": 30}],
                "reasons": "分拨中心丢失，深圳未清点致无法及时发现。",
            },
        ),
        *visits(1, agent("guangzhou", 2), "钱收到了，解释也清楚。", "没有新的问题。"),
    ),
)

STORIES = (FOSHAN, HOUJIE, MINHANG, GUANGZHOU)
