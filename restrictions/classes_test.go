package restrictions_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/restrictions"
)

var twoClasses = restrictions.Classes{
	{Name: "ucs_harden_local_only", Restrictions: []string{"check_recipient_access pipemap:{unionmap:{hash:/d,static:other},regexp:/r}", "reject"}},
	{Name: "ucs_harden_login", Restrictions: []string{"permit_sasl_authenticated", "check_recipient_access regexp:/l"}},
}

const twoClassesText = `ucs_harden_classes =
    ucs_harden_local_only,
    ucs_harden_login
smtpd_restriction_classes = $ucs_harden_classes

ucs_harden_local_only =
    check_recipient_access pipemap:{unionmap:{hash:/d,static:other},regexp:/r},
    reject

ucs_harden_login =
    permit_sasl_authenticated,
    check_recipient_access regexp:/l
`

func TestClassesAreAPartOfMainCf(t *testing.T) {
	written := string(twoClasses.Bytes())
	assert.True(t, strings.HasPrefix(written, "# "))
	assert.True(t, strings.HasSuffix(written, "\n"+twoClassesText), written)
	assert.Nil(t, restrictions.Classes{}.Bytes(), "no class, no file")
}

func TestClassesAreReadAsTheyWereWritten(t *testing.T) {
	read, err := restrictions.ParseClasses(twoClasses.Bytes())
	require.NoError(t, err)
	assert.Equal(t, twoClasses, read)
	none, err := restrictions.ParseClasses(nil)
	require.NoError(t, err)
	assert.Empty(t, none)
}

func TestClassesThatSomebodyChangedAreNotGuessed(t *testing.T) {
	for what, change := range map[string][2]string{
		"a class that is not named":      {"    ucs_harden_local_only,\n", ""},
		"a name without a class":         {"ucs_harden_login\nsmtpd", "ucs_harden_login, mine\nsmtpd"},
		"a line that is not a parameter": {"smtpd_restriction_classes =", "smtpd_restriction_classes"},
		"a parameter that occurs twice":  {"\nucs_harden_login =", "\nucs_harden_local_only ="},
		"a value without a parameter":    {"ucs_harden_classes =\n", ""},
	} {
		t.Run(what, func(t *testing.T) {
			require.Contains(t, twoClassesText, change[0])
			_, err := restrictions.ParseClasses([]byte(strings.Replace(twoClassesText, change[0], change[1], 1)))
			assert.ErrorContains(t, err, "cannot read the restriction classes: ")
		})
	}
}

func TestTheUnionHasTheClassesOfBoth(t *testing.T) {
	next := restrictions.Classes{{Name: "ucs_harden_login", Restrictions: []string{"reject"}}, {Name: "ucs_harden_new", Restrictions: []string{"reject"}}}
	assert.Equal(t, restrictions.Classes{next[0], next[1], twoClasses[0]}, twoClasses.Union(next))
	assert.Equal(t, twoClasses, twoClasses.Union(nil))
	assert.Equal(t, twoClasses, restrictions.Classes(nil).Union(twoClasses))
}

func FuzzParseClasses(f *testing.F) {
	f.Add([]byte(twoClassesText))
	f.Fuzz(func(t *testing.T, part []byte) {
		read, err := restrictions.ParseClasses(part)
		if err != nil {
			return
		}
		again, err := restrictions.ParseClasses(read.Bytes())
		require.NoError(t, err)
		assert.Equal(t, read, again)
	})
}
