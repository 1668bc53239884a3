"""The sqlite3 shell on a database in memory: inserts, indexes, joins, groups, updates, deletes."""

from harness.program import Program

SCRIPT = """
create table agents(id integer primary key, kind text, x real, y real, energy integer);
create table actions(step integer, agent integer, action text, reward real, details text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < {agents})
  insert into agents select i, substr('systemindependcontrol', 1 + i % 3 * 7, 7),
         i * 37 % 1000 / 10.0, i * 91 % 1000 / 10.0, i * 7919 % 100 from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < {actions})
  insert into actions select i / {agents}, 1 + i * 31 % {agents},
         case i % 4 when 0 then 'move' when 1 then 'gather' when 2 then 'share' else 'attack' end,
         i * 7919 % 1000 / 100.0, printf('{{"target": %d, "note": "%s"}}', i * 17 % {agents}, hex(i * 104729)) from n;
create index by_agent on actions(agent, step);
create index by_action on actions(action, reward);
select kind, action, count(*), round(sum(reward), 3) from agents join actions on agents.id = actions.agent
  group by kind, action order by 1, 2;
select action, count(distinct agent), max(json_extract(details, '$.note')) from actions group by action order by 1;
select a.id, count(*) from agents a join agents b on abs(a.x - b.x) < 1 and abs(a.y - b.y) < 1 and a.id <= 300
  group by a.id order by 2 desc, 1 limit 5;
update agents set energy = energy + (select count(*) from actions where agent = agents.id and action = 'gather');
delete from actions where step % 3 = 0;
select upper(substr(details, 3, 8)) as word, group_concat(distinct action), count(*) from actions
  group by word order by 3 desc, 1 limit 5;
select sum(energy), (select count(*) from actions) from agents;
"""


def prepare(_context, room, size):
    script = room / "script.sql"
    script.write_text(SCRIPT.format(agents=int(2000 * size), actions=int(150_000 * size)))
    return ["sqlite3", "-init", "/dev/null", ":memory:", f".read '{script}'"]


PROGRAM = Program("sqlite3", "a database in memory: inserts, indexes, joins, groups", prepare)
