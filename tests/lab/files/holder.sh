# Process 1 of a lab host: makes the host's own root and then waits for the end of its standard input.
# $1 host name, $2 size of the disk (tmpfs(5) size), $3 the system below its root. The process that starts this script makes the namespaces.
set -e
mount --make-rprivate /
mount -t tmpfs -o "size=$2,mode=755" lab /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay -o "lowerdir=$3,upperdir=/mnt/upper,workdir=/mnt/work" lab /mnt/root
cd /mnt/root
mount -t proc proc proc
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
	: >"dev/$device"
	mount --bind "/dev/$device" "dev/$device"
done
mkdir -m 1777 dev/shm run/lock
mkdir dev/pts
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s /proc/self/fd/0 dev/stdin
ln -s /proc/self/fd/1 dev/stdout
ln -s /proc/self/fd/2 dev/stderr
# The disk stays visible at /mnt, so that a test can make it small.
mount --bind /mnt mnt
pivot_root . .
umount -l .
hostname "$1"
echo ready
# Process 1 ignores SIGCHLD, so that the kernel itself removes orphaned processes when they end.
exec chroot . env --ignore-signal=CHLD cat >/dev/null
