"""Invented: an insured loss, approved by HQ, paid at once, and shared between the units afterwards."""

from __future__ import annotations

from embedded.demo.cast import REVIEWER, SUPERVISOR, Act, Story, agent, manager
from embedded.demo.stories.acts import hours, minutes, paid, visits, yuan

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
