package ucr

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// tree writes files below a new root. Names are relative to /etc/univention.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range files {
		path := filepath.Join(root, "etc/univention", name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return root
}

func TestLoadReadsAllLayers(t *testing.T) {
	registry, err := Load(tree(t, map[string]string{
		"base.conf":                     "# univention_ base.conf\n\nk: normal\nn: normal\np: normal",
		"base-ldap.conf":                "k: ldap\np: ldap",
		"base-schedule.conf":            "k: schedule",
		"base-forced.conf":              "k: forced",
		"base-defaults.conf":            "k: default\nd: default d",
		"registry.info/variables/a.cfg": "[d]\nDefault=newer, and not yet in force\n[n]\nDefault=too\n",
	}))
	require.NoError(t, err)
	assert.Equal(t, []Value{
		{"forced", Forced}, {"schedule", Schedule}, {"ldap", LDAP}, {"normal", Normal}, {"default", Default},
	}, registry.Lookup("k"))
	assert.Equal(t, []Value{{"ldap", LDAP}, {"normal", Normal}}, registry.Lookup("p"))
	assert.Equal(t, []Value{{"default d", Default}}, registry.Lookup("d"))
	assert.Empty(t, registry.Lookup("none"))

	text, ok := registry.Get("p")
	assert.True(t, ok)
	assert.Equal(t, "ldap", text)
	text, ok = registry.Normal("p")
	assert.True(t, ok)
	assert.Equal(t, "normal", text)
	_, ok = registry.Normal("d")
	assert.False(t, ok, "a default is not what base.conf says")
	value, ok := registry.Stronger("k")
	assert.True(t, ok)
	assert.Equal(t, Value{"forced", Forced}, value)
	for _, key := range []string{"n", "d", "none"} {
		_, ok = registry.Stronger(key)
		assert.False(t, ok, key)
	}
}

func TestLoadWithoutBaseConf(t *testing.T) {
	for sentence, c := range map[string]struct {
		files map[string]string
		want  string // the value of a; "" for ErrNoRegistry
	}{
		"missing: the backup counts":                     {map[string]string{"base.conf.bak": "a: bak"}, "bak"},
		"empty: the backup counts":                       {map[string]string{"base.conf": "", "base.conf.bak": "a: bak"}, "bak"},
		"there: the backup does not count":               {map[string]string{"base.conf": "a: conf", "base.conf.bak": "a: bak"}, "conf"},
		"a stronger layer is missing: its backup counts": {map[string]string{"base.conf": "a: conf", "base-forced.conf.bak": "a: forced"}, "forced"},
		"both missing":                                   {map[string]string{"base-forced.conf": "a: forced"}, ""},
		"empty, and no backup":                           {map[string]string{"base.conf": ""}, ""},
		"empty, and the backup is empty too":             {map[string]string{"base.conf": "", "base.conf.bak": ""}, ""},
		"not a UCS server: no registry at all":           {nil, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			registry, err := Load(tree(t, c.files))
			if c.want == "" {
				require.ErrorIs(t, err, ErrNoRegistry)
				assert.Contains(t, err.Error(), "/etc/univention/base.conf: neither")
				return
			}
			require.NoError(t, err)
			got, _ := registry.Get("a")
			assert.Equal(t, c.want, got)
		})
	}
}

func TestLoadRefusesABrokenLayer(t *testing.T) {
	for _, layer := range []Layer{Default, Normal, LDAP, Schedule, Forced} {
		root := tree(t, map[string]string{"base.conf": "a: 1"})
		path := filepath.Join(root, "etc/univention", layer.File())
		require.NoError(t, os.WriteFile(path, []byte("a: 1\nb: \xff"), 0o600))
		_, err := Load(root)
		var broken *FileError
		require.ErrorAs(t, err, &broken, layer)
		assert.Equal(t, FileError{path, 2, "is not UTF-8"}, *broken)

		require.NoError(t, os.Remove(path))
		require.NoError(t, os.Mkdir(path, 0o700))
		_, err = Load(root)
		require.Error(t, err, layer)
		assert.Contains(t, err.Error(), path)
		assert.Contains(t, err.Error(), "it is not a regular file")
	}
}

func TestLoadFollowsLinks(t *testing.T) {
	root := tree(t, map[string]string{"elsewhere": "a: 1", "base-forced.conf": ""})
	require.NoError(t, os.Symlink("elsewhere", filepath.Join(root, "etc/univention/base.conf")))
	registry, err := Load(root)
	require.NoError(t, err)
	got, _ := registry.Get("a")
	assert.Equal(t, "1", got)
}

