package package_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Packages beside the one that was built, made from it or for it with dpkg-deb(1).

// older is the package as version 0.1.0 was: its maintainer scripts and its .info file, which named main.cf as a
// multifile of its own. They are kept in testdata; the program is the one of today.
func older(t *testing.T) string {
	t.Helper()
	return rebuild(t, "0.1.0", func(dir string) {
		for _, script := range []string{"preinst", "postinst", "prerm", "postrm"} {
			copyFile(t, filepath.Join("testdata/0.1.0", script), filepath.Join(dir, "DEBIAN", script), 0o755)
		}
		for _, later := range []string{"DEBIAN/triggers", "var/lib/ucs-harden", "var/lib/univention-appcenter", "etc/univention/templates/scripts"} {
			require.NoError(t, os.RemoveAll(filepath.Join(dir, later)))
		}
		units, err := filepath.Glob(filepath.Join(dir, "lib/systemd/system/ucs-harden-sync*"))
		require.NoError(t, err)
		for _, unit := range units {
			require.NoError(t, os.Remove(unit))
		}
		dropConffiles(t, dir)
		copyFile(t, "testdata/0.1.0/ucs-harden.info", filepath.Join(dir, infoFile), 0o644)
	})
}

// newer is a version to come, whose templates and .info file differ from today's.
func newer(t *testing.T) string {
	t.Helper()
	return rebuild(t, "99.0.0", func(dir string) {
		for _, path := range []string{infoFile, templates + "ldap.ucs-harden-logins"} {
			file, err := os.OpenFile(filepath.Join(dir, path), os.O_APPEND|os.O_WRONLY, 0)
			require.NoError(t, err)
			_, err = file.WriteString("\n# a later version\n")
			require.NoError(t, err)
			require.NoError(t, file.Close())
		}
	})
}

// dropConffiles takes the conffiles that are not there out of the list of conffiles.
func dropConffiles(t *testing.T, dir string) {
	t.Helper()
	list, err := os.ReadFile(dir + "/DEBIAN/conffiles")
	require.NoError(t, err)
	var kept strings.Builder
	for line := range strings.Lines(string(list)) {
		if _, err := os.Lstat(filepath.Join(dir, strings.TrimSpace(line))); err == nil {
			kept.WriteString(line)
		}
	}
	require.NoError(t, os.WriteFile(dir+"/DEBIAN/conffiles", []byte(kept.String()), 0o644))
}

// rebuild unpacks the package that was built, lets change change it, and packs it as another version.
func rebuild(t *testing.T, version string, change func(dir string)) string {
	t.Helper()
	dir := t.TempDir()
	call(t, "dpkg-deb", "--raw-extract", deb(t), dir+"/tree")
	control, err := os.ReadFile(dir + "/tree/DEBIAN/control")
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(control)) {
		if strings.HasPrefix(line, "Version:") {
			line = "Version: " + version + "\n"
		}
		lines = append(lines, line)
	}
	require.NoError(t, os.WriteFile(dir+"/tree/DEBIAN/control", []byte(strings.Join(lines, "")), 0o644))
	change(dir + "/tree")
	return pack(t, dir)
}

// univentionConfig stands in for the package univention-config: whenever a package touches templates/info, it moves the
// .info files of removed packages away, and makes UCR read the others again.
func univentionConfig(t *testing.T, version string) string {
	t.Helper()
	return standIn(t, "univention-config", version, map[string]string{
		"DEBIAN/triggers": "interest /etc/univention/templates/info\n",
		"DEBIAN/postinst": `#!/bin/sh
set -e
[ "$1" = triggered ] || exit 0
cd /etc/univention/templates/info
for file in *.info; do
    case $(dpkg-query --show --showformat '${Status}' "${file%.info}" 2>/dev/null) in
        deinstall* | purge*)
            ucr unregister "${file%.info}"
            mv "$file" ../removed/
            ;;
    esac
done
ucr update
`,
	})
}

// erratum is an update of univention-mail-postfix that brings these templates, and renders what they are for.
func erratum(t *testing.T, version string, templates map[string]string) string {
	t.Helper()
	files := map[string]string{"DEBIAN/postinst": `#!/bin/sh
[ "$1" != configure ] || ucr commit /etc/postfix/main.cf /etc/postfix/master.cf
`}
	for path, content := range templates {
		files[path] = content
	}
	return standIn(t, "univention-mail-postfix", version, files)
}

// standIn packs a small package. Files are given by path; those in DEBIAN are its control files.
func standIn(t *testing.T, name, version string, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["DEBIAN/control"] = fmt.Sprintf("Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: lab\n"+
		"Description: stand-in\n", name, version)
	for path, content := range files {
		path = filepath.Join(dir, "tree", path)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		mode := os.FileMode(0o644)
		if strings.HasPrefix(content, "#!") {
			mode = 0o755
		}
		require.NoError(t, os.WriteFile(path, []byte(content), mode))
	}
	return pack(t, dir)
}

func pack(t *testing.T, dir string) string {
	t.Helper()
	call(t, "dpkg-deb", "--root-owner-group", "-Znone", "--build", dir+"/tree", dir+"/packed.deb")
	return dir + "/packed.deb"
}

func copyFile(t *testing.T, from, to string, mode os.FileMode) {
	t.Helper()
	content, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, content, mode))
	require.NoError(t, os.Chmod(to, mode))
}

func call(t *testing.T, argv ...string) {
	t.Helper()
	said, err := exec.Command(argv[0], argv[1:]...).CombinedOutput()
	require.NoError(t, err, "%s: %s", argv, said)
}
