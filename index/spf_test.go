package index_test

import (
	"net/netip"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/index"
	"ucs-harden/spf"
)

func TestAnswersAboutSPFAreKeptForAWhile(t *testing.T) {
	store := index.Store{Dir: t.TempDir()}
	now := time.Date(2026, 11, 30, 8, 0, 0, 0, time.UTC)
	first := spf.Question{Client: netip.MustParseAddr("198.51.100.80"), Domain: "company.my"}
	second := spf.Question{Client: netip.MustParseAddr("2001:db8::80"), Domain: "company.my"}
	pass, fail := spf.Answer{Result: spf.Pass, Via: "newsletter.example"}, spf.Answer{Result: "fail"}
	assert.Empty(t, store.SPF(now))
	require.NoError(t, store.SaveSPF(map[spf.Question]spf.Answer{first: pass}, now))
	require.NoError(t, store.SaveSPF(map[spf.Question]spf.Answer{second: fail}, now.AddDate(0, 0, 10)))
	assert.Equal(t, map[spf.Question]spf.Answer{first: pass, second: fail}, store.SPF(now.AddDate(0, 0, 30)))
	assert.Equal(t, map[spf.Question]spf.Answer{second: fail}, store.SPF(now.AddDate(0, 0, 31)), "the older one is over")
	require.NoError(t, store.SaveSPF(map[spf.Question]spf.Answer{second: pass}, now.AddDate(0, 0, 31)))
	assert.Equal(t, map[spf.Question]spf.Answer{second: pass}, store.SPF(now.AddDate(0, 0, 31)), "the newer answer counts")

	info, err := os.Stat(filepath.Join(store.Dir, "spf.json"))
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode())
	require.NoError(t, os.WriteFile(filepath.Join(store.Dir, "spf.json"), []byte("{"), 0o600))
	assert.Empty(t, store.SPF(now), "what cannot be read is not known")
}
