package transaction

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Moment is a point in time on two clocks. A deadline counts on the uptime, which nobody can set. After a reboot only
// the time of day tells how much time has passed.
type Moment struct {
	// Wall is the time of day; an administrator can set it.
	Wall time.Time
	// Boot is the ID of this run of the kernel (random(4)). Uptime is its age, suspended time included (clock_gettime(2),
	// CLOCK_BOOTTIME).
	Boot   string
	Uptime time.Duration
}

// Now reads both clocks. Without a boot ID only the time of day counts.
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

// awaits is the journal of an apply that waits to be confirmed.
func awaits(id string, within time.Duration, now Moment) Journal {
	return Journal{
		ID: id, Kind: Confirming, Within: within,
		Deadline: now.Wall.Add(within).UTC(), Boot: now.Boot, Due: now.Uptime + within,
	}
}

// Left is the time that is left to confirm an apply; negative when the deadline has passed. Setting the time of day
// does not change it. After a reboot the time of day decides. It may have been lost, so the deadline has also passed
// when the uptime has reached the time that the apply was given.
func (j *Journal) Left(now Moment) time.Duration {
	if j.Boot != "" && j.Boot == now.Boot {
		return j.Due - now.Uptime
	}
	return min(j.Deadline.Sub(now.Wall), j.Within-now.Uptime)
}

// Until is the deadline as a time of day, to the second.
func (j *Journal) Until(now Moment) time.Time {
	return now.Wall.Add(j.Left(now)).Round(time.Second)
}
