package lists_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"ucs-harden/lists"
)

func TestWhichEntryAChangeMeans(t *testing.T) {
	l := lists.Contents{
		List: &lists.List{Verb: "suspend", Subject: lists.Account, All: "the suspended accounts"},
		Entries: []lists.Entry{
			{Name: "a", Account: "Anna"}, {Name: "b", Account: "bob"}, {Name: "c", Account: "BOB"}, {Name: "bob", Account: "x"},
		},
	}
	for sentence, c := range map[string]struct {
		wanted lists.Entry
		name   string
		exists bool
		fault  lists.EntryFault
		failed bool
	}{
		"a listed account, in other capitals": {wanted: lists.Entry{Account: "anna"}, name: "a", exists: true},
		"a listed account by its entry":       {wanted: lists.Entry{Name: "c", Account: "bob"}, name: "c", exists: true},
		"an account that is not listed":       {wanted: lists.Entry{Account: "New"}, name: "new"},
		"an account that is listed twice":     {wanted: lists.Entry{Account: "bob"}, fault: lists.ListedTwice, failed: true},
		"a name that another entry has":       {wanted: lists.Entry{Name: "a", Account: "new"}, fault: lists.NameTaken, failed: true},
		"a listed account with another name":  {wanted: lists.Entry{Name: "z", Account: "anna"}, fault: lists.ListedAs, failed: true},
	} {
		t.Run(sentence, func(t *testing.T) {
			before, exists, err := l.Place(c.wanted)
			if c.failed {
				var wrong *lists.EntryError
				assert.ErrorAs(t, err, &wrong)
				assert.Equal(t, c.fault, wrong.Fault)
				return
			}
			assert.NoError(t, err)
			assert.Equal(t, c.name, before.Name)
			assert.Equal(t, c.exists, exists)
		})
	}
	t.Run("to remove", func(t *testing.T) {
		e, err := l.Find(lists.Which{Word: "ANNA"})
		assert.NoError(t, err)
		assert.Equal(t, "a", e.Name)
		e, err = l.Find(lists.Which{Name: "bob"})
		assert.NoError(t, err)
		assert.Equal(t, "x", e.Account)
		var wrong *lists.EntryError
		_, err = l.Find(lists.Which{Word: "bob"})
		assert.ErrorAs(t, err, &wrong)
		assert.Equal(t, lists.Ambiguous, wrong.Fault, "the name of one entry and the account of others")
		_, err = l.Find(lists.Which{Word: "gone"})
		assert.ErrorAs(t, err, &wrong)
		assert.Equal(t, lists.Unlisted, wrong.Fault)
		assert.Empty(t, wrong.Names)
		_, err = l.Find(lists.Which{Word: "bnnb"})
		assert.ErrorAs(t, err, &wrong)
		assert.Empty(t, wrong.Names, "two mistakes in four letters are another name")
		_, err = l.Find(lists.Which{Word: "anan"})
		assert.ErrorAs(t, err, &wrong)
		assert.Equal(t, []string{"a"}, wrong.Names, "the name of the entry that may have been meant")
		_, err = l.Find(lists.Which{})
		assert.ErrorAs(t, err, &wrong)
		assert.Equal(t, lists.Unlisted, wrong.Fault, "no word means no entry")
	})
	t.Run("to remove, by its kind", func(t *testing.T) {
		l := lists.Contents{
			List: &lists.List{Verb: "restrict", Subject: lists.Account, All: "the accounts"},
			Entries: []lists.Entry{
				{Name: "a", Account: "staff"}, {Name: "b", Group: "Staff"}, {Name: "c", List: "staff"}, {Name: "staff", Account: "x"},
			},
		}
		for kind, name := range map[string]string{"account": "a", "group": "b", "list": "c"} {
			e, err := l.Find(lists.Which{Kind: kind, Word: "staff"})
			assert.NoError(t, err)
			assert.Equal(t, name, e.Name)
		}
		for _, w := range []lists.Which{{Kind: "group", Word: "a"}, {Kind: "group"}, {Kind: "nonsense", Word: "staff"}} {
			_, err := l.Find(w)
			assert.Error(t, err, "%v", w)
		}
	})
}

func TestDetailsAreNotWhatAnEntryIsAbout(t *testing.T) {
	l := lists.Contents{List: &lists.List{Subject: lists.Account}}
	given := map[string]string{"account": "ANNA", "group": "g", "list": "l", "reason": "r"}
	assert.Equal(t, map[string]string{"reason": "r"}, l.Details(given))
	assert.Len(t, given, 4)
}

func TestAnEntryThatMustNotWait(t *testing.T) {
	l := lists.Contents{
		List:    &lists.List{Verb: "suspend", Subject: lists.Account, OwnMode: true},
		Entries: []lists.Entry{{Name: "b", Account: "bob"}, {Name: "c", Account: "BOB"}, {Name: "eve", Account: "x"}, {Name: "eve-now", Account: "y"}},
	}
	for sentence, c := range map[string]struct {
		wanted lists.Entry
		name   string
		exists bool
	}{
		"of several entries about the same, the first":     {lists.Entry{Account: "bob"}, "b", true},
		"another name for a listed account":                {lists.Entry{Name: "z", Account: "bob"}, "b", true},
		"a name that another entry has gets an addition":   {lists.Entry{Account: "eve"}, "eve-now-now", false},
		"an account that is not listed, as at other times": {lists.Entry{Account: "new"}, "new", false},
	} {
		before, exists, err := l.PlaceAnyhow(c.wanted)
		assert.NoError(t, err, sentence)
		assert.Equal(t, c.name, before.Name, sentence)
		assert.Equal(t, c.exists, exists, sentence)
	}
	stop := map[string]string{"mode": "enforce"}
	old := lists.Entry{Account: "bob", Expires: "2020-01-01"}
	assert.Equal(t, map[string]string{"mode": "enforce", "expires": ""}, l.Mended(old, stop, "2026-11-30"), "an expired entry counts again")
	old.Expires = "never"
	assert.Equal(t, map[string]string{"mode": "enforce", "expires": ""}, l.Mended(old, stop, "2026-11-30"), "so does one with no date")
	old.Expires = "2027-01-01"
	assert.Equal(t, stop, l.Mended(old, stop, "2026-11-30"))
	given := map[string]string{"mode": "enforce", "expires": "2028-01-01"}
	assert.Equal(t, given, l.Mended(lists.Entry{Account: "bob", Expires: "2020-01-01"}, given, "2026-11-30"))
}

func TestTheModeOfAnEntry(t *testing.T) {
	l := &lists.List{Verb: "suspend", Subject: lists.Account, OwnMode: true}
	assert.Contains(t, l.Fields(), "mode")
	assert.True(t, lists.Entry{Mode: "enforce"}.Always())
	assert.Empty(t, l.Fault(lists.Entry{Account: "a", Mode: "enforce"}))
	for _, mode := range []string{"warn", "off", "Enforce", "x"} {
		e := lists.Entry{Account: "a", Mode: mode}
		assert.False(t, e.Always())
		assert.Contains(t, l.Fault(e), "the only mode of an entry")
	}
	assert.NotContains(t, (&lists.List{Subject: lists.Account}).Fields(), "mode")
}
