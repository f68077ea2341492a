package ucr

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// template gives the path of a target's template.
func (p Program) template(target string) string {
	return below(p.Root, filepath.Join("etc/univention/templates/files", target))
}

// templates gives the templates of a multifile in the order in which ucr uses them, which is by base name. These are
// the subfiles that the .info files declare for the multifile or, when they declare none, all files of its folder.
func (p Program) templates(multifile string) ([]string, error) {
	var templates []string
	for _, subfile := range p.declarations().subfiles(multifile) {
		// ucr passes over a subfile whose package was removed.
		if _, err := os.Stat(p.template(subfile)); err == nil {
			templates = append(templates, p.template(subfile))
		}
	}
	if templates != nil {
		return templates, nil
	}
	folder := p.template(multifile + ".d")
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, fmt.Errorf("cannot find the templates of %s: %w", multifile, err)
	}
	for _, entry := range entries {
		if !entry.IsDir() && !leftover(entry.Name()) {
			templates = append(templates, filepath.Join(folder, entry.Name()))
		}
	}
	if templates == nil {
		return nil, fmt.Errorf("cannot find the templates of %s: %s is empty: %w", multifile, folder, fs.ErrNotExist)
	}
	return templates, nil
}

// leftover reports whether a file is one that dpkg or an editor leaves beside another file.
func leftover(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") ||
		strings.Contains(name, ".dpkg-") || strings.Contains(name, ".ucf-")
}

// read reads templates.
func read(templates []string) ([][]byte, error) {
	sources := make([][]byte, len(templates))
	for i, template := range templates {
		source, err := os.ReadFile(template)
		if err != nil {
			return nil, err
		}
		sources[i] = source
	}
	return sources, nil
}

// marks are around what UCR replaces in a template: the name of a variable, and Python code.
var marks = []string{"@%@", "@!@"}

// separable tells whether templates in a row mean the same as each alone. They do not if a mark has no partner in its
// template: UCR would look for it in the next one. A value of the registry with a mark in it could bring such a mark.
func separable(sources [][]byte, reg *Registry) bool {
	for _, mark := range marks {
		for _, source := range sources {
			if bytes.Count(source, []byte(mark))%2 != 0 {
				return false
			}
		}
		if slices.ContainsFunc(reg.Prefix(""), func(v Variable) bool { return strings.Contains(v.Text, mark) }) {
			return false
		}
	}
	return true
}
