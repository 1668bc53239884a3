"""Works on the log of a simulation: makes N records, writes and reads them as JSON lines and as CSV,
groups, sorts and joins them, and searches text. Prints a summary and a digest.

    records.py N
"""

import collections
import csv
import dataclasses
import hashlib
import io
import json
import random
import re
import sys

ACTIONS = ("move", "gather", "attack", "share", "reproduce", "defend", "pass")


@dataclasses.dataclass
class Record:
    step: int
    agent: str
    action: str
    reward: float
    where: tuple
    note: str


def make(count):
    chance = random.Random(42)
    return [Record(i // 30, f"agent-{chance.randrange(300):03}", chance.choice(ACTIONS),
                   round(chance.random(), 6), (chance.randrange(100), chance.randrange(100)),
                   f"met {chance.randrange(9)} others near hill {i % 17}")
            for i in range(count)]


def through_json(records):
    lines = [json.dumps(dataclasses.asdict(record)) for record in records]
    return [Record(**{**fields, "where": tuple(fields["where"])}) for fields in map(json.loads, lines)]


def through_csv(records):
    text = io.StringIO()
    writer = csv.writer(text)
    for record in records:
        writer.writerow((record.step, record.agent, record.action, record.reward, *record.where, record.note))
    text.seek(0)
    return [Record(int(step), agent, action, float(reward), (int(x), int(y)), note)
            for step, agent, action, reward, x, y, note in csv.reader(text)]


def by_agent(records):
    groups = collections.defaultdict(lambda: collections.defaultdict(list))
    for record in records:
        groups[record.agent][record.action].append(record.reward)
    return {agent: {action: (len(rewards), sum(sorted(rewards)) / len(rewards))
                    for action, rewards in actions.items()}
            for agent, actions in groups.items()}


def meetings(records):
    cells = collections.defaultdict(set)
    for record in records:
        cells[record.where].add(record.agent)
    return collections.Counter((a, b) for agents in cells.values() for a in agents for b in agents if a < b)


def words(records):
    pattern = re.compile(r"met (?P<others>\d+) others near (?P<place>\w+ \d+)")
    found = collections.Counter()
    for record in records:
        match = pattern.match(record.note)
        found[match["place"].title()] += int(match["others"])
    return found


def main():
    records = through_csv(through_json(make(int(sys.argv[1]))))
    ordered = sorted(records, key=lambda record: (record.agent, -record.reward, record.step))
    summary = {"agents": by_agent(ordered), "words": words(ordered).most_common(),
               "meetings": sorted(meetings(ordered).most_common(5), key=repr)[:3],
               "best": [f"{record.agent}: {record.reward:.3f} {record.note}" for record in ordered[::500]]}
    text = json.dumps(summary, sort_keys=True)
    print(len(records), hashlib.sha256(text.encode()).hexdigest())


main()
