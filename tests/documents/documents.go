// Package documents reads the project's own documents, so that the tests can hold them against the program.
//
// A document is Markdown, as GitHub shows it. Its fenced blocks are of these kinds:
//
//	```console          commands with their output; tests/cli plays them on a lab server
//	```log              lines of the mail log; tests/cli compares them with those of a real Postfix
//	```text             anything that is no command
//	```sh not run: WHY  commands that no test runs, and the reason
package documents

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Page is a document.
type Page struct {
	Path string // below the project's folder, with slashes
	Text string
	// Blocks are the blocks of code, in order. Links are the destinations of links and images. Anchors are the names that
	// a link to a heading may use. Codes are the pieces of code within sentences.
	Blocks  []Block
	Links   []string
	Anchors []string
	Codes   []string
}

// Block is a block of code.
type Block struct {
	Info string // what stands behind the fence; "indented" for a block without a fence
	Text string
}

// Public are the documents for administrators: README.md, SECURITY.md and docs/. root is the project's folder.
func Public(root string) ([]Page, error) {
	paths := []string{"README.md", "SECURITY.md"}
	err := filepath.WalkDir(filepath.Join(root, "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".md") {
			path, err = filepath.Rel(root, path)
			paths = append(paths, filepath.ToSlash(path))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return Read(root, paths...)
}

// Read reads documents.
func Read(root string, paths ...string) ([]Page, error) {
	var pages []Page
	for _, path := range paths {
		content, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return nil, err
		}
		pages = append(pages, Parse(path, content))
	}
	return pages, nil
}

// Parse parses a document.
func Parse(path string, source []byte) Page {
	p := Page{Path: path, Text: string(source)}
	tree := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(source))
	used := map[string]int{}
	_ = ast.Walk(tree, func(n ast.Node, entering bool) (ast.WalkStatus, error) { // the function returns no error
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.FencedCodeBlock:
			info := ""
			if n.Info != nil {
				info = string(n.Info.Segment.Value(source))
			}
			p.Blocks = append(p.Blocks, Block{info, lines(n, source)})
		case *ast.CodeBlock:
			p.Blocks = append(p.Blocks, Block{"indented", lines(n, source)})
		case *ast.Link:
			p.Links = append(p.Links, string(n.Destination))
		case *ast.Image:
			p.Links = append(p.Links, string(n.Destination))
		case *ast.CodeSpan:
			p.Codes = append(p.Codes, strings.ReplaceAll(words(n, source), "\n", " "))
		case *ast.Heading:
			p.Anchors = append(p.Anchors, anchor(words(n, source), used))
		}
		return ast.WalkContinue, nil
	})
	return p
}

func lines(n ast.Node, source []byte) string {
	var out strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		out.Write(line.Value(source))
	}
	return out.String()
}

// words is the text below a node, without its markup.
func words(n ast.Node, source []byte) string {
	var out strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if t, ok := c.(*ast.Text); ok {
			out.Write(t.Segment.Value(source))
			if t.SoftLineBreak() {
				out.WriteByte('\n')
			}
			continue
		}
		out.WriteString(words(c, source))
	}
	return out.String()
}
