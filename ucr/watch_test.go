package ucr

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
)

// TestWhatSomeoneElseWritesDuringTheCall lets someone else write with ucr between the look at the registry and the write.
func TestWhatSomeoneElseWritesDuringTheCall(t *testing.T) {
	theirs := "theirs"
	for sentence, c := range map[string]struct {
		// early is written after the caller has looked and before the call; amid while ucr runs, before it writes; late after it
		// has written.
		early, amid, late [][]string // action and argument
		action            string
		want              map[string]*string
		fails             bool
	}{
		"nobody writes":                             {action: "set"},
		"another variable does not matter":          {amid: [][]string{{"set", "z=1"}}, action: "set", want: nil},
		"the value written before the call":         {early: [][]string{{"set", "a=theirs"}}, action: "set", want: map[string]*string{"a": &theirs}},
		"the value written during the call":         {amid: [][]string{{"set", "a=theirs"}}, action: "set", want: map[string]*string{"a": &theirs}},
		"the last of several values":                {amid: [][]string{{"set", "a=x"}, {"set", "z=1"}, {"set", "a=theirs"}}, action: "set", want: map[string]*string{"a": &theirs}},
		"a value that came back was not lost":       {amid: [][]string{{"set", "a=x"}, {"set", "a=old"}}, action: "set"},
		"a variable that he unset":                  {amid: [][]string{{"unset", "a"}}, action: "set", want: map[string]*string{"a": nil}},
		"a variable that was not set":               {amid: [][]string{{"set", "new=theirs"}}, action: "set", want: map[string]*string{"new": &theirs}},
		"a value that is unset":                     {amid: [][]string{{"set", "a=theirs"}}, action: "unset", want: map[string]*string{"a": &theirs}},
		"a value written afterwards is still there": {late: [][]string{{"set", "a=theirs"}}, action: "set", fails: true},
	} {
		t.Run(sentence, func(t *testing.T) {
			p, fake := newServer(t, map[string]string{"base.conf": header + "a: old\nb: stays"})
			write := func(calls [][]string, watched bool) {
				for _, call := range calls {
					edit(t, p.Root, call[0], call[1:])
					if watched { // ucr waits for the disk between two renames, which is long enough
						require.Eventually(t, func() bool { return isOpen(t, below(p.Root, "etc/univention/base.conf")) },
							10*time.Second, time.Millisecond)
					}
				}
			}
			fake.Handle(func(_ context.Context, cmd run.Cmd) (run.Result, error) {
				write(c.amid, true)
				result := edit(t, p.Root, cmd.Argv[1], cmd.Argv[2:])
				write(c.late, true)
				return result, nil
			}, "ucr", c.action)
			reg, err := Load(p.Root)
			require.NoError(t, err)
			write(c.early, false)
			var others map[string]*string
			if c.action == "set" {
				others, err = p.SetSeen(t.Context(), map[string]string{"a": "ours", "new": "ours"}, reg.NormalValues())
			} else {
				others, err = p.UnsetSeen(t.Context(), []string{"a"}, reg.NormalValues())
			}
			assert.Equal(t, c.fails, err != nil, "%v", err)
			if len(c.want) == 0 {
				assert.Empty(t, others)
			} else {
				assert.Equal(t, c.want, others)
			}
		})
	}
}

// isOpen reports whether this process has a file open: the watch keeps each version open that it has read.
func isOpen(t *testing.T, path string) bool {
	t.Helper()
	now, err := os.Stat(path)
	require.NoError(t, err)
	open, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	for _, fd := range open {
		if info, err := os.Stat("/proc/self/fd/" + fd.Name()); err == nil && os.SameFile(info, now) {
			return true
		}
	}
	return false
}

// A version that is replaced before it can be read is not passed over.
func TestAVersionThatIsGoneIsNoticed(t *testing.T) {
	root := tree(t, map[string]string{"base.conf": header + "a: old"})
	w, err := startWatch(root)
	require.NoError(t, err)
	require.NoError(t, w.events.SetReadDeadline(time.Unix(0, 0))) // nothing is read until the end
	<-w.ended
	edit(t, root, "set", []string{"a=theirs"})
	edit(t, root, "set", []string{"a=ours"})
	_, complete := w.end()
	assert.False(t, complete)
}

// A handler may set a variable itself, right after ours were written.
func TestAHandlerThatSetsAVariable(t *testing.T) {
	keys := []string{"a"}
	now, ours := map[string]string{"a": "old", "b": "1"}, map[string]string{"a": "ours", "b": "1"}
	assert.False(t, differBeside(keys, []map[string]string{now, ours}), "a value of someone else may be gone")
	assert.True(t, differBeside(keys, []map[string]string{now, {"a": "ours", "b": "1", "handler": "x"}}))
	assert.True(t, differBeside(keys, []map[string]string{now, {"a": "ours"}}))
}

func TestNoFileStaysOpen(t *testing.T) {
	root := tree(t, map[string]string{"base.conf": header + "a: old"})
	count := func() int {
		open, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		return len(open)
	}
	before := count()
	for range 20 {
		w, err := startWatch(root)
		require.NoError(t, err)
		edit(t, root, "set", []string{"a=theirs"})
		w.end()
	}
	assert.LessOrEqual(t, count(), before+2)
	_, err := startWatch(filepath.Join(root, "nowhere"))
	require.ErrorContains(t, err, "cannot watch")
}
