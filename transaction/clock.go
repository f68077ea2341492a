package transaction

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Moment is a point in time on two clocks. A deadline is counted on the one
// that nobody can set; but that one knows nothing of the time before the last
// boot, which is what the other is for.
type Moment struct {
	// Wall is the time of day; somebody may set it.
	Wall time.Time
	// Boot names this run of the kernel (random(4)), Uptime is how long it has
	// lasted, time asleep included (clock_gettime(2), CLOCK_BOOTTIME).
	Boot   string
	Uptime time.Duration
}

// Now reads both clocks. Without a name of the boot only the time of day
// counts.
func Now() Moment {
	m := Moment{Wall: time.Now()}
	var up unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &up); err == nil {
		m.Uptime = time.Duration(up.Nano())
	}
	if id, err := os.ReadFile("/proc/sys/kernel/random/boot_id"); err == nil {
		m.Boot = strings.TrimSpace(string(id))
	}
	return m
}

// awaits is the journal of an apply that waits so long to be confirmed.
func awaits(id string, within time.Duration, now Moment) Journal {
	return Journal{
		ID: id, Kind: Confirming, Within: within,
		Deadline: now.Wall.Add(within).UTC(), Boot: now.Boot, Due: now.Uptime + within,
	}
}

// Left is how long an apply may still be confirmed; negative when the deadline
// has passed. Setting the time of day changes nothing about it. After a reboot
// the time of day is all there is: then the deadline has also passed when the
// server has been up again for as long as the apply was given, which holds
// where the clock was lost.
func (j *Journal) Left(now Moment) time.Duration {
	if j.Boot != "" && j.Boot == now.Boot {
		return j.Due - now.Uptime
	}
	return min(j.Deadline.Sub(now.Wall), j.Within-now.Uptime)
}

// Until is the deadline as the time of day shows it now, to the second.
func (j *Journal) Until(now Moment) time.Time {
	return now.Wall.Add(j.Left(now)).Round(time.Second)
}
