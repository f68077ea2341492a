# Keeps a machine until the end of file descriptor 3, and then ends all of it: processes, mounts, control groups. It is
# no child of the machine, so it also cleans up when the test is killed.
# $1 the folder with the root below the machine's disk, $2 the size of that disk (tmpfs(5)).
# Standard input and output are those of the holder.
set -e
exec 4<&0

# systemd-nspawn puts its machine below the control group of its caller. Each machine has a control group of its own, so
# that several can run side by side. Those of other hierarchies than systemd's stay as they are.
groups=
while IFS=: read -r _ controllers path; do
	case $controllers in
	'') top=/sys/fs/cgroup/unified && [ -d "$top" ] || top=/sys/fs/cgroup ;;
	name=systemd) top=/sys/fs/cgroup/systemd ;;
	*) continue ;;
	esac
	group=$top${path%/}/ucs-harden-machine-$$
	mkdir "$group"
	groups="$groups $group"
done </proc/self/cgroup

(
	for group in $groups; do
		echo 0 >"$group/cgroup.procs"
	done
	exec 3<&-
	exec unshare --mount --pid --fork --kill-child --mount-proc sh "${0%/*}/holder.sh" "$1" "$2"
) <&4 &
exec 4<&-
cat <&3 >/dev/null
kill -KILL $! 2>/dev/null || true
wait || true

# A control group can be removed when its last process is gone.
for group in $groups; do
	tries=0
	until find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || [ "$tries" -ge 100 ]; do
		tries=$((tries + 1))
		sleep 0.05
	done
done