func TestPrefixSortsKeysAsStrings(t *testing.T) {
	registry := New(map[Layer]map[string]string{
		Default: {"r/80": "d"},
		Normal:  {"r/9": "a", "r/10": "b", "r/100": "c", "r/20": "d", "r/05-x": "e", "q/1": "-", "r": "-", "s/1": "-"},
		LDAP:    {"r/20": "ldap"},
	})
	assert.Equal(t, []Variable{
		{"r/05-x", Value{"e", Normal}}, {"r/10", Value{"b", Normal}}, {"r/100", Value{"c", Normal}},
		{"r/20", Value{"ldap", LDAP}}, {"r/80", Value{"d", Default}}, {"r/9", Value{"a", Normal}},
	}, registry.Prefix("r/"))
	assert.Empty(t, registry.Prefix("t"))
	assert.Len(t, registry.Prefix(""), 9)

	registry.Prefix("r/")[0].Text = "changed by a caller"
	assert.Equal(t, "e", registry.Prefix("r/")[0].Text)
}

func TestWithChangesOnlyTheNormalLayerOfACopy(t *testing.T) {
	registry := New(map[Layer]map[string]string{
		Default: {"d": "default"},
		Normal:  {"a": "1", "d": "set", "f": "normal"},
		Forced:  {"f": "forced"},
	})
	changed := registry.With(map[string]string{"b": " 2\n3 ", "f": "new"}, []string{"a", "d", "none"})
	assert.Equal(t, []Variable{
		{"b", Value{"23", Normal}}, {"d", Value{"default", Default}}, {"f", Value{"forced", Forced}},
	}, changed.Prefix(""))
	assert.Equal(t, []Value{{"forced", Forced}, {"new", Normal}}, changed.Lookup("f"))
	assert.Equal(t, []Value{{"1", Normal}}, registry.Lookup("a"), "the first snapshot stays")

	both := registry.With(map[string]string{"a": "2"}, []string{"a"})
	assert.Equal(t, []Value{{"2", Normal}}, both.Lookup("a"), "what is set stays set")
	assert.Len(t, New(nil).With(map[string]string{"a": "1"}, nil).Prefix(""), 1)
}

func TestIsTrueReadsSwitchesAsTemplatesDo(t *testing.T) {
	for text, want := range map[string]bool{
		"yes": true, "true": true, "1": true, "enable": true, "enabled": true, "on": true, "Yes": true, "TRUE": true,
		"": false, "no": false, "0": false, "false": false, "disabled": false, "off": false, "2": false, "y": false,
	} {
		registry := New(map[Layer]map[string]string{Normal: {"k": text}})
		assert.Equal(t, want, registry.IsTrue("k", !want), text)
	}
	assert.True(t, New(nil).IsTrue("k", true))
	assert.False(t, New(nil).IsTrue("k", false))
}

func TestLayersHaveNamesInJSON(t *testing.T) {
	names := []string{"default", "normal", "ldap", "schedule", "forced"}
	for layer := Default; layer <= Forced; layer++ {
		assert.Equal(t, names[layer], layer.String())
		data, err := json.Marshal(Variable{"k", Value{"v", layer}})
		require.NoError(t, err)
		assert.JSONEq(t, fmt.Sprintf(`{"key":"k","text":"v","layer":%q}`, names[layer]), string(data))
		var back Variable
		require.NoError(t, json.Unmarshal(data, &back))
		assert.Equal(t, layer, back.Layer)
	}
	var layer Layer
	assert.Error(t, layer.UnmarshalText([]byte("Forced")))
	assert.Equal(t, "layer 5", Layer(5).String())
	assert.Empty(t, Layer(-1).File())
}

func TestLoadErrorsAreNotMistakenForAMissingRegistry(t *testing.T) {
	root := tree(t, nil)
	require.NoError(t, os.WriteFile(filepath.Join(root, "etc"), nil, 0o600))
	_, err := Load(root)
	require.Error(t, err)
	assert.False(t, errors.Is(err, fs.ErrNotExist))
	assert.NotErrorIs(t, err, ErrNoRegistry)
}

// A large server: 20,000 variables, one of them with 5,000 domains.
func largeTree(b *testing.B) string {
	var text strings.Builder
	text.WriteString(header)
	for i := range 20_000 {
		fmt.Fprintf(&text, "some/package/variable/%05d: some value of usual length\n", i)
	}
	text.WriteString("mail/hosteddomains:")
	for i := range 5_000 {
		fmt.Fprintf(&text, " domain%04d.company.example", i)
	}
	return tree(b, map[string]string{"base.conf": text.String()})
}

func BenchmarkLoad(b *testing.B) {
	root := largeTree(b)
	for b.Loop() {
		_, err := Load(root)
		require.NoError(b, err)
	}
}

func BenchmarkPrefixAfterWith(b *testing.B) {
	registry, err := Load(largeTree(b))
	require.NoError(b, err)
	for b.Loop() {
		registry.With(map[string]string{"a": "b"}, nil).Prefix("mail/")
	}
}
