package package_test

import (
	"os/exec"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"ucs-harden/tests/documents"
)

// The documents are in the package as they are here, so that their links lead somewhere: not compressed, and with the
// pictures and files to which they link.
func TestLinksOfTheDocumentsInThePackage(t *testing.T) {
	list, err := exec.Command("dpkg-deb", "--contents", deb(t)).Output()
	require.NoError(t, err)
	has := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m) \./usr/share/doc/ucs-harden/(\S+)$`).FindAllStringSubmatch(string(list), -1) {
		has[strings.TrimSuffix(m[1], "/")] = true
	}
	pages, err := documents.Public("../..")
	require.NoError(t, err)
	for _, p := range pages {
		assert.True(t, has[p.Path], "the package lacks %s", p.Path)
		for _, link := range p.Links {
			file, _, _ := strings.Cut(link, "#")
			if target := path.Join(path.Dir(p.Path), file); file != "" && !strings.Contains(link, "://") {
				assert.True(t, has[target], "%s links to %s, which the package lacks", p.Path, link)
			}
		}
	}
}
