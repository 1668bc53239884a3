#!/bin/sh
# status.sh [--watch] [DIR]: how a run of sim_bench is doing: progress, files, recent activity, what to
# do next; or how far a sweep or suite is, run by run.
#
# DIR is the directory of a run, or of several (with a manifest.json); without it, all runs of this
# user are listed and the newest one below results/ is shown. --watch draws it again every two
# seconds, until nothing runs any more. The facts come from the run's status.json, which the profiler's launcher
# replaces about once a second. `memprof status` shows them where it is found; else they are read
# here, from the fields
#   state host step steps_expected steps_per_second eta_seconds agents live_heap_bytes rss_bytes pid
#
# Exit codes: 0 shown; 1 there is no run to show; 2 wrong usage.

usage='usage: status.sh [--watch] [DIR]   (DIR: a directory of a run, such as results/NAME)'
here=$(dirname -- "$0")

# The path of a program that lies beside this script, in a build directory, or on PATH.
find_program() {
	for place in "$here" "$here/../build" "$here/../bin" "$here/../../bin"; do
		[ -x "$place/$1" ] && { printf '%s\n' "$place/$1"; return; }
	done
	command -v "$1"
}

# The value of a top-level field of $status_file, without quotes; empty if it is not there.
field() {
	# shellcheck disable=SC2020  # three characters, each to a line break
	tr ',{}' '\n\n\n' <"$status_file" |
		sed -n "s/^[[:space:]]*\"$1\"[[:space:]]*:[[:space:]]*//p" | sed 's/^"//; s/"*[[:space:]]*$//; q'
}

human_bytes() {
	awk -v bytes="${1:-0}" 'BEGIN {
		split("B KiB MiB GiB TiB", unit)
		for (i = 1; bytes >= 1024 && i < 5; i++) bytes /= 1024
		printf(i == 1 ? "%d %s" : "%.1f %s", bytes, unit[i])
	}'
}

human_seconds() {
	awk -v s="${1:-0}" 'BEGIN {
		if (s < 60) printf("%.0f s", s)
		else if (s < 3600) printf("%d min %02d s", s / 60, s % 60)
		else printf("%d h %02d min", s / 3600, s % 3600 / 60)
	}'
}

# Progress from status.json, without memprof. A process that is gone without having said so died;
# only the host that it ran on can tell.
show_progress() {
	state=$(field state) pid=$(field pid) host=$(field host)
	if [ "$state" = running ] && [ -n "$pid" ] && ! kill -0 "$pid" 2>/dev/null; then
		if [ -z "$host" ] || [ "$host" = "$(uname -n)" ]; then
			state="died (process $pid is gone)"
		else
			state="running when last seen, on $host"
		fi
	fi
	printf 'state      %s\n' "${state:-unknown}"
	printf 'step       %s of %s' "$(field step)" "$(field steps_expected)"
	rate=$(field steps_per_second) left=$(field eta_seconds)
	[ -n "$rate" ] && awk -v rate="$rate" 'BEGIN { printf("  %.1f steps/s", rate) }'
	[ -n "$left" ] && [ "$left" != null ] && printf '  %s left' "$(human_seconds "$left")"
	printf '\nagents     %s\n' "$(field agents)"
	printf 'memory     heap %s, RSS %s\n' "$(human_bytes "$(field live_heap_bytes)")" \
		"$(human_bytes "$(field rss_bytes)")"
}

