package controls

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/lists"
)

// UCR's templates, the schema, the join script and the descriptions of variables repeat names, texts and defaults of the
// controls, in other languages. These tests hold them together.

func shipped(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile("../" + file)
	require.NoError(t, err)
	return string(content)
}

const templates = "ucs/etc/univention/templates/files"

// The functions that print the LDAP maps.
func TestTheMapsOfPythonRepeatWhatTheControlsHave(t *testing.T) {
	python := shipped(t, "ucs/usr/share/ucs-harden/ldap_map.py")
	longest := len(lists.Printable(strings.Repeat("x", 1000)))
	require.Equal(t, 200, longest)
	for what, line := range map[string]string{
		"the attribute of a mark":       `_attribute(registry, "` + suspendedAttribute + `", "` + defaultSuspendedAttribute + `")`,
		"the value of a mark":           `registry.get("` + suspendedValue + `") or "` + defaultSuspendedValue + `"`,
		"the group of suspended":        `registry.get("` + suspendedGroup + `")`,
		"the attribute of a reason":     `_attribute(registry, "` + suspendedReason + `", "` + defaultSuspendedReason + `")`,
		"the refusal and its tag":       `("result_format", "` + mapRefusal + `: %s ` + Tag + suspendedName + `")`,
		"the class of bound accounts":   `("result_format", "` + localOnlyClass + `")`,
		"the list of bound accounts":    `_whole("(` + localOnlyList.Prefix + `[^/]+/)group", key)`,
		"when an entry of it is over":   `registry.get(account.group(1) + "expires")`,
		"the hosted domains":            `registry.get("` + DomainsVariable + `")`,
		"where a group is without a DN": `"cn=%s,cn=groups,%s"`,
	} {
		assert.Contains(t, python, line, what)
	}
	w := Work{name: suspendedName}
	assert.Equal(t, "REJECT 5.7.1 a text: why "+Tag+suspendedName, w.refusal("a text", "why"))
	assert.Equal(t, []string{Tag + suspendedName}, regexp.MustCompile(`#ucs-harden:[\w-]+`).FindAllString(python, -1))
	assert.Equal(t, []string{localOnlyClass}, regexp.MustCompile(`ucs_harden_\w+`).FindAllString(python, -1))
}

// mapNames are all LDAP maps that the controls may want.
func mapNames() []string {
	r := live{}
	var out []string
	for _, c := range all {
		if c.Maps != nil {
			out = append(out, c.Maps(r)...)
		}
	}
	return out
}

// live is a registry in which every variable has the value "live".
type live struct{ Registry }

func (live) Get(string) (string, bool) { return "live", true }

func TestEachMapHasItsTemplate(t *testing.T) {
	python := shipped(t, "ucs/usr/share/ucs-harden/ldap_map.py")
	info := shipped(t, "ucs/etc/univention/templates/info/ucs-harden.info")
	var there []string
	files, err := filepath.Glob("../" + templates + mapPrefix + "*")
	require.NoError(t, err)
	for _, file := range files {
		there = append(there, strings.TrimPrefix(file, "../"+templates))
	}
	assert.ElementsMatch(t, there, mapNames())

	reads := map[string][]string{
		loginMap:                  nil,
		mapPrefix + suspendedName: {suspendedAttribute, suspendedValue, suspendedGroup, suspendedReason},
		mapPrefix + localOnlyName: {localOnlyList.Prefix + ".*"},
	}
	for _, file := range mapNames() {
		template := shipped(t, templates+file)
		function := regexp.MustCompile(`shared\["(\w+)"\]\(configRegistry\)`).FindStringSubmatch(template)
		if assert.NotNil(t, function, file) {
			assert.Contains(t, python, "\ndef "+function[1]+"(registry):", file)
		}
		assert.Contains(t, template, `io.open("/usr/share/ucs-harden/ldap_map.py", `, file)
		_, section, registered := strings.Cut(info, "File: "+file[1:]+"\n")
		assert.True(t, registered, file)
		section, _, _ = strings.Cut(section, "\n\n")
		for _, variable := range reads[strings.TrimSuffix(file, "-logins")] {
			assert.Contains(t, section+"\n", "\nVariables: "+variable+"\n", file)
		}
	}
}

