package lab

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTiming(t *testing.T) {
	begin := time.Now()
	l := New(t)
	t.Logf("up %s", time.Since(begin))
	r, err := l.Mail().Run(t.Context(), "sh", "-c", "postconf -n; ip a; ls -la /var/spool/postfix /etc/postfix; cat /var/log/syslog /var/log/mail.log; ps -eo pid,ppid,stat,args; grep Sig /proc/1/status")
	require.NoError(t, err)
	t.Log(r.Stdout, r.Stderr)
	begin = time.Now()
	require.NoError(t, l.Down())
	t.Logf("down %s", time.Since(begin))
}
