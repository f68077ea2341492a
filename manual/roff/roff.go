// Package roff makes what man(1) reads of a manual page in Markdown. It is a package of its own because the installed
// program has no use for it.
package roff

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/cpuguy83/go-md2man/v2/md2man"

	"ucs-harden/manual"
)

// Render is the page in roff.
func Render(p manual.Page, version string) []byte { return md2man.Render([]byte(p.Markdown(version))) }

// Write writes pages into a folder.
func Write(dir, version string, pages []manual.Page) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot write the manual pages: %w", err)
	}
	for _, p := range pages {
		if err := os.WriteFile(filepath.Join(dir, p.File()), Render(p, version), 0o644); err != nil {
			return fmt.Errorf("cannot write the manual pages: %w", err)
		}
	}
	return nil
}