// On UCS 5.0 a program in Python 2 that sets a variable renders the templates in Python 2. What fails there leaves main.cf
// without our classes, and the maps without an answer.
func TestTheTemplatesAvoidWhatPython2DoesNotHave(t *testing.T) {
	files, err := filepath.Glob("../" + templates + mapPrefix + "*")
	require.NoError(t, err)
	files = append(files, "../"+templates+"/"+MainTemplate, "../ucs/usr/share/ucs-harden/ldap_map.py",
		"../ucs/usr/share/ucs-harden/69ucs-harden.acl")
	only3 := regexp.MustCompile(`re\.fullmatch|file=sys|FileNotFoundError|nonlocal|\bf"|[^.]open\([^)]*encoding|^def .*->|print\([^()]*,`)
	for _, file := range files {
		assert.Empty(t, only3.FindString(shipped(t, strings.TrimPrefix(file, "../"))), file)
	}
}

func TestTheTemplateOfTheClasses(t *testing.T) {
	assert.Contains(t, shipped(t, templates+"/etc/postfix/main.cf.d/60_ucs-harden"), `installed = "`+ClassesFile+`"`)
	info := shipped(t, "ucs/etc/univention/templates/info/ucs-harden.info")
	_, section, _ := strings.Cut(info, "Subfile: etc/postfix/main.cf.d/60_ucs-harden\n")
	assert.True(t, strings.HasPrefix(section, "Variables: "+modeOfAll+"\n"))
	assert.Contains(t, strings.Fields(shipped(t, "debian/ucs-harden.dirs")), strings.TrimPrefix(Folder, "/"))
	assert.True(t, strings.HasPrefix(ClassesFile, Folder+"/"))
}

func TestTheMarkInTheDirectory(t *testing.T) {
	schema := shipped(t, "ucs/usr/share/ucs-harden/ucs-harden.schema")
	join := shipped(t, "ucs/usr/lib/univention-install/60ucs-harden.inst")
	for _, attribute := range []string{defaultSuspendedAttribute, defaultSuspendedReason} {
		assert.Contains(t, schema, "NAME '"+attribute+"'\n")
	}
	assert.Contains(t, schema, "MAY ( "+defaultSuspendedAttribute+" $ "+defaultSuspendedReason+" )")
	// UDM's syntax TrueFalseUp stores TRUE.
	assert.Equal(t, "TRUE", defaultSuspendedValue)
	assert.Contains(t, join, "\nfield "+defaultSuspendedAttribute+" TrueFalseUp ")
	assert.Contains(t, join, "\nfield "+defaultSuspendedReason+" string ")
}

// The package is not removed while Postfix uses our files, and takes them along when it goes.
func TestTheMaintainerScriptsKnowOurFiles(t *testing.T) {
	scripts := shipped(t, "debian/in-use.sh") // what prerm and postrm ask
	files, err := filepath.Glob("../debian/ucs-harden.p*")
	require.NoError(t, err)
	for _, file := range files {
		scripts += shipped(t, strings.TrimPrefix(file, "../"))
	}
	for _, part := range []string{regexp.QuoteMeta(mapPrefix), Folder + "/", "ucs_harden_", "rm -f " + mapPrefix + "*", "rm -rf " + Folder} {
		assert.Contains(t, scripts, part)
	}
	for _, class := range []string{localOnlyClass, foreignClass, sendersClass, loginClass, asBeforeClass} {
		assert.True(t, strings.HasPrefix(class, "ucs_harden_"), class)
	}
}

// The descriptions say what applies while a variable is not set.
func TestTheDescriptionsNameTheDefaults(t *testing.T) {
	cfg := shipped(t, "ucs/etc/univention/registry.info/variables/ucs-harden.cfg")
	for variable, preset := range map[string]string{
		suspendedAttribute: defaultSuspendedAttribute, suspendedValue: defaultSuspendedValue, suspendedReason: defaultSuspendedReason,
		suspendedText: suspendedTexts["en"], localOnlyText: localOnlyTexts["en"], protectedText: protectedTexts["en"],
		foreignText: foreignTexts["en"], languageVariable: Languages[0],
		foreignSenderControl.ModeVariable: "off", suspendedLookup: "synced", localOnlyLookup: "synced", protectedVariant: "clients",
	} {
		_, section, found := strings.Cut(cfg, "["+variable+"]\n")
		require.True(t, found, variable)
		section, _, _ = strings.Cut(section, "\n\n")
		for _, language := range []string{"[de]", "[en]"} {
			_, text, _ := strings.Cut(section, "Description"+language+"=")
			text, _, _ = strings.Cut(text, "\n")
			if language == "[de]" {
				assert.Contains(t, text, "Ist die Variable nicht gesetzt, gilt '"+preset+"'", variable)
			} else {
				assert.Contains(t, text, "If the variable is unset, '"+preset+"' applies", variable)
			}
		}
	}
}
