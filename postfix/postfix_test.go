package postfix_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/internal/run"
	"ucs-harden/internal/run/runtest"
	"ucs-harden/maincf"
	"ucs-harden/postfix"
)

func TestRunningAndReload(t *testing.T) {
	t.Parallel()
	i := newInstance(t, servable)
	ctx := within(t, time.Minute)
	running, err := i.Running(ctx)
	require.NoError(t, err)
	assert.False(t, running)
	assert.ErrorIs(t, i.Reload(ctx), postfix.ErrNotRunning)

	i.start(t)
	running, err = i.Running(ctx)
	require.NoError(t, err)
	assert.True(t, running)
	require.NoError(t, i.Reload(ctx))

	greeting, err := i.greeting(ctx)
	require.NoError(t, err)
	assert.Equal(t, "220 mail.company.my ESMTP Postfix", greeting)
}

// check and reload find nothing wrong with a list that kills every
// new smtpd, so only the greeting tells.
func TestOnlyTheGreetingTellsThatSmtpdDies(t *testing.T) {
	t.Parallel()
	i := newInstance(t, "smtpd_recipient_restrictions = permit_mynetworks\n")
	ctx := within(t, time.Minute)
	i.start(t)
	warnings, err := i.Check(ctx)
	require.NoError(t, err)
	assert.Empty(t, warnings)
	require.NoError(t, i.Reload(ctx))
	_, err = i.greeting(within(t, 2*time.Second))
	assert.Error(t, err)
}

func TestABrokenMainCFIsNamed(t *testing.T) {
	t.Parallel()
	i := newInstance(t, "this is no definition\n")
	ctx := within(t, time.Minute)
	const says = "missing '=' after attribute name"
	_, err := i.Running(ctx)
	assert.ErrorContains(t, err, says)
	_, err = i.Check(ctx)
	assert.ErrorContains(t, err, says)
	err = i.Reload(ctx)
	assert.ErrorContains(t, err, says)
	assert.NotErrorIs(t, err, postfix.ErrNotRunning)
}

func TestCheckReturnsWarningsOnce(t *testing.T) {
	i := newInstance(t, servable+"not_a_parameter = x\n")
	warnings, err := i.Check(within(t, time.Minute))
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	assert.Contains(t, warnings[0], "unused parameter: not_a_parameter=x")
}

func TestParam(t *testing.T) {
	i := newInstance(t, "mynetworks = 127.0.0.0/8,\n    $own\nown = 10.0.0.1/32\nsmtpd_banner =\nnobody_asks = 1\n")
	ctx := within(t, time.Minute)
	values, err := i.Param(ctx, "mynetworks", "smtpd_banner", "nobody_asks", "own")
	require.NoError(t, err)
	assert.Equal(
		t, map[string]string{"mynetworks": "127.0.0.0/8, $own", "smtpd_banner": "", "own": "10.0.0.1/32"}, values,
	)
	values, err = i.Param(ctx)
	require.NoError(t, err)
	assert.Empty(t, values, "no names ask for nothing")
}

func TestParamRunsPostconfOnce(t *testing.T) {
	fake := runtest.New().Reply("a = 1\nb = x = y\n", "postconf")
	values, err := postfix.Postfix{Runner: fake, ConfigDir: "/d"}.Param(t.Context(), "a", "b")
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"a": "1", "b": "x = y"}, values)
	assert.Equal(t, []string{"postconf -c /d a b"}, fake.Lines())

	_, err = postfix.Postfix{Runner: fake}.Param(t.Context(), "-e")
	assert.ErrorContains(t, err, "not the name")
	assert.Len(t, fake.Calls(), 1, "an option in place of a name is not passed on")
}

func TestAMissingProgramIsNamed(t *testing.T) {
	p := postfix.Postfix{Runner: runtest.New()}
	_, err := p.Param(t.Context(), "mail_version")
	assert.ErrorIs(t, err, run.ErrNotFound)
	_, err = p.Running(t.Context())
	assert.ErrorIs(t, err, run.ErrNotFound)
}

func TestOverrides(t *testing.T) {
	i := newInstance(t, servable)
	i.write(
		t, "master.cf",
		"smtps inet n - n - - smtpd\n  -o smtpd_tls_wrappermode=yes -o smtpd_helo_restrictions=a=b\n"+
			"private/x unix - - n - - lmtp -o syslog_name=\n",
	)
	ctx := within(t, time.Minute)
	overrides, err := i.Overrides(ctx)
	require.NoError(t, err)
	assert.ElementsMatch(t, []postfix.Override{
		{Service: "smtps", Type: "inet", Parameter: "smtpd_tls_wrappermode", Value: "yes"},
		{Service: "smtps", Type: "inet", Parameter: "smtpd_helo_restrictions", Value: "a=b"},
		{Service: "private/x", Type: "unix", Parameter: "syslog_name", Value: ""},
	}, overrides)
}

// What maincf.Parse reads is what postconf reads.
func TestWhatMaincfReadsIsWhatPostconfReads(t *testing.T) {
	const main = `# comment
  first line blank = ignored
mynetworks = 127.0.0.0/8,
# between
	10.0.0.1/32

    [::1]/128
smtpd_banner=$myhostname   ESMTP
myorigin =
smtpd_banner = last
`
	i := newInstance(t, "")
	i.write(t, "main.cf", main)
	values, err := i.Param(within(t, time.Minute), "mynetworks", "smtpd_banner", "myorigin")
	require.NoError(t, err)
	parsed, err := maincf.Parse([]byte(main))
	require.NoError(t, err)
	require.Len(t, values, 3)
	for name, value := range values {
		own, _ := parsed.Get(name)
		assert.Equal(t, value, own, name)
	}
}
