# Process 1 of a PID namespace in which the machine runs: killing it ends everything. Makes the machine's disk and says
# "ready". Each line of standard input boots the machine; "ended STATUS" says that it is down, with the exit status of
# systemd-nspawn: 0 after a poweroff, 133 after a reboot.
# $1 the folder with the root below the machine's disk, $2 the size of that disk (tmpfs(5)).
set -e
mount --make-rprivate /
mount -t tmpfs -o "size=$2,mode=755" machine /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$1,upperdir=/mnt/upper,workdir=/mnt/work" machine /mnt/root
# systemd-nspawn keeps its notes here.
mkdir -p /run/systemd
mount -t tmpfs -o mode=755 machine /run/systemd
echo ready
while read -r _; do
	# As on a real machine, the uptime begins with the boot (time_namespaces(7)).
	up=$(cut -d. -f1 /proc/uptime)
	status=0
	unshare --time --boottime "-$up" --monotonic "-$up" systemd-nspawn --quiet --directory=/mnt/root --hostname=mail \
		--register=no --keep-unit --private-network --settings=no --link-journal=no --resolv-conf=off --timezone=off \
		--console=pipe --boot </dev/null >/dev/null || status=$?
	echo "ended $status"
done
