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
		e, err := l.Find("", "ANNA")
		assert.NoError(t, err)
		assert.Equal(t, "a", e.Name)
		e, err = l.Find("bob", "")
		assert.NoError(t, err)
		assert.Equal(t, "x", e.Account)
		var wrong *lists.EntryError
		_, err = l.Find("", "bob")
		assert.ErrorAs(t, err, &wrong)
		assert.Equal(t, lists.Ambiguous, wrong.Fault, "the name of one entry and the account of others")
		_, err = l.Find("", "gone")
		assert.ErrorAs(t, err, &wrong)
		assert.Equal(t, lists.Unlisted, wrong.Fault)
	})
}

func TestDetailsAreNotWhatAnEntryIsAbout(t *testing.T) {
	l := lists.Contents{List: &lists.List{Subject: lists.Account}}
	given := map[string]string{"account": "ANNA", "group": "g", "list": "l", "reason": "r"}
	assert.Equal(t, map[string]string{"reason": "r"}, l.Details(given))
	assert.Len(t, given, 4)
}