show_files() {
	heading=files
	for file in "$dir"/*; do
		[ -f "$file" ] || continue
		size=$(wc -c <"$file" | tr -d ' ')
		printf '%-11s%-11s %s\n' "$heading" "$(human_bytes "$size")" "$file"
		heading=
	done
}

show_activity() {
	[ -s "$dir/log" ] && tail -n 5 "$dir/log" | sed '1s/^/activity   /; 2,$s/^/           /'
}

show_next() {
	analyzer=$(find_program analyzer) || analyzer=analyzer
	if [ -s "$dir/trace.msgpack" ]; then
		printf 'next       %s %s\n' "$analyzer" "$dir/trace.msgpack"
	elif [ -f "$dir/run.json" ]; then
		printf 'next       less %s/run.json   (no trace: the run was not profiled)\n' "$dir"
	fi
	[ -f "$dir/sim.db" ] &&
		printf '           sqlite3 -readonly %s/sim.db "select max(step_number) from simulation_steps"\n' "$dir"
	return 0
}

# Name and status of each point of a manifest, as sim_bench and memprof sweep write it.
points() {
	sed -n 's/^   "name": "\(.*\)",\{0,1\}$/\1/p; s/^   "status": "\(.*\)",\{0,1\}$/\1/p' "$dir/manifest.json" |
		paste -d ' ' - -
}

# A sweep or a suite: a line for each run, and more of the one that is running.
show_batch() {
	printf 'batch      %s\n' "$dir"
	points | awk '{ count[$2]++; printf("  %-40s %s\n", $1, $2) }
		END { line = ""; for (s in count) line = line "  " count[s] " " s; print "points    " line }'
	current=$(points | awk '$2 == "running" { print $1; exit }')
	[ -n "$current" ] && [ -f "$dir/$current/status.json" ] && [ -n "$memprof" ] &&
		"$memprof" status "$dir/$current"
	if [ -f "$dir/summary.md" ]; then
		printf 'next       less %s/summary.md\n' "$dir"
	else
		printf 'next       analyzer scaling %s\n' "$dir"
	fi
}

is_running() {
	if [ -f "$dir/manifest.json" ]; then
		points | grep -q ' running$'
	else
		[ -f "$dir/status.json" ] && grep -q '"state": *"running"' "$dir/status.json"
	fi
}

newest_run() {
	# shellcheck disable=SC2012  # by time, which only ls sorts by; names are sim_bench's own
	ls -td results/*/ 2>/dev/null | while read -r candidate; do
		[ -f "${candidate}run.json" ] || [ -f "${candidate}manifest.json" ] && { printf '%s\n' "${candidate%/}"; break; }
	done
}

show() {
	if [ -f "$dir/manifest.json" ]; then
		show_batch
		return
	fi
	status_file=$dir/status.json
	if [ ! -f "$status_file" ]; then
		# The first "status" of run.json is that of the run.
		printf 'run        %s\nstate      %s (not profiled: no status.json)\n' "$dir" \
			"$(sed -n 's/^  "status": "\(.*\)",\{0,1\}$/\1/p' "$dir/run.json" | sed q)"
		show_files
	elif [ -z "$memprof" ] || ! "$memprof" status "$dir"; then
		printf 'run        %s\n' "$dir"
		show_progress
		show_files
	fi
	show_activity
	show_next
}

watch=
if [ "${1-}" = --watch ]; then
	watch=yes
	shift
fi
case ${1-} in
-h | --help)
	sed -n '2,/^$/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
-*)
	echo "status.sh: unknown option '$1'; $usage" >&2
	exit 2
	;;
esac
[ $# -le 1 ] || { echo "status.sh: more than one directory; $usage" >&2; exit 2; }

memprof=$(find_program memprof) || memprof=
if [ $# -eq 1 ]; then
	dir=${1%/}
else
	[ -n "$memprof" ] && "$memprof" status && echo
	dir=$(newest_run)
	if [ -z "$dir" ]; then
		[ -n "$memprof" ] && exit 0
		echo 'status.sh: no run below results/ here; give its directory' >&2
		exit 1
	fi
fi
if [ ! -f "$dir/run.json" ] && [ ! -f "$dir/status.json" ] && [ ! -f "$dir/manifest.json" ]; then
	echo "status.sh: $dir holds no run (neither run.json, status.json nor manifest.json); $usage" >&2
	exit 1
fi
while [ -n "$watch" ] && is_running; do
	[ -t 1 ] && printf '\033[H\033[2J'
	show
	sleep 2
done
show
