package smtp

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func read(text string) (Reply, error) {
	return readReply(bufio.NewReader(strings.NewReader(text)), func(string) {})
}

// The examples are those of RFC 5321 section 4.2.1, RFC 2034 section 5 and of Postfix.
func TestReplies(t *testing.T) {
	for text, want := range map[string]struct {
		code                     int
		enhanced, text, asString string
	}{
		"250 2.1.5 Ok\r\n": {250, "2.1.5", "Ok", "250 2.1.5 Ok"},
		"554 5.7.1 <a@b>: Relay access denied\r\n": {
			554, "5.7.1", "<a@b>: Relay access denied", "554 5.7.1 <a@b>: Relay access denied",
		},
		"250-mail.company.my\r\n250 SIZE 10\r\n": {
			250, "", "mail.company.my SIZE 10", "250 mail.company.my SIZE 10",
		},
		"550-5.1.1 nobody\r\n550 5.1.1 of that name\r\n": {
			550, "5.1.1", "nobody of that name", "550 5.1.1 nobody of that name",
		},
		"250\r\n":                         {250, "", "", "250"},
		"250-\r\n250 \r\n":                {250, "", " ", "250"},
		"220 10.0.0.1 ESMTP\n":            {220, "", "10.0.0.1 ESMTP", "220 10.0.0.1 ESMTP"},
		"421 4.3.2 Shutdown\r\n":          {421, "4.3.2", "Shutdown", "421 4.3.2 Shutdown"},
		"354 End data with <CR><LF>.\r\n": {354, "", "End data with <CR><LF>.", "354 End data with <CR><LF>."},
		"250 2.0.0\r\n":                   {250, "2.0.0", "", "250 2.0.0"},
		"250 1.2.3.4 is no enhanced code\n": {
			250, "", "1.2.3.4 is no enhanced code", "250 1.2.3.4 is no enhanced code",
		},
		"554 5.7.1  two  blanks\r\n": {554, "5.7.1", " two  blanks", "554 5.7.1 two blanks"},
	} {
		r, err := read(text)
		require.NoError(t, err, text)
		assert.Equal(t, want.code, r.Code, text)
		assert.Equal(t, want.enhanced, r.Enhanced(), text)
		assert.Equal(t, want.text, r.Text(), text)
		assert.Equal(t, want.asString, r.String())
		assert.Equal(t, want.code < 300, r.Positive())
	}
}

func TestWhatIsNoReply(t *testing.T) {
	for text, says := range map[string]string{
		"hello\r\n":            `"hello" is no SMTP reply`,
		"25 x\r\n":             `"25 x" is no SMTP reply`,
		"250x\r\n":             `"250x" is no SMTP reply`,
		"250-a\r\n550 b\r\n":   `"550 b" is no SMTP reply`,
		"250-a\r\nb\r\n":       `"b" is no SMTP reply`,
		"100 x\r\n":            `"100 x" is no SMTP reply`,
		"999 x\r\n":            `"999 x" is no SMTP reply`,
		"+50 x\r\n":            `"+50 x" is no SMTP reply`,
		"\r\n":                 `"" is no SMTP reply`,
		"HTTP/1.1 400 Bad\r\n": `"HTTP/1.1 400 Bad" is no SMTP reply`,
		"220 " + strings.Repeat("x", MaxReply) + "\r\n":       "the reply is longer than 65536 bytes",
		strings.Repeat("220-x\r\n", MaxReply/7+1) + "220 x\n": "the reply is longer than 65536 bytes",
	} {
		_, err := read(text)
		assert.EqualError(t, err, says)
	}
	cut := io.ErrUnexpectedEOF
	for text, want := range map[string]error{"": io.EOF, "250 2.1": cut, "250-more\r\n": cut} {
		_, err := read(text)
		assert.Equal(t, want, err, "%q", text)
	}
}

func TestExtensions(t *testing.T) {
	r, err := read("250-STARTTLS.company.my\r\n250-STARTTLS\r\n250-auth PLAIN LOGIN\r\n250 SIZE 1000\r\n")
	require.NoError(t, err)
	assert.Equal(t, []string{"STARTTLS", "auth PLAIN LOGIN", "SIZE 1000"}, r.Extensions())
	assert.True(t, r.Offers("starttls"))
	assert.True(t, r.Offers("AUTH"))
	assert.False(t, r.Offers("AUTH PLAIN"))
	assert.False(t, r.Offers("STARTTLS.company.my"), "the first line is the name of the server")
	assert.Empty(t, Reply{}.Extensions())
}

// What is read, printed as the grammar says and read again is the same; String is one more way to print it.
func FuzzReply(f *testing.F) {
	for _, seed := range []string{
		"250 2.1.5 Ok\r\n", "550-5.1.1 a\r\n550 5.1.1 b\r\n", "250\r\n", "554 5.7.1  two  blanks\r\n", "250-\n250 \rx\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := read(text)
		if err != nil {
			return
		}
		var printed strings.Builder
		for i, line := range r.Lines {
			between := "-"
			if i == len(r.Lines)-1 {
				between = " "
			}
			printed.WriteString(strings.Join([]string{text[:3], between, line, "\r\n"}, ""))
		}
		if printed.Len() <= MaxReply {
			again, err := read(printed.String())
			require.NoError(t, err)
			require.Equal(t, r, again)
		}
		short, err := read(r.String() + "\r\n")
		require.NoError(t, err)
		require.Equal(t, r.Code, short.Code)
		require.Equal(t, r.String(), short.String())
	})
}
